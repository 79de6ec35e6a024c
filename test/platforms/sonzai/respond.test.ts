import { Sonzai, sonzaiThinker } from '../../../src/platforms/sonzai/index.js';
import { describeRespondent } from '../respond-conformance.js';
import { SonzaiStandIn } from './stand-in.js';

const KEY = 'sk-S3cr3t+opaque/key';

describeRespondent('sonzai', async ({ fetch, clock, retry }) => {
  const standIn = await SonzaiStandIn.start({ apiKey: KEY });
  const client = new Sonzai({ apiKey: KEY, baseUrl: standIn.url, fetch, clock });
  return {
    respondent: sonzaiThinker({ client, agentId: 'luna', retry, clock }),
    script: (...turns) => void standIn.script.push(...turns),
    asked: () => standIn.asked,
    openStreams: () => standIn.openStreams,
    secrets: [KEY],
    repeatsReply: true,
    close: () => standIn.close(),
  };
});

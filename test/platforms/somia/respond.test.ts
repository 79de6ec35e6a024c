import { SomiaClient, somiaThinker } from '../../../src/platforms/somia/index.js';
import { describeRespondent } from '../respond-conformance.js';
import { SomiaStandIn } from './stand-in.js';

const KEY = 'S3cr3t+opaque/key';

describeRespondent('somia', async ({ fetch, clock, retry }) => {
  const standIn = await SomiaStandIn.start({ apiKey: KEY });
  const client = new SomiaClient({ apiKey: KEY, baseUrl: standIn.url, fetch, clock });
  return {
    respondent: somiaThinker({ client, agentId: 7, retry, clock }),
    script: (...turns) => void standIn.script.push(...turns),
    asked: () => standIn.turns.map(({ body }) => String(body.input_data)),
    openStreams: () => standIn.openStreams,
    secrets: [KEY],
    repeatsReply: false,
    close: () => standIn.close(),
  };
});

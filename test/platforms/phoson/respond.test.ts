import { PhosonClient, phosonThinker } from '../../../src/platforms/phoson/index.js';
import { describeRespondent } from '../respond-conformance.js';
import { PhosonStandIn } from './stand-in.js';

const KEY = 'pk_S3cr3t+opaque/key';

describeRespondent('phoson', async ({ fetch, clock, retry }) => {
  const standIn = await PhosonStandIn.start({ apiKey: KEY });
  const client = new PhosonClient({ apiKey: KEY, baseUrl: standIn.url, fetch, clock });
  return {
    respondent: phosonThinker({ client, agentId: 'agt_1', retry, clock }),
    script: (...turns) => void standIn.script.push(...turns),
    asked: () => standIn.asked,
    openStreams: () => standIn.openStreams,
    secrets: [KEY],
    repeatsReply: true,
    close: () => standIn.close(),
  };
});

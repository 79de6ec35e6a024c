import { SomiaClient, somiaThinker } from 'agentchat-client/platforms/somia';
import { SomiaStandIn } from '../../test/platforms/somia/stand-in.js';
import { echo, type StartBrain } from './brain.js';

const apiKey = 'so-of-the-demo';

export const startSomia: StartBrain = async (plan) => {
  const standIn = await SomiaStandIn.start({ apiKey, reply: echo, plan });
  const client = new SomiaClient({ apiKey, baseUrl: standIn.url });
  return {
    think: somiaThinker({ client, agentId: 7 }),
    async close() {
      client.close();
      await standIn.close();
    },
  };
};

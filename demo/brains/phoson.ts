import { PhosonClient, phosonThinker } from 'agentchat-client/platforms/phoson';
import { PhosonStandIn } from '../../test/platforms/phoson/stand-in.js';
import { echo, type StartBrain } from './brain.js';

const apiKey = 'pk_of_the_demo';

export const startPhoson: StartBrain = async (plan) => {
  const standIn = await PhosonStandIn.start({ apiKey, reply: echo, plan });
  const client = new PhosonClient({ apiKey, baseUrl: standIn.url });
  return {
    think: phosonThinker({ client, agentId: 'agt_1' }),
    async close() {
      client.close();
      await standIn.close();
    },
  };
};

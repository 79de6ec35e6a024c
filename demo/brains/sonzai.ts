import { Sonzai, sonzaiThinker } from 'agentchat-client/platforms/sonzai';
import { SonzaiStandIn } from '../../test/platforms/sonzai/stand-in.js';
import { echo, type StartBrain } from './brain.js';

const apiKey = 'sk-of-the-demo';

export const startSonzai: StartBrain = async (plan) => {
  const standIn = await SonzaiStandIn.start({ apiKey, reply: echo, plan });
  const client = new Sonzai({ apiKey, baseUrl: standIn.url });
  return {
    think: sonzaiThinker({ client, agentId: 'luna' }),
    async close() {
      client.close();
      await standIn.close();
    },
  };
};

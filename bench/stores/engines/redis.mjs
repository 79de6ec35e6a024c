import { Redis } from 'ioredis';
import { redisStore } from '../../../dist/stores/redis.js';

export const open = (url) => redisStore({ url, agent: 'bench' });

/** What the engine costs by itself. */
export async function bareWriter(url) {
  const client = new Redis(url);
  return {
    write: (key, text) => client.set(key, text),
    close: async () => client.disconnect(),
  };
}

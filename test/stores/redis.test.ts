import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { redisStore } from '../../src/stores/redis/index.js';
import { describeWithEngine } from '../support/servers/engines.js';
import { RedisServer } from '../support/servers/redis-server.js';
import { openRedisDriver } from './kit/drivers.js';
import { describeDriver } from './suite/driver-suite.js';
import { describeStore } from './suite/store-suite.js';

describeWithEngine('Redis', 'Redis', () => {
  let server: RedisServer | undefined;
  let url = RedisServer.givenUrl ?? '';
  let client: Redis;
  let agents = 0;

  beforeAll(async () => {
    server = url === '' ? await RedisServer.start() : undefined;
    url = server?.url() ?? url;
    client = new Redis(url, { lazyConnect: true });
  });
  afterAll(async () => {
    client.disconnect();
    await server?.remove();
  });

  /** A store that no other test has. */
  const agent = () => {
    agents += 1;
    return `agent ${agents} of ${process.pid} at ${Date.now()}`;
  };

  describeDriver('Redis', true, async () => {
    const name = agent();
    return { open: () => openRedisDriver(url, name) };
  });

  describeStore('Redis', { isDurable: true, isShared: true }, async () => {
    const name = agent();
    return { open: (options = {}) => redisStore({ client, agent: name, ...options }) };
  });
});

import { describe, expect, it } from 'vitest';
import { agent, connect, withServer } from './kit.js';

const SHORT = { heartbeatIntervalMs: 40, heartbeatTimeoutMs: 40 };

describe('the heartbeat', () => {
  it('pings at intervals and keeps a socket that answers', () =>
    withServer({ heartbeatIntervalMs: 20, heartbeatTimeoutMs: 5_000 }, async (server) => {
      const socket = await connect(agent(server, 'bob'));
      for (let pings = 0; pings < 5; pings += 1)
        await new Promise((resolve) => socket.ws.once('ping', resolve));
      expect(server.connections('bob')).toBe(1);
      socket.close();
    }));

  it('closes a socket that does not answer with 1001 "Heartbeat timeout"', () =>
    withServer(SHORT, async (server) => {
      const socket = await connect(agent(server, 'bob'), { autoPong: false });
      expect(await socket.closed).toEqual({ code: 1001, reason: 'Heartbeat timeout' });
      expect(server.connections('bob')).toBe(0);
    }));

  it('gives a half-open connection up without a word to it', () =>
    withServer(SHORT, async (server) => {
      const socket = await connect(agent(server, 'bob'));
      expect(server.faults.halfOpen('bob')).toBe(1);
      await expect.poll(() => server.connections('bob'), { timeout: 5_000 }).toBe(0);
      expect(socket.ws.readyState).toBe(socket.ws.OPEN);
      socket.close();
    }));
});

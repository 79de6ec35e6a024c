import { describe, expect, it } from 'vitest';
import { type LocalServerOptions, startLocalServer } from '../../src/local-server/index.js';
import { ACK, agent, connect, seqs, withServer } from './kit.js';

describe('quirks', () => {
  it.each([
    [undefined, true],
    [false, false],
  ])('messages carry context, or do not (%s)', (messageContext, has) =>
    withServer({ quirks: { messageContext } }, async (server) => {
      const bob = agent(server, 'bob');
      const sent = await agent(server, 'alice').send('bob', 'hi');
      for (const message of [sent.body, ...(await bob.sync()).body]) {
        expect(Object.hasOwn(message, 'context')).toBe(has);
      }
    }),
  );

  it.each([
    [undefined, [2]],
    [true, [1, 2]],
  ])('a backlog is without what is muted, or with it (%s)', (mutedBacklog, expected) =>
    withServer({ quirks: { mutedBacklog } }, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      await alice.send('bob', 'muted');
      server.mute('bob', { agent: 'alice' });
      const socket = await connect(bob, ACK);
      await socket.settled();
      server.unmute('bob', { agent: 'alice' });
      await alice.send('bob', 'live');
      expect(seqs(await socket.take(expected.length))).toEqual(expected);
      socket.close();
    }),
  );

  it.each([undefined, 'COLD_CAP_EXCEEDED'] as const)(
    'the cold cap is refused with its code (%s)',
    (coldCapCode) =>
      withServer({ limits: 'documented', quirks: { coldCapCode }, now: steps() }, async (server) => {
        const alice = agent(server, 'alice');
        for (let number = 0; number <= 100; number += 1) agent(server, `agent-${number}`);
        for (let number = 0; number < 100; number += 1) {
          expect((await alice.send(`agent-${number}`, 'hi')).status).toBe(201);
        }
        const refused = await alice.send('agent-100', 'hi');
        expect([refused.status, refused.body.code]).toEqual([429, coldCapCode ?? 'RATE_LIMITED']);
      }),
  );

  it.each([
    [{ quirks: { nothing: true } }, '"nothing" is not known to quirks'],
    [{ quirks: { messageContext: 1 } }, '"messageContext" must be true or false'],
    [{ quirks: { coldCapCode: 'X' } }, '"coldCapCode" must be'],
  ])('are refused as %j', async (options, problem) => {
    await expect(startLocalServer(options as unknown as LocalServerOptions)).rejects.toThrow(problem);
  });
});

/** A clock by which nobody sends too fast. */
function steps(): () => number {
  let now = Date.now();
  return () => {
    now += 50;
    return now;
  };
}

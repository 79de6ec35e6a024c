import { describe, expect, it } from 'vitest';
import type { FaultSettings, LocalServer } from '../../src/local-server/index.js';
import { flood } from './flood.js';
import { ACK, agent, type Caller, connect, Socket, seqs, withServer } from './kit.js';

/** A server with a sender and a connected receiver. */
async function withPair(
  mode: 'ack' | 'legacy',
  test: (pair: { server: LocalServer; alice: Caller; bob: Caller; socket: Socket }) => Promise<void>,
): Promise<void> {
  await withServer({ seed: 7 }, async (server) => {
    const alice = agent(server, 'alice');
    const bob = agent(server, 'bob');
    const socket = await connect(bob, mode === 'ack' ? ACK : {});
    await test({ server, alice, bob, socket });
    socket.close();
  });
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe('frame faults by count', () => {
  it('dropFrames: in ack mode the message stays stored', () =>
    withPair('ack', async ({ server, alice, socket }) => {
      server.faults.next('dropFrames', { count: 2 });
      await alice.sendMany('bob', 3);
      expect(seqs([await socket.next()])).toEqual([3]);
      expect(server.undelivered('bob').map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect(server.faults.counts().dropFrames).toBe(2);
    }));

  it('dropFrames: in legacy mode the message counts as delivered', () =>
    withPair('legacy', async ({ server, alice, socket }) => {
      server.faults.next('dropFrames');
      await alice.sendMany('bob', 2);
      expect(seqs([await socket.next()])).toEqual([2]);
      expect(server.undelivered('bob')).toEqual([]);
    }));

  it('hits first and last frames: by skip, by handle, by what the frame says', () =>
    withPair('legacy', async ({ server, alice, bob, socket }) => {
      const carol = agent(server, 'carol');
      const other = await connect(carol);
      server.faults.next('dropFrames', { handle: '@Bob', match: ({ payload }) => payload.seq === 1 });
      server.faults.next('dropFrames', { handle: 'bob', skip: 3 });
      server.faults.next('dropFrames', {
        match: () => {
          throw new Error('a test that throws fits nothing');
        },
      });
      await alice.sendMany('carol', 1);
      await alice.sendMany('bob', 5);
      expect(seqs(await socket.take(3))).toEqual([2, 3, 4]);
      expect(seqs([await other.next()])).toEqual([1]);
      expect(server.faults.counts().dropFrames).toBe(2);
      expect((await bob.sync()).body).toEqual([]);
      other.close();
    }));

  it('duplicateFrames', () =>
    withPair('ack', async ({ server, alice, socket }) => {
      server.faults.next('duplicateFrames', { skip: 1 });
      await alice.sendMany('bob', 3);
      expect(seqs(await socket.take(4))).toEqual([1, 2, 2, 3]);
    }));

  it('reorderFrames: behind later frames, or 30 ms late when there are none', () =>
    withPair('ack', async ({ server, alice, socket }) => {
      server.faults.next('reorderFrames');
      await flood(alice, 'bob', 5);
      const order = seqs(await socket.take(5));
      expect(order.indexOf(1)).toBeGreaterThan(0);
      expect(order.filter((seq) => seq !== 1)).toEqual([2, 3, 4, 5]);
      server.faults.next('reorderFrames');
      await alice.send('bob', 'nothing comes after this');
      expect(seqs([await socket.next()])).toEqual([6]);
    }));

  it('delayFrames: later frames overtake', () =>
    withPair('legacy', async ({ server, alice, socket }) => {
      server.faults.next('delayFrames', { minMs: 100, maxMs: 120 });
      await alice.sendMany('bob', 2);
      expect(server.undelivered('bob')).toEqual([]);
      expect(seqs(await socket.take(2))).toEqual([2, 1]);
    }));

  it.each([
    ['before', 1],
    ['after', 0],
  ] as const)('cutConnections: destroyed %s the frame was marked written', (when, undelivered) =>
    withPair('legacy', async ({ server, alice, socket }) => {
      server.faults.next('cutConnections', { when });
      await alice.sendMany('bob', 1);
      expect((await socket.closed).code).toBe(1006);
      expect(server.undelivered('bob')).toHaveLength(undelivered);
      expect(server.connections('bob')).toBe(0);
    }),
  );

  it('halfOpen: silent in both directions, and in legacy mode the server goes on "delivering"', () =>
    withPair('legacy', async ({ server, alice, socket }) => {
      server.faults.next('halfOpen', { skip: 1 });
      await alice.sendMany('bob', 4);
      expect(seqs([await socket.next()])).toEqual([1]);
      expect(server.undelivered('bob')).toEqual([]);
      expect(server.connections('bob')).toBe(1);
      // Neither a ping nor a proper close is answered.
      let heard = false;
      socket.ws.on('pong', () => {
        heard = true;
      });
      socket.ws.ping();
      socket.ws.close();
      const witness = await connect(agent(server, 'carol'));
      for (let round = 0; round < 5; round += 1) await witness.settled();
      expect(heard).toBe(false);
      expect(socket.ws.readyState).toBe(socket.ws.CLOSING);
      expect(socket.frames).toHaveLength(2);
      // When the client gives up, the server notices.
      socket.ws.terminate();
      await expect.poll(() => server.connections('bob'), { timeout: 5_000 }).toBe(0);
      witness.close();
    }));

  it('halfOpen: in ack mode everything stays stored', () =>
    withPair('ack', async ({ server, alice }) => {
      server.faults.next('halfOpen');
      await alice.sendMany('bob', 3);
      expect(server.undelivered('bob')).toHaveLength(3);
    }));

  it('strike the backlog as well, and never hello.ok', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      await alice.sendMany('bob', 3);
      server.faults.next('dropFrames');
      const socket = await connect(bob, ACK);
      expect(seqs(await socket.take(2))).toEqual([2, 3]);
      socket.close();
    }));
});

describe('frame faults by rate', () => {
  /** What a receiver sees of 400 messages. */
  const run = async (faults: FaultSettings, seed = 3, crowd = false) => {
    let result = { order: [] as (number | undefined)[], counts: {} as Record<string, number> };
    await withServer({ faults, seed }, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const socket = await connect(bob, ACK);
      const noise = crowd ? [agent(server, 'carol'), agent(server, 'dave')] : [];
      const sockets = await Promise.all(noise.map((caller) => connect(caller, ACK)));
      await Promise.all([
        flood(alice, 'bob', 400),
        ...noise.map(({ apiKey }, at) => flood(alice, ['carol', 'dave'][at] ?? apiKey, 50, `noise-${at}`)),
      ]);
      server.faults.set({ dropFrames: 0, delayFrames: 0, reorderFrames: 0, duplicateFrames: 0 });
      await alice.call('POST', '/v1/messages', { to: 'bob', client_msg_id: 'end', content: { text: 'end' } });
      const frames = [];
      // Frames that were held back or delayed may come after the one that was sent last.
      const isLate = faults.reorderFrames !== undefined || faults.delayFrames !== undefined;
      for (let isOver = false; !isOver; ) {
        const frame = await socket.next();
        const isEnd = frame.payload?.client_msg_id === 'end';
        if (!isEnd) frames.push(frame);
        isOver = isLate ? frames.length === 400 : isEnd;
      }
      result = { order: seqs(frames), counts: server.faults.counts() };
      for (const each of [socket, ...sockets]) each.close();
    });
    return result;
  };

  it.each([
    ['dropFrames', (order: unknown[], struck: number) => expect(order).toHaveLength(400 - struck)],
    ['duplicateFrames', (order: unknown[], struck: number) => expect(order).toHaveLength(400 + struck)],
  ] as const)('%s strikes about as often as asked', async (kind, check) => {
    const { order, counts } = await run({ [kind]: 0.25 });
    const struck = counts[kind] ?? 0;
    expect(struck).toBeGreaterThan(60);
    expect(struck).toBeLessThan(140);
    check(order, struck);
  });

  it('a rate of 1 strikes always, one of 0 never', async () => {
    expect((await run({ dropFrames: 1 })).order).toEqual([]);
    expect((await run({ dropFrames: 0 })).order).toEqual(range(1, 400));
  });

  it('reorderFrames breaks the order and loses nothing', async () => {
    const { order } = await run({ reorderFrames: 0.3 });
    expect(order).not.toEqual(range(1, 400));
    expect([...order].sort((one, other) => Number(one) - Number(other))).toEqual(range(1, 400));
  });

  it('delayFrames breaks the order', async () => {
    const { order, counts } = await run({ delayFrames: { rate: 0.1, minMs: 1, maxMs: 5 } });
    expect(counts.delayFrames).toBeGreaterThan(0);
    expect(order).not.toEqual(range(1, 400));
    expect([...order].sort((one, other) => Number(one) - Number(other))).toEqual(range(1, 400));
  });

  it('is a matter of the seed, and not of who else is connected', async () => {
    const faults: FaultSettings = { dropFrames: 0.2 };
    const first = await run(faults, 11);
    expect((await run(faults, 11)).order).toEqual(first.order);
    expect((await run(faults, 11, true)).order).toEqual(first.order);
    expect((await run(faults, 12)).order).not.toEqual(first.order);
  });

  it('strikes only the agent that it is set for', () =>
    withServer({ faults: { dropFrames: { rate: 1, only: 'carol' } } }, async (server) => {
      const alice = agent(server, 'alice');
      const [bob, carol] = [await connect(agent(server, 'bob')), await connect(agent(server, 'carol'))];
      await alice.sendMany('carol', 2);
      await alice.sendMany('bob', 2);
      expect(seqs(await bob.take(2))).toEqual([1, 2]);
      await carol.settled();
      expect(carol.frames).toHaveLength(1);
      server.faults.set({ dropFrames: 1, only: 'bob' });
      await alice.send('carol', 'arrives');
      await alice.send('bob', 'does not');
      expect(seqs([await carol.next()])).toEqual([3]);
      await bob.settled();
      expect(bob.frames).toHaveLength(3);
      bob.close();
      carol.close();
    }));

  it.each([['cutConnections'], ['halfOpen']] as const)('%s breaks connections', (kind) =>
    withServer(
      { faults: { [kind]: 0.5 }, heartbeatIntervalMs: 30, heartbeatTimeoutMs: 500 },
      async (server) => {
        const alice = agent(server, 'alice');
        const bob = agent(server, 'bob');
        const socket = await connect(bob, ACK);
        for (let sent = 0; server.faults.counts()[kind] === 0 && sent < 100; sent += 1)
          await alice.send('bob', 'x');
        expect(server.faults.counts()[kind]).toBe(1);
        await expect.poll(() => server.connections('bob'), { timeout: 5_000 }).toBe(0);
        socket.close();
      },
    ),
  );
});

describe('frame faults by command', () => {
  it('cut destroys the sockets of one agent, or all', () =>
    withServer({}, async (server) => {
      const [bob, carol] = [await connect(agent(server, 'bob')), await connect(agent(server, 'carol'))];
      expect(server.faults.cut('bob')).toBe(1);
      expect((await bob.closed).code).toBe(1006);
      expect(server.connections()).toBe(1);
      expect(server.faults.cut()).toBe(1);
      expect((await carol.closed).code).toBe(1006);
      expect(server.faults.counts().cutConnections).toBe(2);
    }));

  it('shutOut keeps an agent out until it is lifted', () =>
    withServer({}, async (server) => {
      const bob = agent(server, 'bob');
      const socket = await connect(bob);
      server.faults.shutOut('bob', true);
      expect((await socket.closed).code).toBe(1006);
      const byHello = new Socket(server, bob.apiKey);
      expect((await byHello.closed).code).toBe(1006);
      const byHeader = new Socket(server, bob.apiKey, { inHeader: true });
      const status = new Promise((resolve) => {
        byHeader.ws.on('unexpected-response', (_, response) => {
          resolve(response.statusCode);
          response.destroy();
        });
      });
      expect(await status).toBe(503);
      expect((await bob.sync()).status).toBe(200);
      server.faults.shutOut('bob', true, { rest: true });
      expect((await bob.sync()).status).toBe(503);
      server.faults.shutOut('bob', false);
      expect((await bob.sync()).status).toBe(200);
      (await connect(bob)).close();
    }));

  it('clear ends rates, counts and shut-outs', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      server.faults.set({ dropFrames: 1, restUnavailable: 1 });
      server.faults.next('dropFrames', { count: 5 });
      server.faults.shutOut('bob', true, { rest: true });
      server.faults.clear();
      const socket = await connect(bob);
      await alice.sendMany('bob', 1);
      expect(seqs([await socket.next()])).toEqual([1]);
      socket.close();
    }));
});

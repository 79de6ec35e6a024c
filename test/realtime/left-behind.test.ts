import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../src/stores/index.js';
import { message, row } from './catchup/engine-rig.js';
import { ClientRig } from './client-rig.js';
import { watchPromise } from './connection/support.js';

/** A client whose handlers end when the test says so. */
class LeavingRig extends ClientRig {
  readonly ends = new Map<string, () => void>();

  static async connected(
    options: ConstructorParameters<typeof ClientRig>[0] = {},
    capabilities: unknown = ['ack'],
  ): Promise<LeavingRig> {
    const rig = new LeavingRig(options);
    rig.client.on('message.new', ({ payload }) => new Promise<void>((end) => rig.ends.set(payload.id, end)));
    void rig.client.connect();
    await rig.accept(capabilities);
    return rig;
  }

  /** Stops with half a second for the handlers, which do not end. */
  async left(): Promise<void> {
    const stopped = watchPromise(this.client.disconnect({ deadlineMs: 500 }));
    await this.clock.advance(500);
    expect(stopped.outcome).toBe('resolved');
    expect(this.client.state).toBe('idle');
  }

  async end(id: string): Promise<void> {
    this.ends.get(id)?.();
    await this.clock.settle();
  }

  get acked(): string[] {
    const frames = this.network.sockets.flatMap(({ sent }) => sent.map((text) => JSON.parse(text)));
    return frames.filter(({ type }) => type === 'ack').map(({ message_id }) => message_id);
  }

  get codes(): string[] {
    return this.errors.map(({ code }) => code);
  }
}

describe('STOP-3: what a stop leaves behind', () => {
  it('is reported with its ids', async () => {
    const rig = await LeavingRig.connected();
    await rig.frame(message(1), message(2), message(1, 'conv_b'));
    await rig.left();
    expect(rig.codes).toEqual(['HANDLERS_LEFT']);
    expect(rig.errors[0]?.message).toContain('a1 of conv_a, b1 of conv_b');
    expect(rig.errors[0]?.details).toEqual({
      messages: [
        { messageId: 'a1', conversationId: 'conv_a' },
        { messageId: 'b1', conversationId: 'conv_b' },
      ],
    });
  });

  it('is nothing when the handlers end in time', async () => {
    const rig = await LeavingRig.connected();
    await rig.frame(message(1));
    void rig.client.disconnect({ deadlineMs: 500 });
    await rig.end('a1');
    await rig.clock.advance(500);
    expect([rig.codes, rig.acked, rig.network.alive]).toEqual([[], ['a1'], []]);
  });

  it('is acknowledged when its handlers end after all, and then the socket closes', async () => {
    const rig = await LeavingRig.connected();
    await rig.frame(message(1), message(1, 'conv_b'));
    await rig.left();
    await rig.clock.advance(10_000);
    await rig.end('a1');
    expect(rig.acked).toEqual(['a1']);
    expect(rig.network.last.farewell).toBeNull();
    await rig.end('b1');
    expect(rig.acked).toEqual(['a1', 'b1']);
    expect(rig.network.last.farewell).toMatchObject({ code: 1000 });
    await rig.clock.advance(250);
    expect([rig.network.alive, rig.clock.pendingTimers]).toEqual([[], 0]);
  });

  it('is acknowledged by frame where it was read from the queue: REST is not asked any more', async () => {
    const rig = new LeavingRig();
    rig.source.rows = [row(1)];
    rig.client.on('message.new', ({ payload }) => new Promise<void>((end) => rig.ends.set(payload.id, end)));
    await rig.connected();
    await rig.left();
    const asked = rig.source.asked.length;
    await rig.end('a1');
    expect([rig.acked, rig.source.asked.length]).toEqual([['a1'], asked]);
  });

  it('is saved first where there is a store (ACK-1)', async () => {
    const store = new MemoryStore();
    const rig = await LeavingRig.connected({ store });
    await rig.frame(message(1));
    await rig.left();
    await rig.end('a1');
    expect(rig.acked).toEqual(['a1']);
    expect(await store.load('conv_a')).toMatchObject({ expected: 2 });
  });

  it('is not waited for longer than two seconds by a store that fails', async () => {
    const store = { load: async () => null, save: () => Promise.reject(new Error('the disk is full')) };
    const rig = await LeavingRig.connected({ store });
    await rig.frame(message(1));
    await rig.left();
    await rig.end('a1');
    await rig.clock.advance(2_250);
    expect([rig.acked, rig.network.alive, rig.clock.pendingTimers]).toEqual([[], [], 0]);
  });

  it('keeps the socket for a minute at most, and not the process', async () => {
    const rig = await LeavingRig.connected();
    await rig.frame(message(1));
    let letGo = 0;
    rig.network.last.letGo = () => {
      letGo += 1;
    };
    await rig.left();
    expect(rig.client.explain().summary).toMatch(
      /The socket stays open to acknowledge what the remaining handlers finish/,
    );
    expect([letGo, rig.clock.pendingForegroundTimers]).toEqual([1, 0]);
    await rig.clock.advance(59_900);
    expect(rig.network.alive).toHaveLength(1);
    await rig.clock.advance(400);
    expect([rig.network.alive, rig.clock.pendingTimers]).toEqual([[], 0]);
    await rig.end('a1');
    expect(rig.acked).toEqual([]);
  });

  it('does not keep the socket of a session that takes no acks', async () => {
    const rig = await LeavingRig.connected({}, []);
    await rig.frame(message(1));
    const stopped = watchPromise(rig.client.disconnect({ deadlineMs: 500 }));
    await rig.clock.advance(750);
    expect([stopped.outcome, rig.network.alive, rig.codes]).toEqual(['resolved', [], ['HANDLERS_LEFT']]);
  });

  it('starts nothing, takes nothing in and asks nothing meanwhile (STOP-1)', async () => {
    const rig = await LeavingRig.connected();
    await rig.frame(message(1), message(2));
    await rig.left();
    const asked = rig.source.asked.length;
    await rig.frame(message(1, 'conv_b'));
    await rig.clock.advance(30_000);
    await rig.end('a1');
    expect([...rig.ends.keys()]).toEqual(['a1']);
    expect(rig.source.asked).toHaveLength(asked);
    expect(() => rig.client.send({ type: 'x' } as never)).toThrow(/Not connected/);
  });

  it.each(['connect', 'disconnect'] as const)('is given up at once by %s()', async (call) => {
    const rig = await LeavingRig.connected();
    await rig.frame(message(1));
    await rig.left();
    const called = watchPromise(rig.client[call]());
    await rig.clock.advance(250);
    expect(rig.network.sockets[0]?.state).toBe('discarded');
    if (call === 'connect') await rig.accept();
    expect(called.outcome).toBe('resolved');
    expect(rig.network.alive).toHaveLength(call === 'connect' ? 1 : 0);
    // What ends in the next life is acknowledged there.
    await rig.end('a1');
    expect(rig.acked).toEqual(call === 'connect' ? ['a1'] : []);
  });

  it('is given up when the socket ends', async () => {
    const rig = await LeavingRig.connected();
    await rig.frame(message(1));
    await rig.left();
    rig.network.last.end();
    await rig.clock.settle();
    expect([rig.network.alive, rig.clock.pendingTimers]).toEqual([[], 0]);
    await rig.connected();
    await rig.end('a1');
    expect(rig.acked).toEqual(['a1']);
  });

  it('lets closed fulfil at the deadline', async () => {
    const rig = await LeavingRig.connected();
    await rig.frame(message(1));
    const closed = watchPromise(rig.client.closed);
    await rig.left();
    expect(closed.outcome).toBe('resolved');
  });
});

import { describe, expect, it } from 'vitest';
import type { AgentChatError } from '../../../src/errors/index.js';
import { RestAcks } from '../../../src/realtime/acking/cursor-acks.js';
import { BackgroundRest } from '../../../src/realtime/catchup/rest-gate.js';
import { newCounters } from '../../../src/realtime/explain/counters.js';
import { Life } from '../../../src/realtime/util/life.js';
import { VirtualClock } from '../../support/virtual-clock.js';
import { answer } from '../catchup/answers.js';

class RestAcksRig {
  readonly clock = new VirtualClock();
  readonly counters = newCounters();
  readonly sent: { cursor: string; at: number }[] = [];
  readonly errors: AgentChatError[] = [];
  life = new Life();
  /** What the service does with the next acknowledgement; afterwards it takes them all. */
  next: (() => Promise<{ acked: number }>)[] = [];
  readonly acks: RestAcks;

  constructor() {
    const { clock } = this;
    this.acks = new RestAcks(
      clock,
      {
        getMessages: async () => [],
        sync: async () => [],
        syncAck: (cursor) => {
          this.sent.push({ cursor, at: clock.now() });
          return this.next.shift()?.() ?? Promise.resolve({ acked: 1 });
        },
      },
      new BackgroundRest(clock, 20),
      this.counters,
      (error) => this.errors.push(error),
      () => this.life,
    );
  }

  get cursors(): string[] {
    return this.sent.map(({ cursor }) => cursor);
  }
}

describe('ACK-2: the acknowledgement by cursor', () => {
  it('is sent once for many rows of one turn of the loop', async () => {
    const rig = new RestAcksRig();
    for (let n = 0; n < 500; n += 1) rig.acks.advance(`del_${n}`);
    await rig.clock.settle();
    expect(rig.cursors).toEqual(['del_499']);
    expect(rig.counters.restAcks).toBe(1);
  });

  it('is one request at a time, the newest cursor each, four a second at most', async () => {
    const rig = new RestAcksRig();
    for (let n = 0; n < 40; n += 1) {
      rig.acks.advance(`del_${n}`);
      await rig.clock.advance(50);
    }
    await rig.clock.advance(1_000);
    expect(rig.cursors.at(-1)).toBe('del_39');
    expect(rig.sent.map(({ at }) => at)).toEqual([0, 250, 500, 750, 1_000, 1_250, 1_500, 1_750, 2_000]);
    await rig.acks.flush();
  });

  it('does not forget a cursor that falls due in the moment in which the last request ends', async () => {
    const rig = new RestAcksRig();
    rig.next = [
      () => {
        const done = Promise.resolve({ acked: 1 });
        void done
          .then(() => {})
          .then(() => {})
          .then(() => rig.acks.advance('del_2'));
        return done;
      },
    ];
    rig.acks.advance('del_1');
    await rig.clock.advance(5_000);
    expect(rig.cursors).toEqual(['del_1', 'del_2']);
  });

  it('is tried again after passing failures, with the newest cursor, never before a Retry-After', async () => {
    const rig = new RestAcksRig();
    rig.next = [
      () => Promise.reject(new TypeError('fetch failed')),
      () => Promise.reject(answer(429, { retryAfterMs: 20_000 })),
    ];
    rig.acks.advance('del_1');
    await rig.clock.advance(100);
    rig.acks.advance('del_2');
    await rig.clock.advance(60_000);
    expect(rig.cursors).toEqual(['del_1', 'del_2', 'del_2']);
    const [, second, third] = rig.sent;
    expect((third?.at ?? 0) - (second?.at ?? 0)).toBeGreaterThanOrEqual(20_000);
    expect(rig.errors).toEqual([]);
  });

  it('is tried again with the cursor that fell due while the failing request was under way', async () => {
    const rig = new RestAcksRig();
    let fail = (_: unknown) => {};
    rig.next = [() => new Promise((_resolve, reject) => (fail = reject))];
    rig.acks.advance('del_1');
    await rig.clock.settle();
    rig.acks.advance('del_2');
    fail(new TypeError('fetch failed'));
    await rig.clock.advance(10_000);
    expect(rig.cursors).toEqual(['del_1', 'del_2']);
  });

  it('that is refused for good is reported, and not repeated', async () => {
    const rig = new RestAcksRig();
    rig.next = [() => Promise.reject(answer(400))];
    rig.acks.advance('del_1');
    await rig.clock.advance(120_000);
    expect(rig.cursors).toEqual(['del_1']);
    expect(rig.errors).toHaveLength(1);
    rig.acks.advance('del_2');
    await rig.clock.settle();
    expect(rig.cursors).toEqual(['del_1', 'del_2']);
  });

  it('waits for the next life when the client stops, and leaves no timer (STOP-1)', async () => {
    const rig = new RestAcksRig();
    rig.next = [() => Promise.reject(new TypeError('fetch failed'))];
    rig.acks.advance('del_1');
    await rig.clock.settle();
    rig.life.end();
    await rig.clock.settle();
    expect(rig.clock.pendingTimers).toBe(0);
    rig.acks.advance('del_2');
    await rig.clock.advance(60_000);
    expect(rig.cursors).toEqual(['del_1']);
    rig.life = new Life();
    rig.acks.resume();
    await rig.clock.settle();
    expect(rig.cursors).toEqual(['del_1', 'del_2']);
  });
});

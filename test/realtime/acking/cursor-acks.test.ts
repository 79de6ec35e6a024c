import { describe, expect, it } from 'vitest';
import type { AgentChatClientError } from '../../../src/errors/index.js';
import { CursorAcks } from '../../../src/realtime/acking/cursor-acks.js';
import type { RestPorts } from '../../../src/realtime/catchup/rest-gate.js';
import { VirtualClock } from '../../support/virtual-clock.js';
import { answer } from '../catchup/answers.js';
import { restPorts } from '../catchup/rest-ports.js';

/** The least time between two requests. */
const SPACING_MS = 250;

class CursorAcksRig {
  readonly clock = new VirtualClock();
  readonly sent: { cursor: string; at: number }[] = [];
  readonly errors: AgentChatClientError[] = [];
  /** What the service does with the next acknowledgement; afterwards it takes them all. */
  next: (() => Promise<{ acked: number }>)[] = [];
  readonly ports: RestPorts;
  readonly acks: CursorAcks;

  constructor() {
    const { clock } = this;
    const source = {
      syncAck: (cursor: string) => {
        this.sent.push({ cursor, at: clock.now() });
        return this.next.shift()?.() ?? Promise.resolve({ acked: 1 });
      },
    };
    this.ports = restPorts(clock, source, (error) => this.errors.push(error));
    this.acks = new CursorAcks(this.ports);
  }

  get cursors(): string[] {
    return this.sent.map(({ cursor }) => cursor);
  }
}

describe('ACK-2: the acknowledgement by cursor', () => {
  it('is sent once for many rows of one turn of the loop', async () => {
    const rig = new CursorAcksRig();
    for (let n = 0; n < 500; n += 1) rig.acks.advance(`del_${n}`);
    await rig.clock.settle();
    expect(rig.cursors).toEqual(['del_499']);
    expect(rig.ports.counters.restAcks).toBe(1);
  });

  it('is one request at a time, the newest cursor each, four a second at most', async () => {
    const rig = new CursorAcksRig();
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
    const rig = new CursorAcksRig();
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
    const rig = new CursorAcksRig();
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

  it('ACK-1: leaves with a new session, however long the pause after failures has grown', async () => {
    const rig = new CursorAcksRig();
    rig.next = Array.from({ length: 8 }, () => () => Promise.reject(answer(503)));
    rig.acks.advance('del_1');
    for (let ms = 0; rig.sent.length < 8; ms += 100) await rig.clock.advance(ms);
    rig.acks.advance('del_2');
    rig.acks.sessionStarted();
    await rig.clock.advance(SPACING_MS);
    expect(rig.cursors.slice(8)).toEqual(['del_2']);
    rig.acks.sessionStarted();
    await rig.clock.advance(60_000);
    expect(rig.sent).toHaveLength(9);
  });

  it('ACK-1: a new session does not undercut a Retry-After', async () => {
    const rig = new CursorAcksRig();
    rig.next = [() => Promise.reject(answer(429, { retryAfterMs: 20_000 }))];
    rig.acks.advance('del_1');
    await rig.clock.advance(100);
    rig.acks.sessionStarted();
    await rig.clock.advance(19_800);
    expect(rig.sent).toHaveLength(1);
    await rig.clock.advance(200);
    expect(rig.sent).toHaveLength(2);
  });

  it('is tried again with the cursor that fell due while the failing request was under way', async () => {
    const rig = new CursorAcksRig();
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
    const rig = new CursorAcksRig();
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
    const rig = new CursorAcksRig();
    rig.next = [() => Promise.reject(new TypeError('fetch failed'))];
    rig.acks.advance('del_1');
    await rig.clock.settle();
    rig.ports.lives.end();
    await rig.clock.settle();
    expect(rig.clock.pendingTimers).toBe(0);
    rig.acks.advance('del_2');
    await rig.clock.advance(60_000);
    expect(rig.cursors).toEqual(['del_1']);
    rig.ports.lives.renew();
    rig.acks.resume();
    await rig.clock.settle();
    expect(rig.cursors).toEqual(['del_1', 'del_2']);
  });
});

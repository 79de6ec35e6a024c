import { describe, expect, it } from 'vitest';
import { EngineRig, message, row } from './engine-rig.js';

/** A message of the first session, which may have been written to a socket that was dead already. */
const created_at = '2026-01-01T00:00:00.000Z';

describe('ORD-3, CATCH-1: a session with acks after one without', () => {
  it('looks for what is older in history: the queue does not show what was written to a dead socket', async () => {
    const rig = new EngineRig();
    await rig.hello(false);
    await rig.lost();
    await rig.hello(true);
    rig.source.history = [1, 2, 3].map((seq) => message(seq, 'conv_a', { created_at }));
    await rig.frame(message(3));
    await rig.clock.advance(1_000);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
  });

  it('does not take the oldest row of the queue for the oldest message that is ours', async () => {
    const rig = new EngineRig();
    await rig.hello(false);
    await rig.lost();
    rig.source.history = [1, 2, 3].map((seq) => message(seq, 'conv_a', { created_at }));
    rig.source.rows = [row(3)];
    await rig.hello(true);
    await rig.clock.advance(1_000);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
  });

  it('asks history nothing where there were acks at all times', async () => {
    const rig = new EngineRig();
    await rig.hello(true);
    rig.source.rows = [row(3)];
    await rig.lost();
    await rig.hello(true);
    await rig.clock.advance(1_000);
    expect(rig.handled).toEqual(['a3']);
    expect(rig.source.count('getMessages')).toBe(0);
  });

  it('looks in history for what a session with acks could not find before one without came in between', async () => {
    const rig = new EngineRig({ reconcileIntervalMs: 0 });
    await rig.hello(true);
    rig.source.next('sync', () => Promise.reject(new TypeError('fetch failed')), 3);
    await rig.frame(message(3));
    await rig.lost();
    // What was undelivered is written to the next socket, which dies with it: the queue is empty from then on.
    rig.source.history = [1, 2, 3].map((seq) => message(seq, 'conv_a', { created_at }));
    await rig.hello(false);
    await rig.lost();
    await rig.hello(true);
    await rig.clock.advance(10_000);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
  });
});

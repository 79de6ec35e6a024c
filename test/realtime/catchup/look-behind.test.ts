import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../src/stores/index.js';
import { answer } from './answers.js';
import { EngineRig, message } from './engine-rig.js';

/** Written after the first `hello.ok`: ours. And long before it: not ours. */
const ours = { created_at: '2026-01-01T00:00:01.000Z' };
const older = { created_at: '2025-06-01T00:00:00.000Z' };

async function legacy(): Promise<EngineRig> {
  const rig = new EngineRig();
  await rig.hello(false);
  await rig.clock.advance(2_000);
  return rig;
}

describe('ORD-3: a look into history believes a break only when it is a second old', () => {
  it('waits for a message that is being written: it may be invisible while a later one is not', async () => {
    const rig = await legacy();
    rig.source.history = [message(7, 'conv_a', older), message(9, 'conv_a', ours)];
    await rig.frame(message(9, 'conv_a', ours));
    await rig.clock.advance(600);
    expect(rig.handled).toEqual([]);
    rig.source.history.splice(1, 0, message(8, 'conv_a', ours));
    await rig.clock.advance(3_000);
    expect(rig.handled).toEqual(['a8', 'a9']);
  });

  it('takes it for a hole after that', async () => {
    const rig = await legacy();
    rig.source.history = [message(7, 'conv_a', older), message(9, 'conv_a', ours)];
    await rig.frame(message(9, 'conv_a', ours));
    await rig.clock.advance(2_500);
    expect(rig.handled).toEqual(['a9']);
    expect(rig.gaps).toEqual([]);
  });

  it('does not wait where nothing is left out, down to what is not ours', async () => {
    const rig = await legacy();
    rig.source.history = [
      message(7, 'conv_a', older),
      message(8, 'conv_a', ours),
      message(9, 'conv_a', ours),
    ];
    await rig.frame(message(9, 'conv_a', ours));
    await rig.clock.advance(50);
    expect(rig.handled).toEqual(['a8', 'a9']);
  });
});

describe('ORD-3: a look into history that fails for long', () => {
  it('goes on when the conversation is evicted meanwhile, where a store knows its place (ORD-2)', async () => {
    const rig = new EngineRig({ store: new MemoryStore(), bounds: { idleConversations: 1 } });
    await rig.hello(false);
    await rig.clock.advance(2_000);
    rig.source.next('getMessages', () => Promise.reject(answer(503, { retryAfterMs: 10_000 })), 2);
    rig.source.history = [message(8, 'conv_a', ours), message(9, 'conv_a', ours)];
    await rig.frame(message(9, 'conv_a', ours));
    // It has waited for five seconds, and has begun without an answer.
    await rig.clock.advance(5_500);
    expect(rig.handled).toEqual(['a9']);
    await rig.frame(message(1, 'conv_b', ours), message(1, 'conv_c', ours));
    expect(rig.engine.order.conversations.get('conv_a')).toBeUndefined();
    await rig.clock.advance(30_000);
    expect(rig.handled).toEqual(['a9', 'b1', 'c1', 'a8']);
  });
});

import { describe, expect, it } from 'vitest';
import { Conversations } from '../../../src/realtime/order/conversations.js';
import { Dice } from './dice.js';
import { messageOf } from './machine-rig.js';
import { SequencerRig } from './sequencer-rig.js';

function touched(conversations: Conversations, id: string, expected = 1): void {
  const conversation = conversations.obtain(id);
  conversation.expected = expected;
  conversation.used = true;
}

describe('ORD-2: the position outlives quiet periods, and is dropped only by the bound of idle conversations', () => {
  it('gives the same record for ever while there is room', () => {
    const conversations = new Conversations(3);
    touched(conversations, 'a', 7);
    touched(conversations, 'b');
    expect(conversations.obtain('a').expected).toBe(7);
    expect(conversations.size).toBe(2);
  });

  it('evicts an idle one beyond the bound, one that was not touched lately', () => {
    const conversations = new Conversations(3);
    for (const id of ['a', 'b', 'c', 'd']) touched(conversations, id);
    expect(conversations.size).toBe(3);
    expect(conversations.get('d')).toBeDefined();
    // The hand has forgiven everybody once; what is touched since then is kept.
    const kept = ['b', 'c', 'd'].filter((id) => conversations.get(id) !== undefined);
    const favourite = kept[0] ?? '';
    for (let n = 0; n < 20; n += 1) {
      touched(conversations, favourite);
      touched(conversations, `new ${n}`);
    }
    expect(conversations.get(favourite)).toBeDefined();
    expect(conversations.size).toBe(3);
  });

  it('never evicts a busy one, nor the newcomer', () => {
    const conversations = new Conversations(2);
    for (const id of ['a', 'b', 'c']) conversations.busyOf(conversations.obtain(id));
    touched(conversations, 'd');
    expect(['a', 'b', 'c', 'd'].every((id) => conversations.get(id) !== undefined)).toBe(true);
  });

  it('stays within the bound under any churn, seeded', () => {
    const dice = new Dice(7);
    const conversations = new Conversations(50);
    for (let n = 0; n < 20_000; n += 1) touched(conversations, `c${dice.int(0, 200)}`);
    expect(conversations.size).toBe(50);
  });
});

describe('ORD-2 in the sequencer', () => {
  it('notices a gap after a quiet period: the next message is no fresh start', async () => {
    const rig = new SequencerRig({ handler: () => undefined });
    rig.arrives(messageOf(1));
    await rig.clock.advance(3_600_000);
    rig.history.set('conv_a', [messageOf(2), messageOf(3)]);
    rig.arrives(messageOf(3));
    expect(rig.acked).toEqual(['m1']);
    await rig.clock.advance(5_000);
    expect(rig.acked).toEqual(['m1', 'm2', 'm3']);
    expect(rig.reports).toMatchObject([{ expectedSeq: 2, bufferedSeq: 3, recovered: true, missing: [] }]);
  });

  it('keeps an idle conversation as its record alone', async () => {
    const rig = new SequencerRig({ handler: () => Promise.resolve() });
    rig.arrives(messageOf(1));
    rig.arrives(messageOf(3));
    rig.arrives(messageOf(2));
    await rig.clock.settle();
    expect(rig.acked).toEqual(['m1', 'm2', 'm3']);
    expect(rig.sequencer.conversations.get('conv_a')?.busy).toBeNull();
    expect(rig.clock.pendingForegroundTimers).toBe(0);
  });

  it('fills at once where a fill showed rows that were never pushed, for ten minutes (GAP-1)', async () => {
    const rig = new SequencerRig({ handler: () => undefined });
    const history = [1, 2, 3].map((seq) => messageOf(seq));
    rig.history.set('conv_a', history);
    rig.arrives(messageOf(1));
    rig.arrives(messageOf(3));
    await rig.clock.advance(1_999);
    expect(rig.fetches).toHaveLength(0);
    await rig.clock.advance(100);
    expect(rig.acked).toEqual(['m1', 'm2', 'm3']);
    history.push(messageOf(4), messageOf(5));
    rig.arrives(messageOf(5));
    await rig.clock.advance(51);
    expect(rig.acked).toEqual(['m1', 'm2', 'm3', 'm4', 'm5']);
    await rig.clock.advance(600_000);
    history.push(messageOf(6), messageOf(7));
    rig.arrives(messageOf(7));
    await rig.clock.advance(1_000);
    expect(rig.acked).not.toContain('m7');
    await rig.clock.advance(2_000);
    expect(rig.acked).toContain('m7');
  });

  it('delivers a message without a usable seq beside the order, once, and moves nothing', async () => {
    const seen: string[] = [];
    const rig = new SequencerRig({ handler: ({ payload }) => seen.push(payload.id) });
    rig.anchor('conv_a', 5);
    rig.arrivesUnordered({ ...messageOf(-1, 'system'), seq: -1 });
    rig.arrivesUnordered({ ...messageOf(-1, 'system'), seq: -1 });
    rig.arrives(messageOf(5));
    await rig.clock.settle();
    expect(seen).toEqual(['system', 'm5']);
    expect(rig.acked).toEqual(['system', 'system', 'm5']);
    expect(rig.stands('conv_a')).toBe('expects 6 from 5');
  });

  it('forgets a conversation in which only messages without seq were seen', async () => {
    const rig = new SequencerRig({ handler: () => Promise.resolve() });
    rig.arrivesUnordered({ ...messageOf(-1, 'system'), seq: -1 });
    await rig.clock.settle();
    expect(rig.acked).toEqual(['system']);
    expect(rig.stands('conv_a')).toBe('unknown');
  });

  it('evicts when conversations become idle, too: while all were busy there was nobody to evict', async () => {
    const rig = new SequencerRig({ bounds: { idleConversations: 2 }, handler: () => Promise.resolve() });
    for (const id of ['a', 'b', 'c', 'd', 'e'])
      rig.arrives({ ...messageOf(1, `m${id}`), conversation_id: id });
    expect(rig.sequencer.conversations.size).toBe(5);
    await rig.clock.settle();
    expect(rig.acked).toHaveLength(5);
    expect(rig.sequencer.conversations.size).toBe(2);
  });

  it('takes a seq of 2^53 - 1 like any other', async () => {
    const rig = new SequencerRig({ handler: () => undefined });
    rig.anchor('conv_a', 5);
    rig.arrives(messageOf(2 ** 53 - 1));
    rig.arrives(messageOf(5));
    await rig.clock.advance(100);
    expect(rig.acked).toEqual(['m5', `m${2 ** 53 - 1}`]);
    expect(rig.stands('conv_a')).toBe('expects 6 from 5');
  });
});

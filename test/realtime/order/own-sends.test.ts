import { describe, expect, it } from 'vitest';
import { MachineRig, messageOf } from './machine-rig.js';
import { SequencerRig } from './sequencer-rig.js';

const WINDOW = 2_000;
const ID = 'conv_a';

describe('GAP-5: own sends consume seqs', () => {
  it('at the expected seq: the conversation goes on behind it', () => {
    const rig = new MachineRig({ expected: 5 });
    rig.consumed(5);
    rig.arrive(6);
    expect(rig.order).toEqual([6]);
    expect(rig.all('gap-opened')).toEqual([]);
  });

  it('above the expected seq: a gap opens, and no unseen seq is passed', () => {
    const rig = new MachineRig({ expected: 5 });
    rig.consumed(7);
    expect(rig.conversation.expected).toBe(5);
    rig.arrive(5);
    expect(rig.conversation.expected).toBe(6);
    rig.pass(WINDOW);
    expect(rig.all('fetch')).toEqual([{ kind: 'fetch', purpose: 'gap', after: 5 }]);
    rig.page(5, [6]);
    expect(rig.order).toEqual([5, 6]);
    expect(rig.conversation.expected).toBe(8);
  });

  it('below the expected seq: nothing happens', () => {
    const rig = new MachineRig({ expected: 5 });
    expect(rig.consumed(3)).toEqual([]);
    expect(rig.conversation.expected).toBe(5);
  });

  it('is not missing any more when it was given up', () => {
    const rig = new MachineRig({ expected: 5 });
    rig.arrive(6);
    rig.pass(WINDOW);
    rig.fails({ final: true });
    rig.consumed(5);
    expect(rig.all('deliver').at(-1)).toMatchObject({ arrival: { seq: 5, message: null } });
    expect(rig.order).toEqual([6]);
  });

  it('does not say where a conversation begins', () => {
    const rig = new MachineRig();
    rig.arrive(40);
    rig.consumed(38);
    rig.tell({ kind: 'looked', failed: false });
    expect(rig.order).toEqual([40]);
    expect(rig.conversation.floor).toBe(40);
  });

  it('counts for a conversation that begins below it', () => {
    const rig = new MachineRig();
    rig.arrive(40);
    rig.consumed(41);
    rig.tell({ kind: 'looked', failed: false });
    rig.arrive(42);
    expect(rig.order).toEqual([40, 42]);
  });
});

describe('GAP-5: own sends in the sequencer', () => {
  const handler = () => undefined;

  it('do not anchor an unknown conversation', () => {
    const rig = new SequencerRig({ handler });
    rig.sequencer.consumed(ID, 7);
    expect(rig.stands(ID)).toBe('unknown');
  });

  it('begin a conversation with seq 1: nothing can be older', () => {
    const rig = new SequencerRig({ handler });
    rig.sequencer.consumed(ID, 1);
    expect(rig.stands(ID)).toBe('expects 2 from 1');
  });

  it('move an idle conversation without making it busy', () => {
    const rig = new SequencerRig({ handler });
    rig.anchor(ID, 5);
    rig.sequencer.consumed(ID, 5);
    rig.sequencer.consumed(ID, 5);
    rig.sequencer.consumed(ID, 2);
    expect(rig.stands(ID)).toBe('expects 6 from 5');
  });

  it('wait behind the peer’s message that is still in flight', async () => {
    const rig = new SequencerRig({ handler });
    rig.anchor(ID, 5);
    rig.sequencer.consumed(ID, 6);
    rig.arrives(messageOf(5));
    rig.arrives(messageOf(7));
    await rig.clock.settle();
    expect(rig.acked).toEqual(['m5', 'm7']);
    expect(rig.fetches).toEqual([]);
    expect(rig.stands(ID)).toBe('expects 8 from 5');
    expect(rig.clock.pendingTimers).toBe(0);
  });

  it.each(['echo first', 'response first'])('are no inbound messages, %s', async (which) => {
    const seen: string[] = [];
    const rig = new SequencerRig({
      handler: ({ payload }) => seen.push(payload.id),
      own: ({ sender }) => sender === 'me',
    });
    rig.anchor(ID, 5);
    const echo = { ...messageOf(5), sender: 'me' };
    if (which === 'echo first') rig.arrives(echo);
    rig.sequencer.consumed(ID, 5);
    if (which === 'response first') rig.arrives(echo);
    rig.arrives(messageOf(6));
    await rig.clock.settle();
    expect(seen).toEqual(['m6']);
    expect(rig.stands(ID)).toBe('expects 7 from 5');
  });

  it('that are known only from history are no inbound messages either', async () => {
    const seen: string[] = [];
    const rig = new SequencerRig({
      handler: ({ payload }) => seen.push(payload.id),
      own: ({ sender }) => sender === 'me',
    });
    rig.anchor(ID, 5);
    rig.history.set(ID, [{ ...messageOf(5), sender: 'me' }, messageOf(6)]);
    rig.arrives(messageOf(6));
    await rig.clock.advance(3_000);
    expect(seen).toEqual(['m6']);
    expect(rig.counters).toMatchObject({ own: 1, handled: 1, missing: 0, holes: 0 });
  });
});

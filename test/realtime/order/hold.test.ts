import { describe, expect, it } from 'vitest';
import { MachineRig } from './machine-rig.js';

const WINDOW = 2_000;

function shed(rig: MachineRig): number[] {
  return rig.all('shed').map(({ arrival }) => arrival.seq);
}

describe('GAP-4: the hold is bounded', () => {
  it('sheds the highest beyond the bound of a conversation, and fetches it again', () => {
    const rig = new MachineRig({ expected: 5, around: { holdPerConversation: 2 } });
    rig.arrive(9, 8, 7);
    expect(shed(rig)).toEqual([9]);
    expect(rig.sequence.hold.size).toBe(2);
    rig.arrive(5, 6);
    expect(rig.order).toEqual([5, 6, 7, 8]);
    rig.pass(WINDOW);
    expect(rig.all('fetch')).toEqual([{ kind: 'fetch', purpose: 'gap', after: 8 }]);
    rig.page(8, [9]);
    expect(rig.order).toEqual([5, 6, 7, 8, 9]);
    expect(rig.report).toMatchObject({ reason: 'gap_filled', missing: [] });
  });

  it('sheds when all conversations together hold what they may', () => {
    const rig = new MachineRig({ expected: 5, around: { holdRoom: 0 } });
    rig.arrive(7);
    expect(shed(rig)).toEqual([7]);
    expect(rig.sequence.hold.size).toBe(0);
    rig.pass(WINDOW);
    rig.page(4, [5, 6, 7]);
    expect(rig.order).toEqual([5, 6, 7]);
  });

  it('delivers the expected one however full it is', () => {
    const rig = new MachineRig({ expected: 5, around: { holdPerConversation: 1 } });
    rig.arrive(7, 5, 6);
    expect(rig.order).toEqual([5, 6, 7]);
    expect(shed(rig)).toEqual([]);
  });

  it('keeps of a page what it may, and asks for the rest again', () => {
    const rig = new MachineRig({
      expected: 1,
      around: { holdPerConversation: 3, laneRoom: 2, gapWindowMs: 0 },
    });
    rig.arrive(10);
    rig.pass(1_000);
    rig.page(0, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(rig.order).toEqual([1, 2]);
    expect(rig.sequence.hold.size).toBe(3);
    for (let round = 0; round < 3; round += 1) {
      rig.tell({ kind: 'room' });
      const { after } = rig.all('fetch').at(-1) ?? { after: 0 };
      rig.page(
        after,
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].filter((seq) => seq > after),
      );
    }
    rig.tell({ kind: 'room' });
    expect(rig.order).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(rig.all('missing')).toEqual([]);
  });

  it('does not step over as a hole what it has shed', () => {
    const rig = new MachineRig({ expected: 1, around: { laneRoom: 1 } });
    rig.arrive(6);
    rig.pass(WINDOW);
    rig.page(0, [1, 2, 4, 5, 6]); // 3 is a hole, as far as history knows
    expect(rig.order).toEqual([1]);
    rig.around.holdPerConversation = 4;
    rig.around.laneRoom = 0;
    rig.arrive(3); // and comes after all: 6 has to go
    expect(shed(rig)).toEqual([6]);
    rig.around.laneRoom = 256;
    rig.tell({ kind: 'room' });
    expect(rig.order).toEqual([1, 2, 3, 4, 5]);
    rig.pass(WINDOW);
    rig.page(5, [6]);
    expect(rig.order).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('delivers what there is, with a report, where nothing that is shed could come back', () => {
    const rig = new MachineRig({ expected: 5, around: { holdPerConversation: 2, canFetch: false } });
    rig.arrive(9, 8, 11);
    expect(shed(rig)).toEqual([]);
    expect(rig.order).toEqual([8, 9]);
    expect(rig.report).toMatchObject({ reason: 'buffer_overflow', missing: [{ from: 5, to: 7 }] });
    rig.arrive(10);
    expect(rig.order).toEqual([8, 9, 10, 11]);
  });

  it('keeps the one message that says where a new conversation may begin', () => {
    const rig = new MachineRig({ around: { holdRoom: 0 } });
    rig.arrive(40);
    expect(rig.sequence.hold.size).toBe(1);
    rig.tell({ kind: 'looked', failed: false });
    expect(rig.order).toEqual([40]);
  });
});

describe('BP-1: a lane that is full', () => {
  it('leaves messages in the hold, and takes them when it has room', () => {
    const rig = new MachineRig({ expected: 5, around: { laneRoom: 2 } });
    rig.around.laneRoom = 0;
    rig.arrive(5, 6, 7);
    expect(rig.order).toEqual([]);
    expect(rig.sequence.waitsForRoom).toBe(true);
    rig.around.laneRoom = 2;
    rig.tell({ kind: 'room' });
    expect(rig.order).toEqual([5, 6]);
    expect(rig.sequence.waitsForRoom).toBe(true);
    rig.tell({ kind: 'room' });
    expect(rig.order).toEqual([5, 6, 7]);
    expect(rig.sequence.waitsForRoom).toBe(false);
  });

  it('fetches nothing that it could not take', () => {
    const rig = new MachineRig({ expected: 5, around: { laneRoom: 0 } });
    rig.arrive(8);
    rig.pass(60_000);
    expect(rig.all('fetch')).toEqual([]);
    expect(rig.sequence.waitsForRoom).toBe(true);
    rig.around.laneRoom = 1;
    rig.tell({ kind: 'room' });
    expect(rig.all('fetch')).toHaveLength(1);
  });

  it('has always room for own sends: no handler sees them', () => {
    const rig = new MachineRig({ expected: 5, around: { laneRoom: 0 } });
    rig.consumed(5);
    expect(rig.conversation.expected).toBe(6);
  });
});

import { describe, expect, it } from 'vitest';
import { TIMING } from '../../../src/realtime/bounds.js';
import { UNANCHORED } from '../../../src/realtime/order/conversation.js';
import { MachineRig } from './machine-rig.js';

describe('ORD-1: strictly in order', () => {
  it('delivers what stands next and holds what does not', () => {
    const rig = new MachineRig({ expected: 5 });
    rig.arrive(7, 6, 5, 8);
    expect(rig.order).toEqual([5, 6, 7, 8]);
    expect(rig.sequence.hold.size).toBe(0);
  });

  it('delivers a doubled frame once, held or not', () => {
    const rig = new MachineRig({ expected: 5 });
    rig.arrive(6, 6, 5, 5, 6);
    expect(rig.order).toEqual([5, 6]);
  });

  it('acknowledges a duplicate again once it has been handled, and not before (ACK-1)', () => {
    const rig = new MachineRig({ expected: 5 });
    rig.arrive(5, 6);
    rig.laneIsBusy(5);
    rig.sequence.known = 9; // something is under way, so that the position alone does not say it all
    expect(rig.all('duplicate', rig.arrive(5)).map(({ arrival }) => arrival.seq)).toEqual([5]);
    expect(rig.all('duplicate', rig.arrive(6))).toEqual([]);
    expect(rig.order).toEqual([5, 6]);
  });
});

describe('ORD-3: a conversation without a cursor', () => {
  it('starts seq 1 at once, in the middle of a drain too', () => {
    const rig = new MachineRig({ around: { draining: true } });
    rig.arrive(1);
    expect(rig.order).toEqual([1]);
    expect(rig.conversation).toMatchObject({ expected: 2, floor: 1 });
    expect(rig.sequence.timerAt).toBe(0);
  });

  it('starts seq 0 at once as well: nothing can be older', () => {
    const rig = new MachineRig();
    rig.arrive(0, 1);
    expect(rig.order).toEqual([0, 1]);
  });

  it('holds a higher first seq until the drain has ended and one look was taken', () => {
    const rig = new MachineRig({ around: { draining: true } });
    rig.arrive(40);
    expect(rig.order).toEqual([]);
    expect(rig.all('anchor')).toEqual([]);
    rig.around.draining = false;
    rig.tell({ kind: 'drain-ended' });
    expect(rig.all('anchor')).toEqual([{ kind: 'anchor', step: 'look', before: 41 }]);
    expect(rig.order).toEqual([]);
    rig.arrive(39, 38);
    rig.tell({ kind: 'looked', failed: false });
    // 38 came after the look had begun: it is looked behind too.
    rig.tell({ kind: 'looked', failed: false });
    expect(rig.order).toEqual([38, 39, 40]);
    expect(rig.conversation.floor).toBe(38);
    expect(rig.all('started-blind')).toEqual([]);
  });

  it('waits for a drain for ten seconds at most', () => {
    const rig = new MachineRig({ around: { draining: true } });
    rig.arrive(40);
    rig.pass(TIMING.drainPatience - 1);
    expect(rig.all('anchor')).toEqual([]);
    rig.pass(1);
    expect(rig.all('anchor')).toHaveLength(1);
  });

  it('looks at once where no drain runs, and once for any number of frames', () => {
    const rig = new MachineRig();
    rig.arrive(40, 41, 43);
    expect(rig.all('anchor')).toHaveLength(1);
  });

  it('starts at a drained row in ack mode: nothing older is undelivered', () => {
    const rig = new MachineRig({ around: { draining: true } });
    rig.arrive(45);
    rig.drained(40);
    expect(rig.order).toEqual([40]);
    expect(rig.conversation).toMatchObject({ expected: 41, floor: 40 });
    rig.arrive(41, 42, 43, 44);
    expect(rig.order).toEqual([40, 41, 42, 43, 44, 45]);
  });

  it('starts at a live frame below the drained row', () => {
    const rig = new MachineRig({ around: { draining: true } });
    rig.arrive(38);
    rig.drained(40);
    expect(rig.order).toEqual([38]);
    expect(rig.conversation.expected).toBe(39);
  });

  it('starts at what it holds when nobody answers within five seconds, and reports it', () => {
    const rig = new MachineRig();
    rig.arrive(40, 41);
    rig.pass(TIMING.lookPatience - 1);
    expect(rig.order).toEqual([]);
    rig.pass(1);
    expect(rig.order).toEqual([40, 41]);
    expect(rig.all('started-blind')).toEqual([{ kind: 'started-blind', expected: 40 }]);
  });

  it('starts blind at once when the look is refused', () => {
    const rig = new MachineRig();
    rig.arrive(40);
    rig.tell({ kind: 'looked', failed: true });
    expect(rig.order).toEqual([40]);
    expect(rig.all('started-blind')).toHaveLength(1);
  });

  it('starts at once and without a report where there is nobody to ask', () => {
    const rig = new MachineRig({ around: { canFetch: false } });
    rig.arrive(40);
    expect(rig.order).toEqual([40]);
    expect(rig.all('started-blind')).toEqual([]);
  });

  it('delivers a lower seq that comes later as late, and drops none', () => {
    const rig = new MachineRig({ around: { canFetch: false } });
    rig.arrive(40, 38, 41, 39);
    expect(rig.order).toEqual([40, 'late 38', 41, 'late 39']);
    expect(rig.conversation.expected).toBe(42);
    expect(rig.all('duplicate')).toEqual([]);
  });

  it('asks the store first, however long it takes, and goes on where the last process stopped', () => {
    const rig = new MachineRig({ around: { hasStore: true } });
    rig.arrive(1, 7);
    expect(rig.all('anchor')).toEqual([{ kind: 'anchor', step: 'store', before: 0 }]);
    rig.pass(120_000);
    expect(rig.order).toEqual([]);
    rig.tell({ kind: 'loaded', expected: 6, floor: 1 });
    expect(rig.conversation).toMatchObject({ expected: 6, floor: 1 });
    expect(rig.all('duplicate').map(({ arrival }) => arrival.seq)).toEqual([1]);
    rig.arrive(6);
    expect(rig.order).toEqual([6, 7]);
  });

  it('asks the store before a drained row may start it', () => {
    const rig = new MachineRig({ around: { hasStore: true, draining: true } });
    rig.drained(40);
    expect(rig.order).toEqual([]);
    rig.tell({ kind: 'loaded', expected: null, floor: 0 });
    expect(rig.order).toEqual([40]);
  });

  it('looks when the store knows nothing', () => {
    const rig = new MachineRig({ around: { hasStore: true } });
    rig.arrive(40);
    rig.tell({ kind: 'loaded', expected: null, floor: 0 });
    expect(rig.all('anchor').map(({ step }) => step)).toEqual(['store', 'look']);
  });

  it('is not moved by a store that answers after it has started', () => {
    const rig = new MachineRig({ expected: 9 });
    rig.tell({ kind: 'loaded', expected: 3, floor: 1 });
    expect(rig.conversation).toMatchObject({ expected: 9, floor: 9 });
  });

  it('forgets a conversation that only REST had named and that shows nothing of ours', () => {
    const rig = new MachineRig();
    rig.tell({ kind: 'known', seq: 12 });
    expect(rig.all('anchor')).toEqual([{ kind: 'anchor', step: 'look', before: 13 }]);
    rig.consumed(12);
    rig.tell({ kind: 'looked', failed: false });
    expect(rig.conversation.expected).toBe(UNANCHORED);
    expect(rig.sequence.hold.size).toBe(0);
    expect(rig.sequence.known).toBe(-1);
  });
});

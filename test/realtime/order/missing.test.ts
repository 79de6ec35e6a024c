import { describe, expect, it } from 'vitest';
import { MachineRig } from './machine-rig.js';

const WINDOW = 2_000;
const FAR = 5_000_000;

function givenUp(): MachineRig {
  const rig = new MachineRig({ expected: 5 });
  rig.arrive(8);
  rig.pass(WINDOW);
  rig.fails({ final: true });
  return rig;
}

describe('GAP-3: a report is true', () => {
  it('names what is missing, and says recovered for nothing of it', () => {
    const rig = new MachineRig({ expected: 5 });
    rig.arrive(7, 9);
    rig.pass(WINDOW);
    rig.page(4, [5]);
    rig.fails({ final: true });
    const reports = rig.all('gap-closed').map(({ reason, missing }) => ({ reason, missing }));
    expect(reports).toEqual([{ reason: 'gap_fill_failed', missing: [{ from: 6, to: 6 }] }]);
    rig.fails({ final: true });
    expect(rig.report?.missing).toEqual([{ from: 8, to: 8 }]);
    expect(rig.order).toEqual([5, 7, 9]);
  });

  it('says from which seq to which one the gap reached, and since when', () => {
    const rig = new MachineRig({ expected: 5 });
    rig.arrive(8);
    rig.pass(WINDOW);
    rig.page(4, [5, 6, 7]);
    expect(rig.report?.gap).toMatchObject({ from: 5, through: 7, buffered: 8, since: 1_000_000 });
  });

  it('delivers a missing seq late when it comes after all, once', () => {
    const rig = givenUp();
    rig.arrive(6);
    expect(rig.order).toEqual([8, 'late 6']);
    rig.arrive(6);
    expect(rig.order).toEqual([8, 'late 6']);
    expect(rig.outstanding.given()).toEqual([
      { from: 5, to: 5 },
      { from: 7, to: 7 },
    ]);
  });

  it('delivers what was called a hole late when it comes after all', () => {
    const rig = new MachineRig({ expected: 5 });
    rig.arrive(7);
    rig.pass(WINDOW);
    rig.page(4, [5, 7]);
    rig.arrive(6);
    expect(rig.order).toEqual([5, 7, 'late 6']);
  });

  it('delivers a missing seq late when a later page of history shows it', () => {
    const rig = givenUp();
    rig.arrive(10);
    rig.pass(WINDOW);
    rig.page(4, [5, 6, 7, 8, 9, 10]);
    expect(rig.order).toEqual([8, 'late 5', 'late 6', 'late 7', 9, 10]);
  });

  it('leaves a parked message to its own schedule, unacknowledged (HND-1)', () => {
    const rig = givenUp();
    rig.outstanding.parked.set(8, { seq: 8, id: 'm8', times: 1 });
    expect(rig.arrive(8)).toEqual([]);
    expect(rig.order).toEqual([8]);
  });
});

describe('GAP-2: a seq that is absurdly far away', () => {
  it('waits for what history says of it, and moves nothing meanwhile', () => {
    const rig = new MachineRig({ expected: 5 });
    rig.arrive(FAR, 5, 6);
    expect(rig.all('confirm')).toEqual([{ kind: 'confirm', seq: FAR }]);
    expect(rig.order).toEqual([5, 6]);
    rig.arrive(FAR);
    expect(rig.all('confirm')).toHaveLength(1);
  });

  it('is delivered by itself, reported, and moves nothing when history does not know it', () => {
    const rig = new MachineRig({ expected: 5 });
    rig.arrive(FAR);
    rig.tell({ kind: 'confirmed', seq: FAR, exists: false });
    expect(rig.order).toEqual([`stray ${FAR}`]);
    expect(rig.report).toMatchObject({ reason: 'gap_fill_failed', missing: [] });
    expect(rig.conversation.expected).toBe(5);
    rig.arrive(5);
    expect(rig.order).toEqual([`stray ${FAR}`, 5]);
  });

  it('opens an ordinary gap when history knows it', () => {
    const rig = new MachineRig({ expected: 5 });
    rig.arrive(FAR);
    rig.tell({ kind: 'confirmed', seq: FAR, exists: true });
    rig.pass(WINDOW);
    expect(rig.all('fetch')).toEqual([{ kind: 'fetch', purpose: 'gap', after: 4 }]);
  });

  it('is delivered once when the conversation has passed it before history answers', () => {
    const rig = new MachineRig({ expected: 5, around: { absurdSeqDistance: 10 } });
    rig.arrive(16);
    rig.tell({ kind: 'known', seq: 15 });
    rig.pass(WINDOW);
    rig.page(4, [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    rig.tell({ kind: 'confirmed', seq: 16, exists: false });
    expect(rig.order).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
  });

  it('takes its place when the conversation has come near before history answers', () => {
    const rig = new MachineRig({ expected: 5, around: { absurdSeqDistance: 10 } });
    rig.arrive(16, 5, 6, 7);
    rig.tell({ kind: 'confirmed', seq: 16, exists: false });
    expect(rig.order).toEqual([5, 6, 7]);
    expect(rig.sequence.hold.has(16)).toBe(true);
  });

  it('does not start a conversation that has nearer messages too', () => {
    const rig = new MachineRig();
    rig.arrive(5, 2 ** 53 - 1);
    rig.tell({ kind: 'looked', failed: false });
    expect(rig.order).toEqual([5]);
    expect(rig.sequence.known).toBe(5);
    rig.tell({ kind: 'confirmed', seq: 2 ** 53 - 1, exists: false });
    rig.arrive(6);
    expect(rig.order).toEqual([5, `stray ${2 ** 53 - 1}`, 6]);
  });

  it('is delivered by itself at once where there is no history', () => {
    const rig = new MachineRig({ expected: 5, around: { canFetch: false } });
    rig.arrive(FAR);
    expect(rig.order).toEqual([`stray ${FAR}`]);
    expect(rig.report?.reason).toBe('gap_fill_unavailable');
  });

  it('asks about eight at a time: more is noise', () => {
    const rig = new MachineRig({ expected: 5 });
    rig.arrive(...Array.from({ length: 10 }, (_, i) => FAR + i));
    expect(rig.all('confirm')).toHaveLength(8);
    expect(rig.order).toEqual([`stray ${FAR + 8}`, `stray ${FAR + 9}`]);
  });

  it('is not believed from REST either', () => {
    const rig = new MachineRig({ expected: 5 });
    rig.tell({ kind: 'known', seq: FAR });
    expect(rig.all('gap-opened')).toEqual([]);
  });
});

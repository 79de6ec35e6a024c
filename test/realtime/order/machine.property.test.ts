import { describe, expect, it } from 'vitest';
import { type Dice, forSeeds } from './dice.js';
import { MachineRig } from './machine-rig.js';
import { MachineWorld } from './machine-world.js';

describe('the machine in a small model service', () => {
  it('delivers in order, once, everything or names it, and is never stuck', () => {
    let worlds = 0;
    let shedLate = 0;
    forSeeds(1_200, (dice) => {
      const world = new MachineWorld(dice);
      try {
        world.run();
      } catch (cause) {
        const last = world.trace.slice(-40).join('\n');
        throw new Error(`${cause instanceof Error ? cause.message : cause}\n${last}`, { cause });
      }
      worlds += 1;
      shedLate += world.shedLate.size;
    });
    expect(worlds).toBe(1_200);
    expect(shedLate).toBeGreaterThan(30);
  });
});

describe('the machine given events in no sensible order', () => {
  it('never throws, keeps the order, and holds no more than it may', () => {
    let deliveries = 0;
    forSeeds(600, (dice) => {
      const rig = new MachineRig(dice.chance(0.5) ? {} : { expected: dice.pick(0, 1, 7) });
      let last = -1;
      for (let round = 0; round < 60; round += 1) {
        shuffleSurroundings(rig, dice);
        const heldBefore = rig.sequence.hold.size;
        const before = rig.delivered.length;
        junk(rig, dice);
        for (const { seq, standing, event } of rig.delivered.slice(before)) {
          if (standing !== 'ordered' || event === null) continue;
          if (seq <= last) throw new Error(`ORD-1: ${seq} after ${last}`);
          last = seq;
        }
        const { holdPerConversation, holdRoom } = rig.around;
        const most = Math.max(1, heldBefore, Math.min(holdPerConversation, heldBefore + holdRoom));
        if (rig.sequence.hold.size > most)
          throw new Error(`GAP-4: holds ${rig.sequence.hold.size} of ${most}`);
      }
      deliveries += rig.delivered.length;
    });
    expect(deliveries).toBeGreaterThan(3_000);
  });
});

function shuffleSurroundings(rig: MachineRig, dice: Dice): void {
  rig.now += dice.pick(0, 1, 500, 3_000, 400_000);
  rig.around.laneRoom = dice.pick(-1, 0, 1, 256);
  rig.around.holdRoom = dice.pick(-3, 0, 1, 5_000);
  rig.around.holdPerConversation = dice.pick(1, 2, 500);
  rig.around.canFetch = dice.chance(0.8);
  rig.around.draining = dice.chance(0.3);
  rig.around.hasStore = dice.chance(0.3);
  rig.around.absurdSeqDistance = dice.pick(5, 100_000);
  rig.around.gapWindowMs = dice.pick(0, 10, 2_000);
}

function junk(rig: MachineRig, dice: Dice): void {
  const seq = () => dice.pick(0, dice.int(0, 12), dice.int(0, 12), dice.int(0, 30), 900_000, 2 ** 53 - 1);
  switch (dice.int(0, 10)) {
    case 0:
    case 1:
    case 2:
      rig.arrive(seq());
      break;
    case 3:
      rig.drained(seq());
      break;
    case 4:
      rig.consumed(seq());
      break;
    case 5:
      rig.tell({ kind: 'known', seq: seq() });
      break;
    case 6:
      rig.page(
        seq(),
        [seq(), seq(), seq()].sort((a, b) => a - b),
      );
      break;
    case 7:
      rig.fails({ final: dice.chance(0.5), retryAfterMs: dice.pick(0, 1e9) });
      break;
    case 8:
      rig.tell({ kind: 'confirmed', seq: seq(), exists: dice.chance(0.5) });
      break;
    case 9:
      rig.tell({ kind: 'loaded', expected: dice.chance(0.5) ? seq() : null, floor: seq() });
      break;
    default:
      rig.tell(
        dice.pick(
          { kind: 'timer' as const },
          { kind: 'room' as const },
          { kind: 'resumed' as const },
          { kind: 'drain-ended' as const },
          { kind: 'looked' as const, failed: dice.chance(0.5) },
        ),
      );
  }
}

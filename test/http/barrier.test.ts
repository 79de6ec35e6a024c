import { describe, expect, it } from 'vitest';
import { Barrier } from '../../src/http/barrier.js';
import { Turn, type WaitEnd } from '../../src/http/turn.js';
import { mulberry32 } from '../support/mulberry32.js';
import { VirtualClock } from '../support/virtual-clock.js';

const SCHEDULES = 400;
/** How long the call that goes first is waited for. */
const FIRST_ANSWER_MS = 1_000;

/** Calls that come, wait, leave, are answered in some way or given up: drawn from a seed. */
class Schedule {
  readonly clock: VirtualClock;
  readonly barrier: Barrier;
  readonly chance: () => number;
  readonly waiting = new Set<Turn>();
  readonly ends: WaitEnd[] = [];
  /** Whether a call may still leave alone in this closing, and whether it is known by now to be open. */
  wentAlone: number | undefined;
  flows = false;
  /** Refused where nobody had got through: they let one other go before them. */
  readonly aside = new Set<Turn>();
  answersUnderWay = 0;
  #age = 0;

  constructor(seed: number) {
    this.chance = mulberry32(seed);
    this.clock = new VirtualClock({ seed });
    this.barrier = new Barrier('POST /v1/messages', this.clock, this.chance() * 100, 0);
    this.refuse(this.newTurn());
  }

  newTurn(): Turn {
    this.#age += 1;
    return new Turn('POST /v1/messages', undefined, this.#age, Math.floor(this.chance() * 5));
  }

  join(turn: Turn): void {
    this.waiting.add(turn);
    turn.end = (how) => {
      expect(this.waiting.delete(turn), 'ended twice').toBe(true);
      this.ends.push(how);
      if (how === 'go') this.left(turn);
    };
    this.barrier.join(turn);
  }

  left(turn: Turn): void {
    const now = this.clock.now();
    expect(now, 'left a closed barrier').toBeGreaterThanOrEqual(this.barrier.closedUntil);
    const older = [...this.waiting].filter((other) => other.age < turn.age && !this.aside.has(other));
    expect(older, 'overtook an older one').toEqual([]);
    this.aside.delete(turn);
    if (!this.flows && this.wentAlone !== undefined && now >= this.wentAlone + FIRST_ANSWER_MS)
      this.flows = true;
    if (!this.flows) {
      expect(this.wentAlone, 'two went first').toBeUndefined();
      this.wentAlone = now;
    }
    this.answersUnderWay += 1;
    const answer = this.chance();
    // Now and then the answer takes longer than anybody waits for it.
    const lagMs = this.chance() < 0.05 ? 3_000 : this.chance() * 200;
    this.clock.setTimer(() => {
      this.answersUnderWay -= 1;
      if (answer < 0.3) this.refuse(turn, now);
      else if (answer < 0.4) this.unknown(turn);
      else this.pass(turn, now);
    }, lagMs);
  }

  refuse(turn: Turn, leftAt = this.clock.now()): void {
    const retryAfterMs = this.chance() < 0.5 ? 0 : 1 + this.chance() * 3_000;
    const backoffMs = (failures: number) => 100 * failures;
    turn.failures += 1;
    const nobodyPassed = turn.round?.passed === 0;
    const before = this.barrier.closedUntil;
    const waits = this.barrier.refused(turn, { leftAt, retryAfterMs, backoffMs });
    if (waits && nobodyPassed) this.aside.add(turn);
    if (waits && retryAfterMs > 0)
      expect(this.barrier.closedUntil).toBeGreaterThanOrEqual(this.clock.now() + retryAfterMs);
    if (this.barrier.closedUntil !== before && this.barrier.closedUntil > this.clock.now()) {
      this.flows = false;
      this.wentAlone = undefined;
    }
    if (turn.failures <= turn.maxRetries) this.join(turn);
  }

  pass(turn: Turn, leftAt: number): void {
    // As the barrier sees it: an answer to a call of this round.
    this.flows ||= this.clock.now() >= this.barrier.closedUntil && this.wentAlone !== undefined;
    this.barrier.passed(turn, leftAt);
  }

  unknown(turn: Turn): void {
    this.flows ||= this.clock.now() >= this.barrier.closedUntil && this.wentAlone !== undefined;
    this.barrier.unknown(turn);
  }

  giveUp(): void {
    const turn = [...this.waiting][Math.floor(this.chance() * this.waiting.size)];
    if (turn === undefined) return;
    this.barrier.leave(turn);
    this.waiting.delete(turn);
  }
}

describe('a barrier', () => {
  it(`RATE-2 lets nobody out while it is closed, the oldest first, and keeps nobody (${SCHEDULES} seeded schedules)`, async () => {
    for (let seed = 1; seed <= SCHEDULES; seed++) {
      try {
        const schedule = new Schedule(seed);
        for (let n = 0; n < 40; n++) {
          if (schedule.chance() < 0.1) schedule.giveUp();
          else for (let more = schedule.chance() * 4; more > 0; more--) schedule.join(schedule.newTurn());
          await schedule.clock.advance(schedule.chance() * 300);
        }
        await schedule.clock.advanceUntil(
          () => schedule.waiting.size === 0 && schedule.answersUnderWay === 0,
        );
        expect(schedule.clock.pendingTimers, 'a timer was left').toBe(0);
        expect(schedule.ends).toContain('go');
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  });

  it('RATE-3 has no timer when the last one has given up', async () => {
    const clock = new VirtualClock();
    const barrier = new Barrier('GET /v1/thing', clock, 0, 0);
    const turns = [1, 2, 3].map((age) => new Turn('GET /v1/thing', undefined, age, 3));
    barrier.refused(new Turn('GET /v1/thing', undefined, 0, 3), {
      leftAt: 0,
      retryAfterMs: 1_000,
      backoffMs: () => 1,
    });
    for (const turn of turns) barrier.join(turn);
    expect(clock.pendingTimers).toBe(1);
    for (const turn of turns) barrier.leave(turn);
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(60_000);
    expect(barrier.isOver(clock.now())).toBe(true);
  });
});

describe('a barrier at which calls to several addressees wait', () => {
  it('RATE-2: lets one to somebody else find out whether anybody gets through', async () => {
    const clock = new VirtualClock();
    const barrier = new Barrier('POST /v1/messages', clock, 0, 0);
    const left: string[] = [];
    const turns = ['busy', 'busy', 'busy', 'bob', 'carol'].map(
      (to, at) => new Turn('POST /v1/messages', to, at + 1, 3),
    );
    const refusal = { leftAt: 0, retryAfterMs: 1_000, backoffMs: () => 1_000 };
    const join = (turn: Turn) => {
      turn.end = (how) => left.push(`${turn.addressee} ${turn.age} ${how}`);
      barrier.join(turn);
    };
    const [first] = turns as [Turn];
    barrier.refused(first, refusal);
    for (const turn of turns) join(turn);
    await clock.advance(1_300);
    expect(left).toEqual(['busy 1 go']);
    first.failures = 1;
    barrier.refused(first, { ...refusal, leftAt: clock.now() });
    join(first);
    await clock.advance(1_300);
    expect(left).toEqual(['busy 1 go', 'bob 4 go']);
  });
});

import fc from 'fast-check';
import { describe, it } from 'vitest';
import { LIMITER_ATTEMPTS } from '../../../src/realtime/connection/attempts.js';
import type { Ending } from '../../../src/realtime/connection/endings.js';
import { INITIAL, transition } from '../../../src/realtime/connection/machine.js';
import type { Effect, Event, MachineSettings, State } from '../../../src/realtime/connection/state.js';
import { LONGEST_RETRY_AFTER_MS } from '../../../src/realtime/connection/upgrade-answer.js';
import { SETTINGS } from './machine-driver.js';

/** A hint, and its jitter. */
const LONGEST_WAIT_MS = LONGEST_RETRY_AFTER_MS + 600_000;

/** What the world around the machine looks like, told from its effects alone. */
class World {
  state: State = INITIAL;
  now = 0;
  /** The attempt whose socket lives. */
  private socket: number | null = null;
  private readonly starts: number[] = [];
  private timer: { id: number; dueAt: number } | null = null;
  private session: number | null = null;
  private lastSession = 0;
  private connectPending = false;
  stopPending = false;

  constructor(private readonly settings: MachineSettings) {}

  /** Sends an event, and checks what must hold after every single one. */
  send(event: Event, chance: number): void {
    const before = freeze(this.state);
    const stale = this.isStale(event);
    if (event.type === 'timer' && event.timer === this.timer?.id) this.timer = null;
    const [state, effects] = transition(this.settings, before, event, { now: this.now, chance });
    this.state = state;
    must(!stale || (state === before && effects.length === 0), `a stale ${event.type} changes nothing`);
    if (event.type === 'connect') this.connectPending = true;
    if (event.type === 'close') this.stopPending = true;
    for (const effect of effects) this.perform(effect);
    this.check();
  }

  /** The timer fires, `late` after it was due. */
  fire(late: number, chance: number): void {
    if (this.timer === null) return;
    this.now = Math.max(this.now, this.timer.dueAt + late);
    this.send({ type: 'timer', timer: this.timer.id }, chance);
  }

  /** As many attempts as the machine can be made to begin. */
  storm(times: number, by: 'failures' | 'user', chance: number): void {
    for (let n = 0; n < times; n++) {
      this.send({ type: 'connect' }, chance);
      const { attempt } = this.state.memory;
      const ending: Ending = { kind: 'not_opened', cause: null };
      if (by === 'user') this.send({ type: 'close' }, chance);
      else this.send({ type: 'ended', attempt, ending }, chance);
      this.send({ type: 'online' }, chance);
    }
  }

  get settled(): boolean {
    return !this.connectPending && !this.stopPending && this.socket === null && this.timer === null;
  }

  /** Whether an event carries a number that is not the current one. */
  private isStale(event: Event): boolean {
    if (event.type === 'timer') return event.timer !== this.timer?.id;
    if (event.type === 'replace') return event.session !== this.session;
    return 'attempt' in event && event.attempt !== this.state.memory.attempt;
  }

  private perform(effect: Effect): void {
    const current = this.state.memory.attempt;
    switch (effect.do) {
      case 'ask_key':
        this.starts.push(this.now);
        must(this.socket === null, 'no attempt begins beside a live socket');
        break;
      case 'open':
        must(this.socket === null, 'one socket at most');
        this.socket = current;
        break;
      case 'hello':
      case 'say_goodbye':
        must(this.socket === current, `${effect.do} goes to the live socket of attempt ${current}`);
        break;
      case 'discard':
        must(this.socket === current, 'only a live socket is discarded');
        this.socket = null;
        break;
      case 'timer':
        must(effect.delayMs >= 0 && effect.delayMs <= LONGEST_WAIT_MS, `a timer of ${effect.delayMs} ms`);
        this.timer = { id: effect.timer, dueAt: this.now + effect.delayMs };
        break;
      case 'clear_timer':
        this.timer = null;
        break;
      case 'session_start':
        must(this.socket === current, 'a session begins on the live socket');
        must(this.session === null && effect.session.id > this.lastSession, 'sessions follow each other');
        this.session = effect.session.id;
        this.lastSession = effect.session.id;
        break;
      case 'session_end':
        must(this.session === effect.session.id, 'the session that ends is the one that lives');
        this.session = null;
        break;
      case 'connect_ok':
      case 'connect_failed':
        this.connectPending = false;
        break;
      case 'stopped':
        this.stopPending = false;
        break;
      default:
        break;
    }
  }

  private check(): void {
    const { state } = this;
    const closing = state.kind === 'stopping' && state.phase === 'closing';
    const timed = state.kind === 'connecting' || state.kind === 'waiting' || closing;
    must((this.timer !== null) === timed, `${state.kind} ${timed ? 'has' : 'has no'} timer`);
    const flushing = state.kind === 'stopping' && state.phase === 'flushing' && state.session !== null;
    must((this.session !== null) === (state.kind === 'connected' || flushing), `a session in ${state.kind}`);
    if (state.kind === 'idle' || state.kind === 'connected' || state.kind === 'stopping') {
      must(!this.connectPending, `connect() does not hang in ${state.kind}`);
    }
    if (state.kind !== 'stopping') must(!this.stopPending, `close() does not hang in ${state.kind}`);
    const oldest = this.starts.at(-LIMITER_ATTEMPTS - 1);
    const within = oldest === undefined ? Number.POSITIVE_INFINITY : this.now - oldest;
    must(
      this.starts.at(-1) !== this.now ||
        within >= LIMITER_ATTEMPTS * this.settings.reconnectIntervalMs - 0.001,
      `no 21st attempt within the limiter's window, only ${within} ms after the first`,
    );
    must(state.memory.starts.length <= LIMITER_ATTEMPTS, 'the limiter forgets');
  }
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`broken: ${what}`);
}

function freeze(state: State): State {
  for (const value of Object.values(state)) if (typeof value === 'object') Object.freeze(value);
  return Object.freeze(state);
}

const ending: fc.Arbitrary<Ending> = fc.oneof(
  fc.record({
    kind: fc.constant('closed' as const),
    code: fc.oneof(fc.constantFrom(1000, 1001, 1006, 1008, 4401, 4403), fc.integer()),
    reason: fc.string(),
    wasClean: fc.boolean(),
  }),
  fc.record(
    {
      kind: fc.constant('http' as const),
      status: fc.constantFrom(0, 200, 401, 403, 503),
      said: fc.string(),
      retryAfterMs: fc.integer({ min: 0, max: LONGEST_RETRY_AFTER_MS }),
    },
    { requiredKeys: ['kind', 'status'] },
  ),
  fc.record({
    kind: fc.constantFrom('not_opened' as const, 'key_failed' as const),
    cause: fc.anything(),
  }),
  fc.record({
    kind: fc.constantFrom(
      'open_timeout' as const,
      'hello_timeout' as const,
      'silent' as const,
      'unread' as const,
      'key_timeout' as const,
    ),
  }),
);

/** Mostly the number that is meant, sometimes an old one, sometimes junk. */
const number = fc.oneof(
  { weight: 6, arbitrary: fc.constant('current' as const) },
  { weight: 2, arbitrary: fc.constant('previous' as const) },
  { weight: 1, arbitrary: fc.oneof(fc.integer(), fc.constant(Number.NaN)) },
);
type Numbered = 'current' | 'previous' | number;

type Act =
  | { readonly act: 'send'; readonly make: (numberOf: (current: number) => number, state: State) => Event }
  | { readonly act: 'fire'; readonly late: number }
  /** Attempts that fail at once, and a user who calls again and again. */
  | { readonly act: 'storm'; readonly times: number; readonly by: 'failures' | 'user' }
  | { readonly act: 'pass'; readonly ms: number };

const numbered = (make: (n: number, state: State) => Event, of: (state: State) => number) =>
  number.map(
    (which: Numbered): Act => ({
      act: 'send',
      make: (resolve, state) =>
        make(typeof which === 'number' ? which : resolve(of(state) - (which === 'previous' ? 1 : 0)), state),
    }),
  );
const attemptOf = (state: State) => state.memory.attempt;
const simple = (event: Event): fc.Arbitrary<Act> => fc.constant({ act: 'send', make: () => event });

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: simple({ type: 'connect' }) },
  { weight: 1, arbitrary: simple({ type: 'abort', cause: 'test' }) },
  { weight: 1, arbitrary: simple({ type: 'begin_stop' }) },
  { weight: 1, arbitrary: simple({ type: 'close' }) },
  { weight: 1, arbitrary: simple({ type: 'online' }) },
  {
    weight: 6,
    arbitrary: fc
      .integer({ min: 1, max: 3 })
      .chain((keyNumber) => numbered((attempt) => ({ type: 'key', attempt, keyNumber }), attemptOf)),
  },
  { weight: 6, arbitrary: numbered((attempt) => ({ type: 'opened', attempt }), attemptOf) },
  {
    weight: 6,
    arbitrary: fc
      .boolean()
      .chain((ackMode) => numbered((attempt) => ({ type: 'hello_ok', attempt, ackMode }), attemptOf)),
  },
  { weight: 1, arbitrary: numbered((attempt) => ({ type: 'hello_hint', attempt, hint: 'x' }), attemptOf) },
  {
    weight: 3,
    arbitrary: ending.chain((how) =>
      numbered((attempt) => ({ type: 'ended', attempt, ending: how }), attemptOf),
    ),
  },
  {
    weight: 1,
    arbitrary: numbered(
      (session) => ({ type: 'replace', session, why: 'test' }),
      (state) => state.memory.session,
    ),
  },
  {
    weight: 1,
    arbitrary: numbered(
      (timer) => ({ type: 'timer', timer: timer - 1 }),
      (state) => state.memory.timer,
    ),
  },
  {
    weight: 5,
    arbitrary: fc.constantFrom(0, 5, 999, 1_000, 60_000).map((late): Act => ({ act: 'fire', late })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('storm' as const),
      times: fc.integer({ min: 1, max: 25 }),
      by: fc.constantFrom('failures' as const, 'user' as const),
    }),
  },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 40_000 }).map((ms): Act => ({ act: 'pass', ms })) },
);

const settings: fc.Arbitrary<MachineSettings> = fc.record({
  reconnectsAtOnce: fc.boolean(),
  reconnectIntervalMs: fc.constantFrom(1, 50, 500),
  maxReconnectIntervalMs: fc.constantFrom(1, 1_000, 30_000),
  maxReconnectAttempts: fc.constantFrom(0, 1, 3, Number.POSITIVE_INFINITY),
  openTimeoutMs: fc.constant(SETTINGS.openTimeoutMs),
  helloTimeoutMs: fc.constant(SETTINGS.helloTimeoutMs),
  keySource: fc.constantFrom('fixed' as const, 'function' as const),
});

describe('the machine, whatever happens in whatever order', () => {
  it('is total, keeps one socket, drops stale answers, holds the limiter, and always settles', () => {
    fc.assert(
      fc.property(
        settings,
        fc.array(act, { maxLength: 120, size: 'max' }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (given, acts, chance) => {
          const world = new World(given);
          for (const step of acts) {
            if (step.act === 'fire') world.fire(step.late, chance);
            else if (step.act === 'storm') world.storm(step.times, step.by, chance);
            else if (step.act === 'pass') world.now += step.ms;
            else
              world.send(
                step.make((current) => current, world.state),
                chance,
              );
          }
          world.send({ type: 'begin_stop' }, chance);
          world.send({ type: 'close' }, chance);
          for (let n = 0; n < 3 && world.state.kind !== 'idle'; n++) world.fire(0, chance);
          must(
            world.state.kind === 'idle' && world.settled,
            `after a stop everything is over, not ${world.state.kind}`,
          );
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

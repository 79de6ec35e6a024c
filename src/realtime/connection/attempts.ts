import { doubled, jittered } from '../util/backoff.js';
import { missesAfter } from './deadlines.js';
import { type Ending, farewell, type Problem, type Setback, socketEnd } from './endings.js';
import { doubtsAfter, isSettled, verdictOn, verdictOnAttempt } from './refusals.js';
import type { Session } from './session.js';
import type { Connected, Connecting, Effect, Idle, MachineSettings, Memory, Moment, Step } from './state.js';

/** Attempts that may begin within one limiter window of as many intervals, whoever asked for them. */
export const LIMITER_ATTEMPTS = 20;
/** How long a key function may take to answer. */
const KEY_TIMEOUT_MS = 10_000;

type Intervals = Pick<MachineSettings, 'reconnectsAtOnce' | 'reconnectIntervalMs' | 'maxReconnectIntervalMs'>;

/**
 * How long to wait after `failures` in a row; after 0, that is after a session, as long as after one (RCN-2). `chance` is in
 * [0, 1).
 */
export function backoffDelay(failures: number, settings: Intervals, chance: number): number {
  const { reconnectsAtOnce, reconnectIntervalMs, maxReconnectIntervalMs } = settings;
  if (reconnectsAtOnce && failures <= 1) return 0;
  return jittered(doubled(reconnectIntervalMs, Math.max(failures - 1, 0), maxReconnectIntervalMs), chance);
}

/** When the next attempt may begin at the earliest, given when the last ones began (oldest first). */
export function earliestStart(
  starts: readonly number[],
  { reconnectIntervalMs }: Pick<Intervals, 'reconnectIntervalMs'>,
): number {
  const oldest = starts.at(-LIMITER_ATTEMPTS);
  return oldest === undefined ? Number.NEGATIVE_INFINITY : oldest + LIMITER_ATTEMPTS * reconnectIntervalMs;
}

/** RCN-1, RCN-4: when the next attempt may begin at the earliest, whoever asks for it. */
function allowedAt({ starts, notBefore }: Memory, settings: Intervals): number {
  return Math.max(earliestStart(starts, settings), notBefore);
}

/** Begins the next attempt, or waits until it is allowed. */
export function begin(settings: MachineSettings, before: Memory, now: number): Step {
  const earliest = allowedAt(before, settings);
  if (earliest > now) return waitUntil(before, earliest, now);
  const starts = [...before.starts, now].slice(-LIMITER_ATTEMPTS);
  const attempt = before.attempt + 1;
  const [memory, timer] = startDeadline({ ...before, attempt, starts }, KEY_TIMEOUT_MS);
  return [{ kind: 'connecting', phase: 'asking_key', memory }, [timer, { do: 'ask_key' }]];
}

function waitUntil(before: Memory, until: number, now: number): Step {
  const [memory, timer] = startTimer(before, until - now);
  return [{ kind: 'waiting', until, memory }, [timer]];
}

export function attemptFailed(
  settings: MachineSettings,
  state: Connecting,
  ending: Ending,
  at: Moment,
): Step {
  const { phase } = state;
  const verdict = verdictOnAttempt(ending, phase === 'asking_key' ? 0 : at.now - state.openingSince);
  const memory: Memory = {
    ...state.memory,
    failures: state.memory.failures + 1,
    misses: missesAfter(state.memory.misses, ending),
    doubts: doubtsAfter(state.memory.doubts, verdict, at.now),
    notBefore: notBeforeAfter(settings, state.memory, ending, at),
  };
  const keyNumber = phase === 'asking_key' ? null : state.keyNumber;
  const hint = phase === 'authenticating' ? state.hint : null;
  const told: Setback = { kind: 'attempt_failed', attempt: memory.attempt, ending, hint };
  const refused: Problem = { kind: 'refused', ending, inSession: false, hint };
  const final = verdict === 'final' || isSettled(memory.doubts, at.now);
  const next = goOn(settings, { memory, keyNumber, ending, told, refused: final ? refused : null }, at);
  return phase === 'asking_key' ? next : after(socketOver(ending, null), next);
}

/** RCN-2: the loss of a session is no failure. It counts against no maximum, and the wait after it is the shortest. */
export function sessionOver(settings: MachineSettings, state: Connected, ending: Ending, at: Moment): Step {
  const { session, keyNumber, memory } = state;
  // A socket that reports its own close is told by `onDisconnect`; what we found out ourselves is told as an error too.
  const told: Setback | null = ending.kind === 'closed' ? null : { kind: 'session_lost', ending };
  const problem: Problem = { kind: 'refused', ending, inSession: true, hint: null };
  const refused = verdictOn(ending) === 'final' ? problem : null;
  const next = goOn(settings, { memory, keyNumber, ending, told, refused }, at);
  return after([...socketOver(ending, session), { do: 'session_end', session }], next);
}

/** RCN-4: `Retry-After` is the earliest moment. A little more by chance: whoever else was asked comes back then, too. */
function notBeforeAfter(
  settings: Intervals,
  before: Memory,
  ending: Ending,
  { now, chance }: Moment,
): number {
  if (ending.kind !== 'http' || ending.retryAfterMs === undefined) return before.notBefore;
  return Math.max(before.notBefore, now + ending.retryAfterMs + chance * settings.reconnectIntervalMs);
}

/** What an attempt or a session leaves behind. */
interface Remains {
  readonly memory: Memory;
  /** `null` when there was none yet. */
  readonly keyNumber: number | null;
  readonly ending: Ending;
  /** Reported if there is a next attempt. */
  readonly told: Setback | null;
  /** Set when the service has the last word. */
  readonly refused: Problem | null;
}

/** The next attempt, if there may be one. */
function goOn(settings: MachineSettings, remains: Remains, { now, chance }: Moment): Step {
  const { maxReconnectAttempts: retries, keySource } = settings;
  const { keyNumber, ending, told, refused } = remains;
  let { memory } = remains;
  if (refused !== null) {
    // RCN-1: a key function is asked once more after a refusal; a second refusal in a row is the last word.
    const mayAskAgain = keySource === 'function' && retries > 0 && memory.refusal === null;
    if (!mayAskAgain || keyNumber === null) return giveUp(memory, refused);
    memory = { ...memory, refusal: { keyNumber, problem: refused } };
  }
  if (retries === 0 || memory.failures > retries)
    return giveUp(memory, { kind: 'exhausted', retries, ending });
  const backoff = now + backoffDelay(memory.failures, settings, chance);
  const until = Math.max(backoff, allowedAt(memory, settings));
  const next = waitUntil(memory, until, now);
  return told === null ? next : after([{ do: 'report', problem: { ...told, nextInMs: until - now } }], next);
}

/** The end of a life that nobody asked for: told to `onError`, and to whoever still waits for `connect()`. */
export function giveUp(memory: Memory, problem: Problem): Step {
  return [
    idle(memory),
    [{ do: 'clear_timer' }, { do: 'connect_failed', problem }, { do: 'report', problem }],
  ];
}

export function idle(memory: Memory): Idle {
  return { kind: 'idle', memory: { ...memory, failures: 0, doubts: null, refusal: null } };
}

/** What is to be done about a socket that has ended, or that we end: fence it, and tell. */
export function socketOver(ending: Ending, session: Session | null): Effect[] {
  return [
    { do: 'discard', ...farewell(ending) },
    { do: 'disconnected', end: socketEnd(ending), session },
  ];
}

/** The next timer. The memory counts it, so that an older one that still fires means nothing. */
export function startTimer(memory: Memory, delayMs: number, judges = false): [Memory, Effect] {
  const timer = memory.timer + 1;
  return [
    { ...memory, timer },
    { do: 'timer', timer, delayMs, judges },
  ];
}

/** A timer that judges: by its end whoever an attempt waits for must have answered. */
export function startDeadline(memory: Memory, delayMs: number): [Memory, Effect] {
  return startTimer(memory, delayMs, true);
}

export function after(effects: readonly Effect[], [state, more]: Step): Step {
  return [state, [...effects, ...more]];
}

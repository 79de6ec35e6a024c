import { doubled, jittered } from '../util/backoff.js';
import {
  disconnectInfo,
  type Ending,
  farewell,
  isRefusal,
  POLICY_VIOLATION,
  type Problem,
} from './endings.js';
import type { Connected, Connecting, Effect, Idle, MachineSettings, Memory, Moment, Step } from './state.js';

/** Attempts that may begin within one limiter window of as many intervals, whoever asked for them. */
export const LIMITER_ATTEMPTS = 20;
/** A session shorter than this never counts as useful, however short the intervals are. */
const SHORTEST_USEFUL_LIFE_MS = 5_000;

type Intervals = Pick<MachineSettings, 'reconnectIntervalMs' | 'maxReconnectIntervalMs'>;

/** How long to wait after `failures` in a row (1 or more). `chance` is in [0, 1). */
export function backoffDelay(failures: number, settings: Intervals, chance: number): number {
  const { reconnectIntervalMs, maxReconnectIntervalMs } = settings;
  return jittered(doubled(reconnectIntervalMs, failures - 1, maxReconnectIntervalMs), chance);
}

/** How long a session must have lasted to forgive the failures before it. */
export function usefulLifeMs(settings: Intervals): number {
  return Math.max(SHORTEST_USEFUL_LIFE_MS, settings.maxReconnectIntervalMs);
}

/** When the next attempt may begin at the earliest, given when the last ones began (oldest first). */
export function earliestStart(starts: readonly number[], { reconnectIntervalMs }: Intervals): number {
  const oldest = starts.at(-LIMITER_ATTEMPTS);
  return oldest === undefined ? Number.NEGATIVE_INFINITY : oldest + LIMITER_ATTEMPTS * reconnectIntervalMs;
}

/** Begins the next attempt, or waits until the limiter allows it. */
export function begin(settings: MachineSettings, before: Memory, now: number): Step {
  const earliest = earliestStart(before.starts, settings);
  if (earliest > now) return waitUntil(before, earliest, now);
  const starts = [...before.starts, now].slice(-LIMITER_ATTEMPTS);
  const attempt = before.attempt + 1;
  const [memory, timer] = startDeadline({ ...before, attempt, starts }, settings.openTimeoutMs);
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
  const { memory, phase } = state;
  const hint = phase === 'authenticating' ? state.hint : null;
  const told: Problem = { kind: 'attempt_failed', attempt: memory.attempt, ending, hint };
  const refused: Problem = { kind: 'refused', ending, inSession: false, hint };
  const final = isFinal(settings, state, ending);
  const next = afterFailure(settings, state, { ending, told, refused: final ? refused : null }, at);
  return phase === 'asking_key' ? next : after(socketOver(ending), next);
}

export function sessionOver(settings: MachineSettings, state: Connected, ending: Ending, at: Moment): Step {
  const { session, keyNumber } = state;
  const useful = at.now - session.startedAt >= usefulLifeMs(settings);
  const memory: Memory = useful ? { ...state.memory, failures: 0 } : state.memory;
  // A socket that reports its own close is told by `onDisconnect`; what we found out ourselves is told as an error too.
  const told: Problem | null = ending.kind === 'closed' ? null : { kind: 'session_lost', ending };
  const refused: Problem = { kind: 'refused', ending, inSession: true, hint: null };
  const failure = { ending, told, refused: isRefusal(ending) ? refused : null };
  const next = afterFailure(settings, { memory, keyNumber }, failure, at);
  return after([...socketOver(ending), { do: 'session_end', session }], next);
}

/** RCN-1: whether a refusal is one. The service's own hello deadline closes with 1008 as well. */
function isFinal(settings: MachineSettings, state: Connecting, ending: Ending): boolean {
  const slowHello = state.phase === 'authenticating' && state.helloDelayMs > settings.helloTimeoutMs;
  return isRefusal(ending) && !(slowHello && ending.kind === 'closed' && ending.code === POLICY_VIOLATION);
}

/** `told` is reported if there is a next attempt; `refused` if the service has the last word. */
interface Failure {
  readonly ending: Ending;
  readonly told: Problem | null;
  readonly refused: Problem | null;
}

/** The next attempt after a failure, if there may be one. */
function afterFailure(
  settings: MachineSettings,
  state: { readonly memory: Memory; readonly keyNumber?: number },
  { ending, told, refused }: Failure,
  { now, chance }: Moment,
): Step {
  const { maxReconnectAttempts: retries, keySource } = settings;
  const { keyNumber } = state;
  let memory: Memory = { ...state.memory, failures: state.memory.failures + 1 };
  if (refused !== null) {
    // RCN-1: a key function is asked once more after a refusal; a second refusal in a row is the last word.
    const mayAskAgain = keySource === 'function' && retries > 0 && memory.refusal === null;
    if (!mayAskAgain || keyNumber === undefined) return giveUp(memory, refused);
    memory = { ...memory, refusal: { keyNumber, problem: refused } };
  }
  if (memory.failures > retries) return giveUp(memory, { kind: 'exhausted', retries, ending });
  const backoff = now + backoffDelay(memory.failures, settings, chance);
  const next = waitUntil(memory, Math.max(backoff, earliestStart(memory.starts, settings)), now);
  return told === null ? next : after([{ do: 'report', problem: told }], next);
}

/** The end of a life that nobody asked for: told to `onError`, and to whoever still waits for `connect()`. */
export function giveUp(memory: Memory, problem: Problem): Step {
  return [
    idle(memory),
    [{ do: 'clear_timer' }, { do: 'connect_failed', problem }, { do: 'report', problem }],
  ];
}

export function idle(memory: Memory): Idle {
  return { kind: 'idle', memory: { ...memory, failures: 0, refusal: null } };
}

/** What is to be done about a socket that has ended, or that we end: fence it, and tell. */
export function socketOver(ending: Ending): Effect[] {
  return [
    { do: 'discard', ...farewell(ending) },
    { do: 'disconnected', info: disconnectInfo(ending) },
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

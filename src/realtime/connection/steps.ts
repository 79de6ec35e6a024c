import { earliestStart, withStart } from './backoff.js';
import { disconnectInfo, type Ending, farewell, type Problem } from './endings.js';
import type { AttemptDeadline, Effect, MachineSettings, Memory, State, Step } from './state.js';

/** A timer that fires this late, or later, tells that our process slept: the peer may be fine. */
export const SLEPT_MS = 1_000;
/** How long the other side's bytes get to reach us after we slept. */
export const GRACE_MS = 1_000;

/** The next timer: its number goes into the state, so that an older one that still fires means nothing. */
export function startTimer(
  memory: Memory,
  delayMs: number,
  from: 'now' | 'next_turn' = 'now',
): { memory: Memory; timer: number; effect: Effect } {
  const timer = memory.timer + 1;
  return { memory: { ...memory, timer }, timer, effect: { do: 'timer', timer, delayMs, from } };
}

/** A timer that judges somebody, with the time at which it should fire. */
export function startDeadline(
  memory: Memory,
  delayMs: number,
  now: number,
): { memory: Memory; deadline: AttemptDeadline; effect: Effect } {
  const { memory: next, timer, effect } = startTimer(memory, delayMs);
  return { memory: next, deadline: { timer, dueAt: now + delayMs, grace: 'unused' }, effect };
}

/** Whether a deadline that fires now may judge. `null`: it may. Otherwise we slept, and this is the grace to start. */
export function graceFor(
  memory: Memory,
  deadline: AttemptDeadline,
  now: number,
): { memory: Memory; deadline: AttemptDeadline; effect: Effect } | null {
  if (deadline.grace === 'spent' || now - deadline.dueAt < SLEPT_MS) return null;
  const { memory: next, timer, effect } = startTimer(memory, GRACE_MS, 'next_turn');
  return { memory: next, deadline: { timer, dueAt: now + GRACE_MS, grace: 'spent' }, effect };
}

/** Begins the next attempt, or waits until the limiter allows it. */
export function begin(settings: MachineSettings, memory: Memory, now: number): Step {
  const earliest = earliestStart(memory.starts, settings);
  if (earliest > now) return waitUntil(memory, earliest, now);
  const attempt = memory.attempt + 1;
  const started = startDeadline(
    { ...memory, attempt, starts: withStart(memory.starts, now) },
    settings.openTimeoutMs,
    now,
  );
  return [
    {
      kind: 'connecting',
      phase: 'asking_key',
      attempt,
      deadline: started.deadline,
      memory: started.memory,
    },
    [started.effect, { do: 'ask_key', attempt }],
  ];
}

/** Schedules the next attempt. */
export function waitUntil(memory: Memory, until: number, now: number): Step {
  const { memory: next, timer, effect } = startTimer(memory, until - now);
  return [{ kind: 'waiting', until, timer, memory: next }, [effect]];
}

/** The end of a life that nobody asked for: told to `onError`, and to whoever still waits for `connect()`. */
export function giveUp(memory: Memory, problem: Problem): Step {
  return [
    idle(memory),
    [{ do: 'clear_timer' }, { do: 'connect_failed', problem }, { do: 'report', problem }],
  ];
}

export function idle(memory: Memory): State {
  return { kind: 'idle', memory: { ...memory, failures: 0, refusal: null } };
}

/** What is to be done about a socket that has ended, or that we end: fence it, and tell. */
export function socketOver(attempt: number, ending: Ending): Effect[] {
  return [
    { do: 'discard', attempt, ...farewell(ending) },
    { do: 'disconnected', attempt, info: disconnectInfo(ending) },
  ];
}

/** A socket that the caller ends while it is still being opened. */
export function socketDropped(attempt: number): Effect[] {
  return [
    { do: 'discard', attempt, code: 1000, reason: '' },
    {
      do: 'disconnected',
      attempt,
      info: { code: 1000, reason: 'closed by this client', wasClean: false },
    },
  ];
}

/** A step with more to be done before it. */
export function after(effects: readonly Effect[], [state, more]: Step): Step {
  return [state, [...effects, ...more]];
}

/** Puts a deadline, and the memory that numbers it, into a state that has one. */
export function withDeadline<S extends { readonly deadline: AttemptDeadline; readonly memory: Memory }>(
  state: S,
  started: { readonly memory: Memory; readonly deadline: AttemptDeadline },
): S {
  return { ...state, memory: started.memory, deadline: started.deadline };
}

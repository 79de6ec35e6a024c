import { earliestStart, withStart } from './backoff.js';
import { disconnectInfo, type Ending, farewell, type Problem } from './endings.js';
import type { Effect, MachineSettings, Memory, State, Step } from './state.js';

/** A timer's number, the memory that has given it out, and the effect that starts the timer. */
interface StartedTimer {
  readonly timer: number;
  readonly memory: Memory;
  readonly effect: Effect;
}

/** The next timer: its number goes into the state, so that an older one that still fires means nothing. */
export function startTimer(memory: Memory, delayMs: number, judges = false): StartedTimer {
  const timer = memory.timer + 1;
  return { timer, memory: { ...memory, timer }, effect: { do: 'timer', timer, delayMs, judges } };
}

/** A timer that judges: by its end whoever an attempt waits for must have answered. */
export function startDeadline(memory: Memory, delayMs: number): StartedTimer {
  return startTimer(memory, delayMs, true);
}

/** Begins the next attempt, or waits until the limiter allows it. */
export function begin(settings: MachineSettings, memory: Memory, now: number): Step {
  const earliest = earliestStart(memory.starts, settings);
  if (earliest > now) return waitUntil(memory, earliest, now);
  const attempt = memory.attempt + 1;
  const starts = withStart(memory.starts, now);
  const { timer, effect, ...started } = startDeadline({ ...memory, attempt, starts }, settings.openTimeoutMs);
  return [
    { kind: 'connecting', phase: 'asking_key', attempt, timer, memory: started.memory },
    [effect, { do: 'ask_key', attempt }],
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

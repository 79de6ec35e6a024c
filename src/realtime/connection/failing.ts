import { backoffDelay, earliestStart, usefulLifeMs } from './backoff.js';
import { type Ending, isRefusal, POLICY_VIOLATION, type Problem, type Stage } from './endings.js';
import type { Connected, Connecting, MachineSettings, Memory, Moment, Refusal, Step } from './state.js';
import { after, giveUp, socketOver, waitUntil } from './steps.js';

/** An attempt ended before `hello.ok`, in whatever way. */
export function attemptFailed(
  settings: MachineSettings,
  state: Connecting,
  ending: Ending,
  at: Moment,
): Step {
  const { attempt } = state;
  const hint = state.phase === 'authenticating' ? state.hint : null;
  const over = state.phase === 'asking_key' ? [] : socketOver(attempt, ending);
  const failed: Problem = { kind: 'attempt_failed', attempt, ending, hint };
  if (!isFinal(settings, state, ending)) {
    return after(over, failedOnce(settings, state.memory, ending, failed, at));
  }
  const refused: Problem = { kind: 'refused', ending, stage: stageOf(state), hint };
  return after(over, refusedKey(settings, state, refused, ending, failed, at));
}

/** A session ended, in whatever way but `close()`. */
export function sessionOver(settings: MachineSettings, state: Connected, ending: Ending, at: Moment): Step {
  const over = [...socketOver(state.attempt, ending), { do: 'session_end', session: state.session } as const];
  const useful = at.now - state.session.startedAt >= usefulLifeMs(settings);
  const memory: Memory = useful ? { ...state.memory, failures: 0 } : state.memory;
  // A socket that reports its own close is told by `onDisconnect`; what we found out ourselves is told as an error too.
  const lost: Problem | null = ending.kind === 'closed' ? null : { kind: 'session_lost', ending };
  if (!isRefusal(ending)) return after(over, failedOnce(settings, memory, ending, lost, at));
  const refused: Problem = { kind: 'refused', ending, stage: 'session', hint: null };
  return after(over, refusedKey(settings, { ...state, memory }, refused, ending, lost, at));
}

/** RCN-1: whether a refusal is one. The service's own hello deadline closes with 1008 as well. */
function isFinal(settings: MachineSettings, state: Connecting, ending: Ending): boolean {
  if (!isRefusal(ending)) return false;
  const slowHello = state.phase === 'authenticating' && state.helloDelayMs > settings.helloTimeoutMs;
  return !(slowHello && ending.kind === 'closed' && ending.code === POLICY_VIOLATION);
}

/** The next attempt after a failure, if there may be one. `told` is what is reported when there is. */
function failedOnce(
  settings: MachineSettings,
  before: Memory,
  ending: Ending,
  told: Problem | null,
  at: Moment,
): Step {
  const memory: Memory = { ...before, failures: before.failures + 1 };
  if (memory.failures > settings.maxReconnectAttempts) {
    return giveUp(memory, { kind: 'exhausted', retries: settings.maxReconnectAttempts, ending });
  }
  const backoff = at.now + backoffDelay(memory.failures, settings, at.chance);
  const until = Math.max(backoff, earliestStart(memory.starts, settings));
  return after(told === null ? [] : [{ do: 'report', problem: told }], waitUntil(memory, until, at.now));
}

/** RCN-1: a key function is asked once more after a refusal; a second refusal in a row is the last word. */
function refusedKey(
  settings: MachineSettings,
  state: { readonly memory: Memory; readonly keyNumber?: number },
  refused: Problem,
  ending: Ending,
  told: Problem | null,
  at: Moment,
): Step {
  const { memory, keyNumber } = state;
  const mayAskAgain =
    settings.keySource === 'function' &&
    settings.maxReconnectAttempts > 0 &&
    memory.refusal === null &&
    keyNumber !== undefined;
  if (!mayAskAgain) return giveUp(memory, refused);
  const refusal: Refusal = { keyNumber, problem: refused };
  return failedOnce(settings, { ...memory, refusal }, ending, told, at);
}

function stageOf(state: Connecting): Stage {
  switch (state.phase) {
    case 'asking_key':
      return 'key';
    case 'opening':
      return 'open';
    case 'authenticating':
      return 'hello';
  }
}

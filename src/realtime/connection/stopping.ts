import { ABNORMAL_CLOSURE, disconnectInfo } from './endings.js';
import type { Session } from './session.js';
import type {
  Closing,
  Connecting,
  Effect,
  Event,
  Flushing,
  MachineSettings,
  Memory,
  State,
  Step,
  Stopping,
  Waiting,
} from './state.js';
import { after, idle, socketDropped, socketOver, startTimer } from './steps.js';

const DISCONNECTED = { do: 'connect_failed', problem: { kind: 'disconnected' } } as const;

/** STOP-1: `beginStop()`. Intake ends; the socket of a session stays for the acks that are still to be written. */
export function beginStop(state: State): Step {
  switch (state.kind) {
    case 'idle':
      return [state, []];
    case 'connecting':
    case 'waiting':
      return [flushing(state.memory, null), [...abandoned(state), DISCONNECTED]];
    case 'connected': {
      const { attempt, session, memory } = state;
      return [flushing(memory, { attempt, session }), [{ do: 'stop_intake' }]];
    }
    case 'stopping':
      return [state, []];
  }
}

/** STOP-1: `close()`. The end, from wherever we are. */
export function close(settings: MachineSettings, state: State): Step {
  switch (state.kind) {
    case 'idle':
      return [state, [{ do: 'stopped' }]];
    case 'connecting':
    case 'waiting':
      return [idle(state.memory), [...abandoned(state), DISCONNECTED, { do: 'stopped' }]];
    case 'connected':
      return after([{ do: 'stop_intake' }], sayGoodbye(settings, state));
    case 'stopping':
      if (state.phase === 'closing') return [state, []];
      if (state.link === null) return [idle(state.memory), [{ do: 'stopped' }]];
      return sayGoodbye(settings, { ...state.link, memory: state.memory });
  }
}

/** The signal of the first `connect()` was aborted: as `close()`, but only while nothing is connected yet. */
export function abort(state: State, cause: unknown): Step {
  if (state.kind !== 'connecting' && state.kind !== 'waiting') return [state, []];
  const failed: Effect = { do: 'connect_failed', problem: { kind: 'aborted', cause } };
  return [idle(state.memory), [...abandoned(state), failed]];
}

/** Every other event while a stop is under way. Who wants to connect again waits for its end (`Lifecycle`). */
export function whileStopping(state: Stopping, event: Event): Step {
  if (event.type === 'connect') return [state, [DISCONNECTED]];
  return state.phase === 'flushing' ? whileFlushing(state, event) : whileClosing(state, event);
}

function whileFlushing(state: Flushing, event: Event): Step {
  const { link } = state;
  if (event.type !== 'ended' || link === null || event.attempt !== link.attempt) return [state, []];
  return [
    { ...state, link: null },
    [...socketOver(link.attempt, event.ending), { do: 'session_end', session: link.session }],
  ];
}

function whileClosing(state: Closing, event: Event): Step {
  const { attempt, memory } = state;
  const discard: Effect = { do: 'discard', attempt, code: 1000, reason: '' };
  const stopped: Effect = { do: 'stopped' };
  if (event.type === 'ended' && event.attempt === attempt) {
    const info = disconnectInfo(event.ending);
    return [idle(memory), [discard, { do: 'clear_timer' }, { do: 'disconnected', attempt, info }, stopped]];
  }
  if (event.type === 'timer' && event.timer === state.timer) {
    const info = {
      code: ABNORMAL_CLOSURE,
      reason: 'the peer did not answer our close in time',
      wasClean: false,
    };
    return [idle(memory), [discard, { do: 'disconnected', attempt, info }, stopped]];
  }
  return [state, []];
}

function sayGoodbye(
  settings: MachineSettings,
  { attempt, session, memory: before }: { attempt: number; session: Session; memory: Memory },
): Step {
  const { memory, timer, effect } = startTimer(before, settings.closeTimeoutMs);
  return [
    { kind: 'stopping', phase: 'closing', attempt, timer, memory },
    [{ do: 'say_goodbye', attempt }, { do: 'session_end', session }, effect],
  ];
}

function abandoned(state: Connecting | Waiting): Effect[] {
  const clear: Effect = { do: 'clear_timer' };
  if (state.kind === 'waiting' || state.phase === 'asking_key') return [clear];
  return [clear, ...socketDropped(state.attempt)];
}

function flushing(memory: Memory, link: Flushing['link']): Flushing {
  return { kind: 'stopping', phase: 'flushing', link, memory };
}

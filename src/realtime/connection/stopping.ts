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
  Moment,
  State,
  Step,
  Stopping,
  Waiting,
} from './state.js';
import { after, begin, idle, socketDropped, socketOver, startTimer } from './steps.js';

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
      return withdrawn(state, DISCONNECTED);
  }
}

/** STOP-1: `close()`. The end, from wherever we are. */
export function close(settings: MachineSettings, state: State, at: Moment): Step {
  switch (state.kind) {
    case 'idle':
      return [state, [{ do: 'stopped' }]];
    case 'connecting':
    case 'waiting':
      return [idle(state.memory), [...abandoned(state), DISCONNECTED, { do: 'stopped' }]];
    case 'connected':
      return after([{ do: 'stop_intake' }], sayGoodbye(settings, state, 'idle'));
    case 'stopping':
      if (state.phase === 'closing') return withdrawn(state, DISCONNECTED);
      if (state.link === null) return finish(settings, state, at);
      return sayGoodbye(settings, { ...state.link, memory: state.memory }, state.next);
  }
}

/** The signal of the first `connect()` was aborted: as `close()`, but only while nothing is connected yet. */
export function abort(state: State, cause: unknown): Step {
  const failed: Effect = { do: 'connect_failed', problem: { kind: 'aborted', cause } };
  switch (state.kind) {
    case 'connecting':
    case 'waiting':
      return [idle(state.memory), [...abandoned(state), failed]];
    case 'stopping':
      return withdrawn(state, failed);
    default:
      return [state, []];
  }
}

/** Every other event while a stop is under way. */
export function whileStopping(settings: MachineSettings, state: Stopping, event: Event, at: Moment): Step {
  if (event.type === 'connect') return [{ ...state, next: 'connect' }, []];
  return state.phase === 'flushing' ? whileFlushing(state, event) : whileClosing(settings, state, event, at);
}

function whileFlushing(state: Flushing, event: Event): Step {
  const { link } = state;
  if (event.type !== 'ended' || link === null || event.attempt !== link.attempt) return [state, []];
  return [
    { ...state, link: null },
    [...socketOver(link.attempt, event.ending), { do: 'session_end', session: link.session }],
  ];
}

function whileClosing(settings: MachineSettings, state: Closing, event: Event, at: Moment): Step {
  const { attempt } = state;
  const discard: Effect = { do: 'discard', attempt, code: 1000, reason: '' };
  if (event.type === 'ended' && event.attempt === attempt) {
    const info = disconnectInfo(event.ending);
    return after(
      [discard, { do: 'clear_timer' }, { do: 'disconnected', attempt, info }],
      finish(settings, state, at),
    );
  }
  if (event.type === 'timer' && event.timer === state.timer) {
    const info = {
      code: ABNORMAL_CLOSURE,
      reason: 'the peer did not answer our close in time',
      wasClean: false,
    };
    return after([discard, { do: 'disconnected', attempt, info }], finish(settings, state, at));
  }
  return [state, []];
}

function sayGoodbye(
  settings: MachineSettings,
  { attempt, session, memory: before }: { attempt: number; session: Session; memory: Memory },
  next: Stopping['next'],
): Step {
  const { memory, timer, effect } = startTimer(before, settings.closeTimeoutMs);
  return [
    { kind: 'stopping', phase: 'closing', attempt, timer, next, memory },
    [{ do: 'say_goodbye', attempt }, { do: 'session_end', session }, effect],
  ];
}

/** Everything is over; a `connect()` that came in the meantime begins its own life. */
function finish(settings: MachineSettings, state: Stopping, at: Moment): Step {
  const over = idle(state.memory);
  const stopped: Effect = { do: 'stopped' };
  if (state.next === 'idle') return [over, [stopped]];
  return after([stopped], begin(settings, over.memory, at.now));
}

/** Takes back a `connect()` that was waiting for the stop to end. */
function withdrawn(state: Stopping, failed: Effect): Step {
  return state.next === 'idle' ? [state, []] : [{ ...state, next: 'idle' }, [failed]];
}

function abandoned(state: Connecting | Waiting): Effect[] {
  const clear: Effect = { do: 'clear_timer' };
  if (state.kind === 'waiting' || state.phase === 'asking_key') return [clear];
  return [clear, ...socketDropped(state.attempt)];
}

function flushing(memory: Memory, link: Flushing['link']): Flushing {
  return { kind: 'stopping', phase: 'flushing', link, next: 'idle', memory };
}

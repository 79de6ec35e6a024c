import type { Ending } from './endings.js';
import { attemptFailed, sessionOver } from './failing.js';
import type {
  Authenticating,
  Connected,
  Connecting,
  Effect,
  Event,
  Idle,
  MachineSettings,
  Memory,
  Moment,
  Opening,
  State,
  Step,
  Waiting,
} from './state.js';
import { begin, giveUp, startDeadline } from './steps.js';
import { abort, beginStop, close, whileStopping } from './stopping.js';

/** Where every connection begins. */
export const INITIAL: Idle = {
  kind: 'idle',
  memory: { attempt: 0, session: 0, timer: 0, failures: 0, starts: [], refusal: null },
};

/**
 * The connection's rules (RCN-1, STOP-1, and the deadlines of LIVE-1) as one pure function: no clock, no socket, no
 * promise, and no event that it does not know what to do with. An event with a number that is not the current one is
 * an answer from the past, and changes nothing.
 */
export function transition(settings: MachineSettings, state: State, event: Event, at: Moment): Step {
  const [next, effects] = step(settings, state, event, at);
  if (next === state && effects.length === 0) return [state, effects];
  return [next, inOrder(state, next, effects)];
}

function step(settings: MachineSettings, state: State, event: Event, at: Moment): Step {
  switch (event.type) {
    case 'begin_stop':
      return beginStop(state);
    case 'close':
      return close(settings, state);
    case 'abort':
      return abort(state, event.cause);
    default:
      return live(settings, state, event, at);
  }
}

function live(settings: MachineSettings, state: State, event: Event, at: Moment): Step {
  switch (state.kind) {
    case 'idle':
      return event.type === 'connect' ? begin(settings, state.memory, at.now) : [state, []];
    case 'connecting':
      return whileConnecting(settings, state, event, at);
    case 'connected':
      return whileConnected(settings, state, event, at);
    case 'waiting':
      return whileWaiting(settings, state, event, at);
    case 'stopping':
      return whileStopping(state, event);
  }
}

function whileConnecting(settings: MachineSettings, state: Connecting, event: Event, at: Moment): Step {
  if (event.type === 'timer') {
    return event.timer === state.timer
      ? attemptFailed(settings, state, missedDeadline(state), at)
      : [state, []];
  }
  if (!('attempt' in event) || event.attempt !== state.attempt) return [state, []];
  if (event.type === 'ended') return attemptFailed(settings, state, event.ending, at);
  switch (state.phase) {
    case 'asking_key':
      return event.type === 'key' ? open(settings, state, event.keyNumber, at) : [state, []];
    case 'opening':
      return event.type === 'opened' ? hello(settings, state, at) : [state, []];
    case 'authenticating':
      if (event.type === 'hello_ok') return authenticated(state, event.ackMode, at);
      return event.type === 'hello_hint' ? [{ ...state, hint: event.hint }, []] : [state, []];
  }
}

function open(settings: MachineSettings, state: Connecting, keyNumber: number, at: Moment): Step {
  const { attempt } = state;
  const { refusal } = state.memory;
  // The key function was asked once more, and had nothing new to say.
  if (refusal?.keyNumber === keyNumber) return giveUp(state.memory, refusal.problem);
  const { timer, memory, effect } = startDeadline(state.memory, settings.openTimeoutMs);
  return [
    { kind: 'connecting', phase: 'opening', attempt, keyNumber, openingSince: at.now, timer, memory },
    [effect, { do: 'open', attempt }],
  ];
}

function hello(settings: MachineSettings, state: Opening, at: Moment): Step {
  const { openingSince, ...still } = state;
  const { timer, memory, effect } = startDeadline(state.memory, settings.helloTimeoutMs);
  const helloDelayMs = at.now - openingSince;
  return [
    { ...still, phase: 'authenticating', helloDelayMs, hint: null, timer, memory },
    [effect, { do: 'hello', attempt: state.attempt }],
  ];
}

function authenticated(state: Authenticating, ackMode: boolean, at: Moment): Step {
  const { attempt, keyNumber } = state;
  const id = state.memory.session + 1;
  const session = { id, ackMode, startedAt: at.now };
  const memory: Memory = { ...state.memory, session: id, refusal: null };
  return [
    { kind: 'connected', attempt, keyNumber, session, memory },
    [{ do: 'clear_timer' }, { do: 'connect_ok' }, { do: 'session_start', attempt, session }],
  ];
}

function missedDeadline(state: Connecting): Ending {
  switch (state.phase) {
    case 'asking_key':
      return { kind: 'key_timeout' };
    case 'opening':
      return { kind: 'open_timeout' };
    case 'authenticating':
      return { kind: 'hello_timeout' };
  }
}

function whileConnected(settings: MachineSettings, state: Connected, event: Event, at: Moment): Step {
  switch (event.type) {
    case 'connect':
      return [state, [{ do: 'connect_ok' }]];
    case 'ended':
      return event.attempt === state.attempt ? sessionOver(settings, state, event.ending, at) : [state, []];
    case 'replace': {
      if (event.session !== state.session.id) return [state, []];
      return sessionOver(settings, state, { kind: 'replaced', why: event.why }, at);
    }
    default:
      return [state, []];
  }
}

function whileWaiting(settings: MachineSettings, state: Waiting, event: Event, at: Moment): Step {
  if (event.type === 'online' || (event.type === 'timer' && event.timer === state.timer)) {
    return begin(settings, state.memory, at.now);
  }
  return [state, []];
}

/**
 * Effects in the order in which they are safe: first the old socket is fenced, then promises are settled, then people
 * are told what ended and what is true now, and only then something new begins. Whatever a listener calls meanwhile
 * finds the new state.
 */
const RANK: { readonly [E in Effect['do']]: number } = {
  discard: 0,
  clear_timer: 0,
  stop_intake: 0,
  say_goodbye: 0,
  connect_ok: 1,
  connect_failed: 1,
  stopped: 1,
  session_end: 2,
  disconnected: 3,
  state: 4,
  report: 5,
  session_start: 6,
  timer: 7,
  ask_key: 8,
  open: 8,
  hello: 8,
};

function inOrder(before: State, next: State, effects: readonly Effect[]): readonly Effect[] {
  const all = [...effects];
  if (before.kind !== next.kind) all.push({ do: 'state', state: next.kind, previous: before.kind });
  return all.sort((a, b) => RANK[a.do] - RANK[b.do]);
}

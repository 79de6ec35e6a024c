import {
  after,
  attemptFailed,
  begin,
  giveUp,
  idle,
  sessionOver,
  socketOver,
  startDeadline,
  startTimer,
} from './attempts.js';
import { missesThatCover, NO_MISSES, waitAfter } from './deadlines.js';
import { NORMAL_CLOSURE, type Problem, socketEnd, unclean } from './endings.js';
import type { Session } from './session.js';
import type {
  Connected,
  Connecting,
  Effect,
  Event,
  Idle,
  MachineSettings,
  Memory,
  Moment,
  State,
  Step,
  Stopping,
  Waiting,
} from './state.js';

/** How long the peer may take to answer our close. */
const CLOSE_TIMEOUT_MS = 250;

export const INITIAL: Idle = {
  kind: 'idle',
  memory: {
    attempt: 0,
    session: 0,
    timer: 0,
    failures: 0,
    starts: [],
    notBefore: Number.NEGATIVE_INFINITY,
    misses: NO_MISSES,
    doubts: null,
    refusal: null,
  },
};

/**
 * The connection's rules (RCN-1, STOP-1, and the deadlines of LIVE-1) as one pure function: no clock, no socket, no
 * promise, and no event that it does not know what to do with. An event with a number that is not the current one is
 * an answer from the past, and changes nothing.
 */
export function transition(settings: MachineSettings, state: State, event: Event, at: Moment): Step {
  const [next, effects] = answer(settings, state, event, at);
  if (next === state && effects.length === 0) return [state, effects];
  return [next, inOrder(state, next, effects)];
}

function answer(settings: MachineSettings, state: State, event: Event, at: Moment): Step {
  if (event.type === 'begin_stop') return beginStop(state);
  if (event.type === 'close') return close(state);
  if (event.type === 'abort') {
    // As `close()`, but only while nothing is connected yet.
    if (state.kind !== 'connecting' && state.kind !== 'waiting') return [state, []];
    return [idle(state.memory), abandoned(state, { kind: 'aborted', cause: event.cause })];
  }
  switch (state.kind) {
    case 'idle':
      return event.type === 'connect' ? begin(settings, state.memory, at.now) : [state, []];
    case 'connecting':
      return whileConnecting(settings, state, event, at);
    case 'connected':
      return whileConnected(settings, state, event, at);
    case 'waiting':
      return event.type === 'online' || isTimeUp(state, event)
        ? begin(settings, state.memory, at.now)
        : [state, []];
    case 'stopping':
      return whileStopping(state, event);
  }
}

function isTimeUp({ memory }: State, event: Event): boolean {
  return event.type === 'timer' && event.timer === memory.timer;
}

// -- connecting and connected -----------------------------------------------------------------------------------

const MISSED = {
  asking_key: 'key_timeout',
  opening: 'open_timeout',
  authenticating: 'hello_timeout',
} as const;

function whileConnecting(settings: MachineSettings, state: Connecting, event: Event, at: Moment): Step {
  if (isTimeUp(state, event)) {
    return attemptFailed(settings, state, { kind: MISSED[state.phase] }, at);
  }
  if (!('attempt' in event) || event.attempt !== state.memory.attempt) return [state, []];
  if (event.type === 'ended') return attemptFailed(settings, state, event.ending, at);
  switch (state.phase) {
    case 'asking_key':
      return event.type === 'key' ? open(settings, state.memory, event.keyNumber, at) : [state, []];
    case 'opening':
      return event.type === 'opened' ? hello(settings, state, at) : [state, []];
    case 'authenticating':
      if (event.type === 'hello_ok') return authenticated(settings, state, event.ackMode, at);
      return event.type === 'hello_hint' ? [{ ...state, hint: event.hint }, []] : [state, []];
  }
}

type Phase<P extends Connecting['phase']> = Extract<Connecting, { readonly phase: P }>;

function open(settings: MachineSettings, before: Memory, keyNumber: number, { now }: Moment): Step {
  const { refusal } = before;
  // The key function was asked once more, and had nothing new to say.
  if (refusal?.keyNumber === keyNumber) return giveUp(before, refusal.problem);
  const [memory, timer] = startDeadline(before, waitAfter(before.misses.open, settings.openTimeoutMs));
  return [
    { kind: 'connecting', phase: 'opening', keyNumber, openingSince: now, memory },
    [timer, { do: 'open' }],
  ];
}

function hello(settings: MachineSettings, state: Phase<'opening'>, { now }: Moment): Step {
  const { kind, keyNumber, openingSince } = state;
  const { openTimeoutMs, helloTimeoutMs } = settings;
  const { misses } = state.memory;
  const open = missesThatCover(now - openingSince, misses.open, openTimeoutMs);
  const [memory, timer] = startDeadline(
    { ...state.memory, misses: { ...misses, open } },
    waitAfter(misses.hello, helloTimeoutMs),
  );
  return [
    { kind, phase: 'authenticating', keyNumber, openingSince, helloSince: now, hint: null, memory },
    [timer, { do: 'hello' }],
  ];
}

function authenticated(
  settings: MachineSettings,
  state: Phase<'authenticating'>,
  ackMode: boolean,
  { now }: Moment,
): Step {
  const { keyNumber, memory, helloSince } = state;
  const hello = missesThatCover(now - helloSince, memory.misses.hello, settings.helloTimeoutMs);
  const misses = { ...memory.misses, hello };
  const session = { id: memory.session + 1, ackMode, startedAt: now };
  return [
    {
      kind: 'connected',
      keyNumber,
      session,
      memory: { ...memory, misses, session: session.id, failures: 0, doubts: null, refusal: null },
    },
    [{ do: 'clear_timer' }, { do: 'connect_ok' }, { do: 'session_start', session }],
  ];
}

function whileConnected(settings: MachineSettings, state: Connected, event: Event, at: Moment): Step {
  if (event.type === 'connect') return [state, [{ do: 'connect_ok' }]];
  if (event.type === 'ended' && event.attempt === state.memory.attempt) {
    return sessionOver(settings, state, event.ending, at);
  }
  if (event.type === 'replace' && event.session === state.session.id) {
    return sessionOver(settings, state, { kind: 'replaced', why: event.why }, at);
  }
  return [state, []];
}

// -- stopping ---------------------------------------------------------------------------------------------------

const DISCONNECTED = { kind: 'disconnected' } as const;
const DISCARD: Effect = { do: 'discard', code: NORMAL_CLOSURE, reason: '' };

/** STOP-1: `beginStop()`. Intake ends; the socket of a session stays for the acks that are still to be written. */
function beginStop(state: State): Step {
  if (state.kind === 'idle' || state.kind === 'stopping') return [state, []];
  const { memory } = state;
  const flushing = { kind: 'stopping', phase: 'flushing', memory } as const;
  return state.kind === 'connected'
    ? [{ ...flushing, session: state.session }, [{ do: 'stop_intake' }]]
    : [{ ...flushing, session: null }, abandoned(state, DISCONNECTED)];
}

/** STOP-1: `close()`. The end, from wherever we are. */
function close(state: State): Step {
  const { memory } = state;
  switch (state.kind) {
    case 'idle':
      return [state, [{ do: 'stopped' }]];
    case 'connecting':
    case 'waiting':
      return [idle(memory), [...abandoned(state, DISCONNECTED), { do: 'stopped' }]];
    case 'connected':
      return after([{ do: 'stop_intake' }], sayGoodbye(memory, state.session));
    case 'stopping':
      if (state.phase === 'closing') return [state, []];
      if (state.session === null) return [idle(memory), [{ do: 'stopped' }]];
      return sayGoodbye(memory, state.session);
  }
}

function sayGoodbye(before: Memory, session: Session): Step {
  const [memory, timer] = startTimer(before, CLOSE_TIMEOUT_MS);
  return [
    { kind: 'stopping', phase: 'closing', session, memory },
    [{ do: 'say_goodbye' }, { do: 'session_end', session }, timer],
  ];
}

/** Every other event while a stop is under way. Who wants to connect again waits for its end (`Lifecycle`). */
function whileStopping(state: Stopping, event: Event): Step {
  const { memory } = state;
  if (event.type === 'connect') return [state, [{ do: 'connect_failed', problem: DISCONNECTED }]];
  const ended = event.type === 'ended' && event.attempt === memory.attempt;
  if (state.phase === 'flushing') {
    const { session } = state;
    if (!ended || session === null) return [state, []];
    return [
      { ...state, session: null },
      [...socketOver(event.ending, session), { do: 'session_end', session }],
    ];
  }
  if (!ended && !isTimeUp(state, event)) return [state, []];
  const end = ended ? socketEnd(event.ending) : unclean('the peer did not answer our close in time');
  const disconnected: Effect = { do: 'disconnected', end, session: state.session };
  return [idle(memory), [DISCARD, { do: 'clear_timer' }, disconnected, { do: 'stopped' }]];
}

/** Ends what is not connected yet: the timer, the socket if there is one, and the wait for `connect()`. */
function abandoned(state: Connecting | Waiting, problem: Problem): Effect[] {
  const effects: Effect[] = [{ do: 'clear_timer' }, { do: 'connect_failed', problem }];
  if (state.kind === 'waiting' || state.phase === 'asking_key') return effects;
  const end = unclean('closed by this client', NORMAL_CLOSURE);
  return [...effects, DISCARD, { do: 'disconnected', end, session: null }];
}

// -- the order of effects ---------------------------------------------------------------------------------------

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

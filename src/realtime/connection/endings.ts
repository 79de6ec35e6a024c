import {
  AbortedError,
  type AgentChatClientError,
  alsoOf,
  ConnectionError,
  ForbiddenError,
  TimeoutError,
  UnauthorizedError,
} from '../../errors/index.js';
import { diagnose } from '../../http/index.js';
import type { SocketEnd } from './session.js';

/** How an attempt or its socket ended, told by whoever found out. */
export type Ending =
  /** The socket reported its close. `cause` is what an error event before it said. */
  | (Readonly<SocketEnd> & { readonly kind: 'closed'; readonly cause?: unknown })
  /** The upgrade was answered with an ordinary HTTP response. */
  | {
      readonly kind: 'http';
      readonly status: number;
      /** What the service said; absent when the answer was not in its own form. */
      readonly said?: string;
      /** How long we were asked to stay away (`Retry-After`); absent when we were not. */
      readonly retryAfterMs?: number;
    }
  /** The owner found the session useless. */
  | { readonly kind: 'replaced'; readonly why: string }
  /** No socket could be made at all, or the caller's key function failed. */
  | { readonly kind: 'not_opened' | 'key_failed'; readonly cause: unknown }
  | { readonly kind: 'key_timeout' | 'open_timeout' | 'hello_timeout' }
  /** A ping was not answered; or the peer takes nothing off the wire, and what we write piles up. */
  | { readonly kind: 'silent' | 'unread' };

/** How it ended, and what the service said before that in a `hello.error` or the like. */
interface Explained {
  readonly ending: Ending;
  readonly hint: string | null;
}

/** What went wrong in passing: there will be another attempt. */
export type Setback =
  | (Explained & { readonly kind: 'attempt_failed'; readonly attempt: number })
  /** A session ended in a way that its socket did not tell by itself. */
  | { readonly kind: 'session_lost'; readonly ending: Ending };

/** Something that a person, or a pending promise, is to be told. `errorFor` puts it into words. */
export type Problem =
  | (Setback & { readonly nextInMs: number })
  /** The service does not want this key or this agent: trying again would not help. */
  | (Explained & { readonly kind: 'refused'; readonly inSession: boolean })
  /** All attempts that `maxReconnectAttempts` allows have failed; 0 of them with `reconnect: false`. */
  | { readonly kind: 'exhausted'; readonly retries: number; readonly ending: Ending }
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'aborted'; readonly cause: unknown };

/** The service's "policy violation": a bad key, a key that expired, or a first frame that was no hello. */
export const POLICY_VIOLATION = 1008;
export const CLOSE_UNAUTHORIZED = 4401;
export const CLOSE_FORBIDDEN = 4403;
export const NORMAL_CLOSURE = 1000;
/** "No close frame came": what the platform reports, and we do too. */
const ABNORMAL_CLOSURE = 1006;

const LONGEST_QUOTE = 200;

/** What an ending is called that nobody else has put into words: to `onDisconnect`, and in the middle of a sentence. */
const NAMES: {
  readonly [K in Exclude<Ending['kind'], 'closed' | 'http' | 'replaced'>]: readonly [string, string];
} = {
  key_failed: ['no API key', 'the apiKey function gave no key'],
  key_timeout: ['no API key', 'the apiKey function did not answer in time'],
  not_opened: ['no socket could be made', 'no WebSocket could be made'],
  open_timeout: ['the socket did not open in time', 'the WebSocket did not open in time'],
  hello_timeout: ['no hello.ok in time', 'the service did not answer our hello in time'],
  silent: ['a ping was not answered', 'the connection went silent, and a ping was not answered'],
  unread: ['the peer reads nothing', 'the peer stopped reading what we write'],
};

type Farewell = Omit<SocketEnd, 'wasClean'>;

/** The close code and the words with which our side gives a socket up, where it does not just close it. */
const FAREWELLS: { readonly [K in Ending['kind']]?: Farewell } = {
  hello_timeout: { code: POLICY_VIOLATION, reason: 'HELLO ack timeout' },
  silent: { code: 1011, reason: 'ping timeout' },
  unread: { code: 1011, reason: 'writes pile up' },
};

export function farewell({ kind }: Ending): Farewell {
  return FAREWELLS[kind] ?? { code: NORMAL_CLOSURE, reason: '' };
}

/** What `onDisconnect` listeners are told of it. */
export function socketEnd(ending: Ending): SocketEnd {
  switch (ending.kind) {
    case 'closed':
      return { code: ending.code, reason: ending.reason, wasClean: ending.wasClean };
    case 'http':
      return unclean(`the upgrade was answered with HTTP ${ending.status}`);
    case 'replaced':
      return unclean(ending.why);
    default: {
      const [reason] = NAMES[ending.kind];
      return ending.kind === 'hello_timeout' ? unclean(reason, POLICY_VIOLATION) : unclean(reason);
    }
  }
}

/** How a socket looks to `onDisconnect` that ended without the closing handshake. */
export function unclean(reason: string, code: number = ABNORMAL_CLOSURE): SocketEnd {
  return { code, reason, wasClean: false };
}

/** How an ending reads in the middle of a sentence. */
export function describe(ending: Ending, url: string): string {
  switch (ending.kind) {
    case 'closed':
      return describeClose('code', ending, url);
    case 'http':
      return `the server answered the upgrade with HTTP ${ending.status} instead of opening a WebSocket${words(ending)}`;
    case 'replaced':
      return quote(ending.why);
    default: {
      const [, words] = NAMES[ending.kind];
      return 'cause' in ending ? `${words} (${causeText(ending.cause)})` : words;
    }
  }
}

function describeClose(
  what: string,
  { code, reason, cause }: Ending & { kind: 'closed' },
  url: string,
): string {
  // Our words for a cause whose own help nobody, and the platform's for the others.
  const why = cause === undefined ? '' : ` (${diagnose(cause, url)?.words ?? causeText(cause)})`;
  return `the socket closed with ${what} ${code}${reason === '' ? '' : `, "${quote(reason)}"`}${why}`;
}

/** The error that tells a problem to people. Every message ends with what to do. */
export function errorFor(problem: Problem, url: string): AgentChatClientError {
  switch (problem.kind) {
    case 'attempt_failed': {
      const { attempt, ending, hint } = problem;
      const advice = adviceFor(ending, url) ?? 'if this goes on, check the network, baseUrl and apiKey';
      return new (ending.kind.endsWith('_timeout') ? TimeoutError : ConnectionError)({
        message: `Attempt ${attempt} to connect to ${url} failed: ${describe(ending, url)}${said(hint)}. The next one begins in ${inSeconds(problem.nextInMs)}; ${advice}.`,
        retryable: true,
        outcome: 'not_sent',
        ...answerOf(ending),
        cause: causeOf(ending),
      });
    }
    case 'session_lost':
      return new ConnectionError({
        message: `The connection to ${url} was given up: ${describe(problem.ending, url)}. The next attempt begins in ${inSeconds(problem.nextInMs)}; no action needed.`,
        retryable: true,
        cause: causeOf(problem.ending),
      });
    case 'refused':
      return refusal(problem, url);
    case 'exhausted': {
      const { retries, ending } = problem;
      const advice = adviceFor(ending, url);
      const advised = advice === null ? '' : `${advice.charAt(0).toUpperCase()}${advice.slice(1)}. `;
      const how = `${describe(ending, url)}. ${advised}Call connect() to try again, or`;
      return new ConnectionError({
        message:
          retries === 0
            ? `The connection to ${url} is down and stays down, because reconnecting is off: ${how} leave out \`reconnect: false\`.`
            : `The connection to ${url} was given up after ${retries} reconnect attempts in a row: ${how} raise maxReconnectAttempts.`,
        retryable: true,
        ...answerOf(ending),
        cause: causeOf(ending),
      });
    }
    case 'disconnected':
      return new ConnectionError({
        message: 'disconnect() was called before the connection was ready. Call connect() to connect again.',
        retryable: false,
        outcome: 'not_sent',
      });
    case 'aborted':
      return new AbortedError({
        message:
          'connect() was aborted by its signal. Call connect() again with a signal that is not aborted; the reason is in `cause`.',
        outcome: 'not_sent',
        cause: problem.cause,
      });
  }
}

/**
 * Refusals for good are `ConnectionError`s too, and a close says "terminal code": by that the official SDK lets its users
 * tell them from losses that pass.
 */
function refusal(
  { ending, inSession, hint }: Problem & { kind: 'refused' },
  url: string,
): AgentChatClientError {
  const ended =
    ending.kind === 'closed' ? describeClose('terminal code', ending, url) : describe(ending, url);
  const how = `${ended}${said(hint)}`;
  const cause = causeOf(ending);
  const status = ending.kind === 'http' ? ending.status : undefined;
  const code = ending.kind === 'closed' ? ending.code : status;
  if (isForeign(ending)) {
    return new ConnectionError({
      message: `The connection to ${url} was given up after half an hour of refusals that did not come from AgentChat: ${how}. Check \`baseUrl\` and any proxy between you and the service, then call connect() again.`,
      retryable: false,
      outcome: 'rejected',
      ...answerOf(ending),
    });
  }
  const rejected = { status, retryable: false, outcome: 'rejected', cause } as const;
  if (code === CLOSE_FORBIDDEN || code === 403) {
    const error = new ForbiddenError({
      message: `The service does not let this agent connect to ${url}: ${how}. Look at the \`status\` of getMe(): the agent may be suspended. When that is settled, call connect() again.`,
      ...rejected,
    });
    return alsoOf(error, ConnectionError);
  }
  // Our first frame is always a hello, so before hello.ok the only policy to violate is the key.
  if (code === CLOSE_UNAUTHORIZED || code === 401 || (code === POLICY_VIOLATION && !inSession)) {
    const error = new UnauthorizedError({
      message: `The service refused the API key at ${url}: ${how}. Check apiKey (it may have been rotated) and call connect() again; with a function as apiKey a rotated key is picked up by itself.`,
      ...rejected,
    });
    return alsoOf(error, ConnectionError);
  }
  return new ConnectionError({
    message: `The service ended the connection to ${url} for good: ${how}. Either the API key was revoked or rotated, or a frame that we sent broke a rule. Check the key and what is sent, then call connect() again.`,
    retryable: false,
    cause,
  });
}

/** What to do about an attempt that ended so; `null` when nothing better is known than to try again. Total. */
export function adviceFor(ending: Ending, url: string): string | null {
  if (ending.kind !== 'http') return diagnose(causeOf(ending), url)?.advice ?? null;
  const { status } = ending;
  if (isForeign(ending) && (status === 401 || status === 403)) {
    return 'this refusal did not come from AgentChat: if it goes on, check `baseUrl` and any proxy between you and the service';
  }
  if (status >= 300 && status < 400) {
    return 'the server redirects, and redirects are not followed: set `baseUrl` to where it leads';
  }
  if (status < 300 || [400, 404, 405, 426].includes(status)) {
    return 'there is no AgentChat WebSocket at this address: check `baseUrl`, and that every proxy in between passes on WebSocket upgrades';
  }
  return null;
}

function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function said(hint: string | null): string {
  return hint === null ? '' : `; the service said "${quote(hint)}"`;
}

function quote(text: string): string {
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}...` : text;
}

/** What errors tell of an answer to the upgrade. */
function answerOf(ending: Ending) {
  if (ending.kind !== 'http') return {};
  const { status, retryAfterMs } = ending;
  return { status, retryAfterMs, foreign: isForeign(ending) };
}

function isForeign(ending: Ending): boolean {
  return ending.kind === 'http' && ending.said === undefined;
}

function words({ said, retryAfterMs }: Ending & { kind: 'http' }): string {
  const quoted = said === undefined ? '' : ` ("${quote(said)}")`;
  return retryAfterMs === undefined ? quoted : `${quoted} and asked to wait for ${inSeconds(retryAfterMs)}`;
}

function causeOf(ending: Ending): unknown {
  return 'cause' in ending ? ending.cause : undefined;
}

/** One line about anything that can be thrown. Node names a refused connection only in `code`. */
function causeText(cause: unknown): string {
  try {
    if (cause instanceof Error) {
      const { code } = cause as { code?: unknown };
      const text = cause.message === '' ? cause.name : cause.message;
      return quote(typeof code === 'string' && !text.includes(code) ? `${code}: ${text}` : text);
    }
    return quote(String(cause));
  } catch {
    return 'a value that cannot be shown';
  }
}

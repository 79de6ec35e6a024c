import {
  type AgentChatError,
  ConnectionError,
  ForbiddenError,
  TimeoutError,
  UnauthorizedError,
} from '../../errors/index.js';
import { diagnose } from '../../http/index.js';
import {
  CLOSE_FORBIDDEN,
  CLOSE_UNAUTHORIZED,
  type Ending,
  POLICY_VIOLATION,
  type Problem,
} from './endings.js';

/** Longer texts from the other side are cut. */
const LONGEST_QUOTE = 200;

/** The error that tells a problem to people. Every message ends with what to do. */
export function errorFor(problem: Problem, url: string): AgentChatError {
  switch (problem.kind) {
    case 'attempt_failed':
      return new (isTimeout(problem.ending) ? TimeoutError : ConnectionError)({
        message: `Attempt ${problem.attempt} to connect to ${url} failed: ${describe(problem.ending, url)}${said(problem.hint)}. The next one is scheduled; ${adviceFor(problem.ending, url) ?? 'if this goes on, check the network, baseUrl and apiKey'}.`,
        retryable: true,
        outcome: 'not_sent',
        cause: causeOf(problem.ending),
      });
    case 'session_lost':
      return new ConnectionError({
        message: `The connection to ${url} was given up: ${describe(problem.ending, url)}. A new one is being opened; nothing is to be done.`,
        retryable: true,
        cause: causeOf(problem.ending),
      });
    case 'refused':
      return refusal(problem, url);
    case 'exhausted':
      return new ConnectionError({
        message:
          problem.retries === 0
            ? `The connection to ${url} is down and stays down, because reconnecting is off: ${describe(problem.ending, url)}. ${advised(problem.ending, url)}Call connect() to try again, or leave out \`reconnect: false\`.`
            : `The connection to ${url} was given up after ${problem.retries} reconnect attempts in a row: ${describe(problem.ending, url)}. ${advised(problem.ending, url)}Call connect() to try again, or raise maxReconnectAttempts.`,
        retryable: true,
        cause: causeOf(problem.ending),
      });
    case 'disconnected':
      return new ConnectionError({
        message: 'disconnect() was called before the connection was ready. Call connect() to connect again.',
        retryable: false,
        outcome: 'not_sent',
      });
    case 'aborted':
      return new ConnectionError({
        message:
          'connect() was aborted by its signal. Call connect() again with a signal that is not aborted; the reason is in `cause`.',
        code: 'ABORTED',
        retryable: false,
        outcome: 'not_sent',
        cause: problem.cause,
      });
  }
}

/** How an ending reads in the middle of a sentence. */
export function describe(ending: Ending, url: string): string {
  switch (ending.kind) {
    case 'closed': {
      const why = ending.cause === undefined ? '' : ` (${closeCause(ending.cause, url)})`;
      return `the socket closed with code ${ending.code}${ending.reason === '' ? '' : `, "${quote(ending.reason)}"`}${why}`;
    }
    case 'http':
      return `the server answered the upgrade with HTTP ${ending.status} instead of opening a WebSocket`;
    case 'not_opened':
      return `no WebSocket could be made (${causeText(ending.cause)})`;
    case 'open_timeout':
      return 'the WebSocket did not open in time';
    case 'hello_timeout':
      return 'the service did not answer our hello in time';
    case 'silent':
      return 'nothing was heard any more, and a ping was not answered';
    case 'unread':
      return 'the peer stopped reading what we write';
    case 'replaced':
      return quote(ending.why);
    case 'key_failed':
      return `the apiKey function gave no key (${causeText(ending.cause)})`;
    case 'key_timeout':
      return 'the apiKey function did not answer in time';
  }
}

function refusal({ ending, stage, hint }: Problem & { kind: 'refused' }, url: string): AgentChatError {
  const how = `${describe(ending, url)}${said(hint)}`;
  const cause = causeOf(ending);
  const status = ending.kind === 'http' ? ending.status : undefined;
  const code = ending.kind === 'closed' ? ending.code : status;
  if (code === CLOSE_FORBIDDEN || code === 403) {
    return new ForbiddenError({
      message: `The service does not let this agent connect to ${url}: ${how}. Look at the \`status\` of getMe(): the agent may be suspended. When that is settled, call connect() again.`,
      status,
      retryable: false,
      outcome: 'rejected',
      cause,
    });
  }
  // Our first frame is always a hello, so before hello.ok the only policy to violate is the key.
  if (code === CLOSE_UNAUTHORIZED || code === 401 || (code === POLICY_VIOLATION && stage !== 'session')) {
    return new UnauthorizedError({
      message: `The service refused the API key at ${url}: ${how}. Check apiKey (it may have been rotated) and call connect() again; with a function as apiKey a rotated key is picked up by itself.`,
      status,
      retryable: false,
      outcome: 'rejected',
      cause,
    });
  }
  return new ConnectionError({
    message: `The service ended the connection to ${url} for good: ${how}. Either the API key was revoked or rotated, or a frame that we sent broke a rule. Check the key and what is sent, then call connect() again.`,
    retryable: false,
    cause,
  });
}

function isTimeout(ending: Ending): boolean {
  return ending.kind === 'open_timeout' || ending.kind === 'hello_timeout' || ending.kind === 'key_timeout';
}

/** What to do about an attempt that ended so; `null` when nothing better is known than to try again. Total. */
export function adviceFor(ending: Ending, url: string): string | null {
  if (ending.kind === 'http') return adviceForStatus(ending.status);
  return 'cause' in ending ? (diagnose(ending.cause, url)?.advice ?? null) : null;
}

function adviceForStatus(status: number): string | null {
  if (status >= 300 && status < 400) {
    return 'it redirects, and redirects are not followed: set `baseUrl` to where it leads';
  }
  if (status < 300 || [400, 404, 405, 426].includes(status)) {
    return 'there is no AgentChat WebSocket at this address: check `baseUrl`, and that a proxy in between passes upgrades on';
  }
  return null;
}

/** The advice as a sentence of its own. */
function advised(ending: Ending, url: string): string {
  const advice = adviceFor(ending, url);
  return advice === null ? '' : `${advice.charAt(0).toUpperCase()}${advice.slice(1)}. `;
}

function said(hint: string | null): string {
  return hint === null ? '' : `; the service said "${quote(hint)}"`;
}

function quote(text: string): string {
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}...` : text;
}

function causeOf(ending: Ending): unknown {
  return 'cause' in ending ? ending.cause : undefined;
}

/** Our words for a cause whose own help nobody, and the platform's for the others. */
function closeCause(cause: unknown, url: string): string {
  return diagnose(cause, url)?.words ?? causeText(cause);
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

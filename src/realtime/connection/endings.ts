import type { DisconnectInfo } from './session.js';

/** How an attempt or its socket ended, told by whoever found out. */
export type Ending =
  /** The socket reported its close. `cause` is what an error event before it said. */
  | {
      readonly kind: 'closed';
      readonly code: number;
      readonly reason: string;
      readonly wasClean: boolean;
      readonly cause?: unknown;
    }
  /** The upgrade was answered with an ordinary HTTP response. */
  | { readonly kind: 'http'; readonly status: number }
  /** No socket could be made at all. */
  | { readonly kind: 'not_opened'; readonly cause: unknown }
  | { readonly kind: 'open_timeout' }
  | { readonly kind: 'hello_timeout' }
  /** A ping was not answered. */
  | { readonly kind: 'silent' }
  /** The peer takes nothing off the wire: what we write piles up. */
  | { readonly kind: 'unread' }
  /** The owner found the session useless. */
  | { readonly kind: 'replaced'; readonly why: string }
  /** The caller's key function failed. */
  | { readonly kind: 'key_failed'; readonly cause: unknown }
  | { readonly kind: 'key_timeout' };

/** In which part of its life an attempt ended. */
export type Stage = 'key' | 'open' | 'hello' | 'session';

/** Something that a person, or a pending promise, is to be told. `errorFor` puts it into words. */
export type Problem =
  /** The attempt failed; there will be another. */
  | {
      readonly kind: 'attempt_failed';
      readonly attempt: number;
      readonly ending: Ending;
      readonly hint: string | null;
    }
  /** A session ended in a way that its socket did not tell by itself; there will be another. */
  | { readonly kind: 'session_lost'; readonly ending: Ending }
  /** The service does not want this key or this agent: trying again would not help. */
  | {
      readonly kind: 'refused';
      readonly ending: Ending;
      readonly stage: Stage;
      readonly hint: string | null;
    }
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
export const ABNORMAL_CLOSURE = 1006;

/** Whether the service has spoken: another attempt with the same key would end the same way. */
export function isRefusal(ending: Ending): boolean {
  if (ending.kind === 'http') return ending.status === 401 || ending.status === 403;
  return (
    ending.kind === 'closed' &&
    (ending.code === POLICY_VIOLATION ||
      ending.code === CLOSE_UNAUTHORIZED ||
      ending.code === CLOSE_FORBIDDEN)
  );
}

/** The close code and the words with which our side gives a socket up. */
export function farewell(ending: Ending): { code: number; reason: string } {
  switch (ending.kind) {
    case 'hello_timeout':
      return { code: POLICY_VIOLATION, reason: 'HELLO ack timeout' };
    case 'silent':
      return { code: 1011, reason: 'ping timeout' };
    case 'unread':
      return { code: 1011, reason: 'writes pile up' };
    default:
      return { code: NORMAL_CLOSURE, reason: '' };
  }
}

/** How an ending looks to `onDisconnect`. */
export function disconnectInfo(ending: Ending): DisconnectInfo {
  switch (ending.kind) {
    case 'closed':
      return { code: ending.code, reason: ending.reason, wasClean: ending.wasClean };
    case 'http':
      return abnormal(`the upgrade was answered with HTTP ${ending.status}`);
    case 'not_opened':
      return abnormal('no socket could be made');
    case 'open_timeout':
      return abnormal('the socket did not open in time');
    case 'hello_timeout':
      return { code: POLICY_VIOLATION, reason: 'no hello.ok in time', wasClean: false };
    case 'silent':
      return abnormal('a ping was not answered');
    case 'unread':
      return abnormal('the peer reads nothing');
    case 'replaced':
      return abnormal(ending.why);
    case 'key_failed':
    case 'key_timeout':
      return abnormal('no API key');
  }
}

function abnormal(reason: string): DisconnectInfo {
  return { code: ABNORMAL_CLOSURE, reason, wasClean: false };
}

import { answersWithoutTls, asksForBlockedPort } from './diagnosis.js';

/** Failures before a connection stood, by the names that the runtimes give them. */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  // Bun
  'ConnectionRefused',
  'FailedToOpenSocket',
  // A certificate that was not accepted: the handshake ended before any request.
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);
/** Deno's words for a failure before a connection stood. The address before them holds no spaces. */
const NEVER_CONNECTED_WORDS = /^error sending request for url \(\S*\): client error \(Connect\): /;
/** Calls of the operating system that come before any byte of a request. */
const BEFORE_ANY_BYTE: ReadonlySet<string> = new Set(['connect', 'getaddrinfo']);
/** How many causes deep is looked. */
const DEEPEST = 5;

/**
 * Whether a failure of `fetch` shows that nothing of the request can have arrived. False when in doubt, so also in
 * browsers, which do not tell.
 */
export function neverLeft(cause: unknown): boolean {
  return answersWithoutTls(cause) || asksForBlockedPort(cause) || neverConnected(cause, DEEPEST);
}

function neverConnected(cause: unknown, depth: number): boolean {
  if (typeof cause !== 'object' || cause === null || depth === 0) return false;
  try {
    const { code, message, syscall, errors, cause: inner } = cause as Record<string, unknown>;
    if (typeof code === 'string' && NEVER_CONNECTED.has(code)) return true;
    if (typeof syscall === 'string' && BEFORE_ANY_BYTE.has(syscall)) return true;
    if (typeof message === 'string' && NEVER_CONNECTED_WORDS.test(message)) return true;
    // Several addresses of one host were tried.
    if (Array.isArray(errors) && errors.length > 0)
      return errors.every((error) => neverConnected(error, depth - 1));
    return neverConnected(inner, depth - 1);
  } catch {
    return false;
  }
}

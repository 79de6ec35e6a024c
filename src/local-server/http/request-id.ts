import type { IncomingMessage } from 'node:http';
import type { IdSource } from '../ids.js';

/** What a caller may choose as its own correlation id: something that can stand in a header and in a log. */
const USABLE = /^[\x21-\x7e]{1,128}$/;

/** The caller's own `x-request-id`, or a new one. */
export function requestIdOf(request: IncomingMessage, ids: IdSource): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && USABLE.test(given) ? given : ids.next('req_');
}

import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  type EndpointKey,
  type EndpointMatch,
  ErrorCode,
  IDEMPOTENCY_KEY_PATTERN,
} from '../../wire/index.js';
import type { World } from '../state/world.js';
import type { Body } from './body.js';
import { failure, type Reply } from './reply.js';

/** The key of a request that is to be carried out once, and what tells it from another request under the same key. */
export interface Once {
  readonly handle: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** What answers with an API key. It is remembered nowhere: the folder and exports would hold it. */
const ISSUING_KEYS: ReadonlySet<EndpointKey> = new Set(['verify', 'recoverVerify', 'rotateKeyVerify']);

/** What is to be done about an `Idempotency-Key`. */
export type OnceVerdict =
  /** There is none, or it means nothing here. */
  | { readonly kind: 'ignore' }
  | { readonly kind: 'refuse'; readonly reply: Reply }
  | { readonly kind: 'replay'; readonly reply: Reply }
  /** Carry it out, and remember the answer. */
  | { readonly kind: 'first'; readonly once: Once };

/**
 * Reads the header. It is for mutations other than messages, which have their `client_msg_id`, and other than those that a
 * one-time code lets happen once.
 */
export function judgeOnce(
  world: World,
  handle: string,
  request: IncomingMessage,
  { key: endpoint, endpoint: { method } }: EndpointMatch,
  body: Body,
): OnceVerdict {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string' || method === 'GET' || endpoint === 'sendMessage') return { kind: 'ignore' };
  if (ISSUING_KEYS.has(endpoint)) return { kind: 'ignore' };
  if (!IDEMPOTENCY_KEY_PATTERN.test(key)) {
    const message = 'Idempotency-Key must be 8 to 128 letters, digits, "-" and "_".';
    return { kind: 'refuse', reply: failure(400, ErrorCode.IDEMPOTENCY_KEY_INVALID, message) };
  }
  const fingerprint = fingerprintOf(request, body);
  const now = world.now();
  const known = world.idempotency.find(handle, key, now);
  if (known === undefined) return { kind: 'first', once: { handle, key, fingerprint } };
  if (known.fingerprint !== fingerprint) {
    const message = 'This Idempotency-Key was used for another request.';
    return { kind: 'refuse', reply: failure(422, ErrorCode.IDEMPOTENCY_KEY_CONFLICT, message) };
  }
  if (known.busyUntil > now) {
    const message = 'The first request with this Idempotency-Key is still running.';
    return { kind: 'refuse', reply: failure(409, ErrorCode.IDEMPOTENT_IN_PROGRESS, message) };
  }
  const { status, body: answer, headers } = known.reply;
  return {
    kind: 'replay',
    reply: { status, body: answer, headers: { ...headers, 'idempotent-replay': 'true' } },
  };
}

/**
 * Remembers an answer for a day, but for "not now" and faults of the server, after which the request may be tried again.
 *
 * @param busyMs How long it takes until the answer has gone out.
 */
export function rememberOnce(world: World, once: Once, reply: Reply, busyMs: number): void {
  if (reply.status === 429 || reply.status >= 500) return;
  const at = world.now();
  world.idempotency.keep({ ...once, reply, at, busyUntil: at + busyMs });
}

function fingerprintOf({ method, url }: IncomingMessage, body: Body): string {
  const hash = createHash('sha256').update(`${method} ${url}\n`);
  if (body.kind === 'json') hash.update(JSON.stringify(body.value));
  else if (body.kind === 'bytes') hash.update(body.bytes);
  return hash.digest('base64');
}

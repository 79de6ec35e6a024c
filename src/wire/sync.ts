import { isFilled, isObject, kindOf } from './json.js';

/**
 * A row of `GET /v1/messages/sync`: a message with the cursor that acknowledges it. Only the first three fields are
 * promised; unknown ones are kept.
 */
export interface SyncEnvelope {
  id: string;
  conversation_id: string;
  /** `null` for a row without a cursor of its own: the next row's covers it. */
  delivery_id: string | null;
  sender?: string;
  sender_handle?: string;
  type?: string;
  content?: Record<string, unknown>;
  created_at?: string;
  seq?: number;
  [key: string]: unknown;
}

export interface SyncQuery {
  /** 1 to 500, default 200. */
  limit?: number | undefined;
  /** A delivery cursor: rows after it. Reading commits nothing. */
  after?: string | undefined;
}

export interface SyncAckRequest {
  last_delivery_id: string;
}

export interface SyncAckResponse {
  /** How many messages became delivered. 0 when the cursor was acknowledged before. */
  acked: number;
}

/** What `readSyncPage` made of a body. `rows` are unwrapped but not yet checked: see `syncRowProblem`. */
export type SyncPage =
  | { readonly ok: true; readonly rows: readonly unknown[] }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads the body of a sync answer: an array of flat rows, or the envelopes of older servers, as `{ envelopes: [...] }` or
 * `{ messages: [...] }` with `{ delivery_id, message }` entries. Anything else is a problem, never an empty queue: to take
 * an unknown object for "nothing there" would be to go deaf without a word.
 */
export function readSyncPage(body: unknown): SyncPage {
  if (Array.isArray(body)) return { ok: true, rows: body };
  if (!isObject(body)) return { ok: false, problem: `expected an array of rows, got ${kindOf(body)}` };
  const wrapped = Array.isArray(body.envelopes) ? body.envelopes : body.messages;
  if (!Array.isArray(wrapped)) {
    return {
      ok: false,
      problem: 'expected an array of rows, got an object without "envelopes" or "messages"',
    };
  }
  return { ok: true, rows: wrapped.map(unwrapRow) };
}

/** An envelope becomes a flat row; what is no envelope stays as it is, for `syncRowProblem` to judge. */
function unwrapRow(item: unknown): unknown {
  if (!isObject(item)) return item;
  const message = isObject(item.message) ? item.message : item;
  const cursor = 'delivery_id' in item ? item.delivery_id : message.delivery_id;
  // Old cursors were numbers. As text they are as opaque as the others.
  const numeric = typeof cursor === 'number' && Number.isSafeInteger(cursor);
  return { ...message, delivery_id: numeric ? String(cursor) : cursor };
}

/** Why a row cannot be used; `null` when it can. Rows are judged one by one, so that a bad one costs no good one. */
export function syncRowProblem(row: unknown): string | null {
  if (!isObject(row)) return `${kindOf(row)} instead of a row`;
  if (!isFilled(row.id)) return '"id" is not a non-empty string';
  if (!isFilled(row.conversation_id)) {
    return '"conversation_id" is not a non-empty string';
  }
  if (typeof row.delivery_id !== 'string' && row.delivery_id !== null)
    return '"delivery_id" is not a string or null';
  if (row.sender !== undefined && typeof row.sender !== 'string') return '"sender" is not a string';
  if (row.sender_handle !== undefined && typeof row.sender_handle !== 'string')
    return '"sender_handle" is not a string';
  if (row.type !== undefined && typeof row.type !== 'string') return '"type" is not a string';
  if (row.created_at !== undefined && typeof row.created_at !== 'string')
    return '"created_at" is not a string';
  if (row.content !== undefined && !isObject(row.content)) return '"content" is not an object';
  return null;
}

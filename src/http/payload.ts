import { invalid } from './invalid.js';

/** Raw bytes of a request. A function is asked for a new stream on each attempt. */
export type BytesSource =
  | Uint8Array<ArrayBuffer>
  | ArrayBuffer
  | Blob
  | (() => ReadableStream<Uint8Array<ArrayBuffer>>);

/** What goes out with a request, the same on each attempt. */
export type Payload = string | BytesSource;

/** A payload and what it is: JSON, or bytes as they are. */
export interface TypedPayload {
  readonly payload: Payload | undefined;
  readonly contentType: string | undefined;
}

/** What a body is unless it is bytes. */
export const JSON_TYPE = 'application/json';
/** What bytes are unless the request's own headers say otherwise. */
const BYTES_TYPE = 'application/octet-stream';

/** @throws ValidationError for a body that cannot be sent. */
export function payloadOf(body: unknown): TypedPayload {
  if (body === undefined) return { payload: undefined, contentType: undefined };
  if (isBytesSource(body)) return { payload: body, contentType: BYTES_TYPE };
  return { payload: jsonText(body), contentType: JSON_TYPE };
}

function isBytesSource(value: unknown): value is BytesSource {
  return (
    value instanceof Uint8Array ||
    value instanceof ArrayBuffer ||
    (typeof Blob !== 'undefined' && value instanceof Blob) ||
    typeof value === 'function'
  );
}

function jsonText(body: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(body);
  } catch {
    // A circle or a BigInt; the engine's message may quote the value.
  }
  if (text === undefined) {
    throw invalid('body', 'the body cannot be written as JSON (a circle, a BigInt, a symbol?)');
  }
  return text;
}

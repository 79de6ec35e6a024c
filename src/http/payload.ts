import { invalid } from './invalid.js';

type Bytes = Uint8Array<ArrayBuffer>;

/** Raw bytes of a request. A function is asked for a new stream on each attempt. */
export type BytesSource = Bytes | ArrayBuffer | Blob | (() => ReadableStream<Bytes>);

/** What goes out with a request, the same on each attempt. */
export type Payload = string | BytesSource;

/** A payload and what it is: JSON, or bytes as they are. */
export interface TypedPayload {
  readonly payload: Payload | undefined;
  readonly contentType: string | undefined;
  /** It can be sent a single time. */
  readonly once?: true;
}

/** What a body is unless it is bytes. */
export const JSON_TYPE = 'application/json';
/** What bytes are unless the request's own headers say otherwise. */
const BYTES_TYPE = 'application/octet-stream';

/**
 * @param raw Whatever it is goes out as it is, and what it is called is left to the request's own headers.
 * @throws ValidationError for a body that cannot be sent.
 */
export function payloadOf(body: unknown, raw = false): TypedPayload {
  if (body === undefined) return { payload: undefined, contentType: undefined };
  const contentType = raw ? undefined : BYTES_TYPE;
  if (typeof ReadableStream !== 'undefined' && body instanceof ReadableStream) {
    return { payload: () => body as ReadableStream<Bytes>, contentType, once: true };
  }
  const bytes = ArrayBuffer.isView(body) ? bytesOf(body) : body;
  if (isBytesSource(bytes)) return { payload: bytes, contentType };
  if (!raw) return { payload: jsonText(body), contentType: JSON_TYPE };
  if (typeof body === 'string') return { payload: body, contentType };
  throw invalid(
    'body',
    'with "rawBody" the body must be a string, a Uint8Array, an ArrayBuffer, a Blob, a ReadableStream, or a function that returns one',
  );
}

function isBytesSource(value: unknown): value is BytesSource {
  return (
    value instanceof Uint8Array ||
    value instanceof ArrayBuffer ||
    (typeof Blob !== 'undefined' && value instanceof Blob) ||
    typeof value === 'function'
  );
}

function bytesOf(view: ArrayBufferView): Bytes {
  if (view instanceof Uint8Array) return view as Bytes;
  return new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
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

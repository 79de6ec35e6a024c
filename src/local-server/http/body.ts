import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';

/**
 * The longest request body that is read. A message is at most 32 KiB of JSON; the same text may arrive with every
 * character escaped, which makes it six times as long.
 */
export const MAX_BODY_BYTES = 256 * 1024;

/**
 * The deepest nesting of arrays and objects that is accepted. Everything that comes in is written out again, and
 * `JSON.stringify` overflows the stack on values that `JSON.parse` took without complaint.
 */
const MAX_DEPTH = 200;

/** What became of a request's body. */
export type Body =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: unknown; readonly bytes: number }
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'malformed'; readonly why: string }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'aborted' };

/** Whether more of the body may still come than anybody wants to wait for. */
export function isOversized(request: IncomingMessage): boolean {
  return isDeclaredTooLarge(request, MAX_BODY_BYTES) || request.headers['transfer-encoding'] !== undefined;
}

function isDeclaredTooLarge(request: IncomingMessage, limitBytes: number): boolean {
  return Number(request.headers['content-length'] ?? 0) > limitBytes;
}

/** Reads JSON to its end, or until it is clear that it is longer than allowed. Never rejects. */
export function readBody(request: IncomingMessage): Promise<Body> {
  return read(request, MAX_BODY_BYTES, parse);
}

/** The same for bytes that are nobody's to understand: a picture, a file. */
export function readBytes(request: IncomingMessage, limitBytes: number): Promise<Body> {
  return read(request, limitBytes, (bytes) => ({ kind: 'bytes', bytes }));
}

function read(request: IncomingMessage, limitBytes: number, make: (bytes: Buffer) => Body): Promise<Body> {
  if (isDeclaredTooLarge(request, limitBytes)) return Promise.resolve({ kind: 'too_large' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (body: Body) => {
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      resolve(body);
    };
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limitBytes) settle({ kind: 'too_large' });
      else chunks.push(chunk);
    };
    const onEnd = () => settle(make(Buffer.concat(chunks)));
    const onClose = () => settle({ kind: 'aborted' });
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}

function parse(bytes: Buffer): Body {
  if (bytes.length === 0) return { kind: 'none' };
  if (!isUtf8(bytes)) return { kind: 'malformed', why: 'The body is not valid UTF-8.' };
  const text = bytes.toString('utf8');
  if (isTooDeep(text))
    return { kind: 'malformed', why: `The body is nested deeper than ${MAX_DEPTH} levels.` };
  try {
    return { kind: 'json', value: JSON.parse(text) as unknown, bytes: bytes.length };
  } catch {
    return { kind: 'malformed', why: 'The body is not valid JSON.' };
  }
}

/** Counts brackets outside of strings. Exact for valid JSON; what is not valid is refused anyway. */
function isTooDeep(text: string): boolean {
  if (text.length <= MAX_DEPTH * 2) return false;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (code === 0x5d || code === 0x7d) depth -= 1;
  }
  return false;
}

import type { ServerResponse } from 'node:http';
import type { Reply } from './reply.js';

/** Answers that say everything in their head. */
const BODILESS: ReadonlySet<number> = new Set([204, 302]);

/** An answer that is ready to be written. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export function answerOf(reply: Reply, headers: Readonly<Record<string, string>>): Answer {
  if (BODILESS.has(reply.status)) {
    const length = reply.status === 204 ? {} : { 'content-length': '0' };
    return { status: reply.status, headers: { ...headers, ...reply.headers, ...length }, body: '' };
  }
  if (reply.body instanceof Uint8Array) {
    const length = { 'content-length': String(reply.body.byteLength) };
    return { status: reply.status, headers: { ...headers, ...reply.headers, ...length }, body: reply.body };
  }
  const body = JSON.stringify(reply.body);
  return {
    status: reply.status,
    headers: {
      ...headers,
      ...reply.headers,
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
    },
    body,
  };
}

/** Writes an answer. A client that has gone away is nobody's problem. */
export function respond(response: ServerResponse, answer: Answer): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(answer.status, answer.headers);
  response.end(answer.body);
}

/** Writes an answer late, or only half of its body at first. To a client that gives up meanwhile, nothing more. */
export function respondLate(
  response: ServerResponse,
  answer: Answer,
  stall: { readonly ms: number; readonly part: 'headers' | 'body' },
): void {
  if (response.destroyed) return;
  const bytes = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  const half = Math.floor(bytes.length / 2);
  if (stall.part === 'body') {
    response.writeHead(answer.status, answer.headers);
    response.write(bytes.subarray(0, half));
  }
  const timer = setTimeout(() => {
    if (stall.part === 'body') response.end(bytes.subarray(half));
    else respond(response, answer);
  }, stall.ms);
  timer.unref();
  response.once('close', () => clearTimeout(timer));
}

import type { HttpMethod } from '../wire/index.js';
import type { Payload } from './payload.js';

/** What is to be carried: one request, its headers complete. */
export interface Cargo {
  readonly method: HttpMethod;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Payload | undefined;
}

/** Who is told of an answer as it comes: the head, the chunks, and the end or an error. Nothing is told after either. */
export interface Receiver {
  /** @param hidden It is a redirect, and the platform does not say where to. */
  onHead(status: number, headers: Headers, hidden: boolean): void;
  /** Returns false when no more is wanted; the carrier has then been cancelled already. */
  onChunk(chunk: Uint8Array): boolean;
  onEnd(): void;
  onError(cause: unknown): void;
}

/** A receiver that takes its time: a chunk for which it gives a promise is followed by no other until that settles. */
export interface PatientReceiver extends Omit<Receiver, 'onChunk'> {
  onChunk(chunk: Uint8Array): boolean | Promise<boolean>;
}

/** A request under way. */
export interface Carried {
  /** Gives it up. Without effect when it is over. */
  cancel(): void;
}

/** Takes a request to where it belongs, and tells of the answer. It throws nothing. */
export type Carrier = (cargo: Cargo, receiver: Receiver) => Carried;

/** A carrier that waits for a receiver which is slower than the answer. */
export type PatientCarrier = (cargo: Cargo, receiver: PatientReceiver) => Carried;

/**
 * Where a `fetch` may hold a carrier that does the same at a lower price: no `AbortController`, `Response` and stream for
 * each request. Registered, because the package exists as ESM and as CJS.
 */
export const CARRIER: unique symbol = /* @__PURE__ */ Symbol.for('agentchat-client.carrier') as never;

/** The carrier of a `fetch`: its own, or one that uses it. */
export function carrierOf(
  fetch: typeof globalThis.fetch,
  usual: (fetch: typeof globalThis.fetch) => Carrier,
): Carrier {
  const own: unknown = (fetch as { [CARRIER]?: unknown })[CARRIER];
  return typeof own === 'function' ? (own as Carrier) : usual(fetch);
}

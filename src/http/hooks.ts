import type { HttpMethod } from '../wire/index.js';

/** What a hook learns about a request that is about to go out. */
export interface RequestInfo {
  method: HttpMethod;
  /** The whole URL. It never holds the key. */
  url: string;
  /** 1 for the first attempt. */
  attempt: number;
  /** The request's headers; the key in `Authorization` is masked. */
  headers: Record<string, string>;
}

/** What a hook learns about an attempt that succeeded, once its body has been read. */
export interface ResponseInfo extends RequestInfo {
  status: number;
  /** Milliseconds from the start of this attempt. */
  durationMs: number;
  /** The service's `x-request-id`, `null` without one. Optional, so that a mock may leave it out; hooks always get it. */
  requestId?: string | null;
}

/** What a hook learns about an attempt that failed: no answer, an answer that says no, one that cannot be read. */
export interface ErrorInfo extends RequestInfo {
  /** Present when the service answered. */
  status?: number;
  durationMs: number;
  /** A copy of what the caller may get to see. */
  error: Error;
}

/** What a hook learns before the pause that precedes another attempt. `attempt` is the one that failed. */
export interface RetryInfo extends RequestInfo {
  status?: number;
  /** What the attempt failed with. Optional, so that a mock may leave it out; hooks always get it. */
  error?: Error;
  /** The number of the attempt that follows. */
  nextAttempt: number;
  /** The pause, in milliseconds. After a 429 the shortest that it can be: calls of a kind leave one after the other then. */
  delayMs: number;
}

/**
 * Observers. They are told and never asked: a hook is not awaited, and one that throws, rejects, hangs or changes what
 * it was given changes nothing about the request. No hook ever sees the key, nor a body.
 */
export interface RequestHooks {
  onRequest?: (info: RequestInfo) => void | Promise<void>;
  onResponse?: (info: ResponseInfo) => void | Promise<void>;
  onError?: (info: ErrorInfo) => void | Promise<void>;
  onRetry?: (info: RetryInfo) => void | Promise<void>;
}

/** Calls an observer of the user's, whatever it does. */
export function tell<T>(observer: ((value: T) => unknown) | undefined, value: T): void {
  if (observer === undefined) return;
  try {
    const outcome = observer(value);
    if (typeof outcome === 'object' && outcome !== null) {
      // Reads `then` once and guarded: an observer may return anything, an object with a throwing getter included.
      Promise.resolve(outcome).catch(() => {});
    }
  } catch {
    // An observer cannot disturb what it observes.
  }
}

/** A copy for observers: what they do to it does not reach the error that the caller gets. */
export function copyError(error: Error): Error {
  const copy: Error = Object.create(Object.getPrototypeOf(error), Object.getOwnPropertyDescriptors(error));
  // In some engines `stack` is an accessor that works on the original only.
  Object.defineProperty(copy, 'stack', { value: error.stack, configurable: true, writable: true });
  const { details } = error as { details?: unknown };
  if (typeof details === 'object' && details !== null) {
    Object.defineProperty(copy, 'details', {
      value: structuredClone(details),
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return copy;
}

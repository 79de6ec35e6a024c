import { isServicesWord, NotFoundError } from '../errors/index.js';

/**
 * The answer of a call, or `fallback` where the service says that there is none.
 *
 * Only the service's own 404 says so: the page of a proxy says nothing about what is asked, and stays an error.
 */
export async function orWhenAbsent<T, Fallback>(call: Promise<T>, fallback: Fallback): Promise<T | Fallback> {
  try {
    return await call;
  } catch (error) {
    if (isAbsent(error)) return fallback;
    throw error;
  }
}

/**
 * Waits for a removal. When an attempt got no answer and its repeat finds nothing to remove, the attempt has done it: what
 * was asked for is so, and is no error. A first attempt that finds nothing stays one.
 */
export async function removal(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isAbsent(error) || error.outcome !== 'unknown') throw error;
  }
}

/** Whether the service itself says that there is no such thing. */
export function isAbsent(error: unknown): error is NotFoundError {
  return error instanceof NotFoundError && isServicesWord(error);
}

import { NotFoundError } from '../errors/index.js';

/**
 * The answer of a call, or `fallback` where the service says that there is none.
 *
 * Only the service's own 404 says so: the page of a proxy says nothing about what is asked, and stays an error.
 */
export async function orWhenAbsent<T, Fallback>(call: Promise<T>, fallback: Fallback): Promise<T | Fallback> {
  try {
    return await call;
  } catch (error) {
    // What is kept of a foreign body stands in `details.body`.
    if (error instanceof NotFoundError && error.details?.body === undefined) return fallback;
    throw error;
  }
}

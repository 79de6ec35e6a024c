import type { CallOptions, HttpTransport } from '../http/index.js';

/**
 * Does something that takes several requests under one signal and one deadline. Each request has the deadline as well, so
 * that one which is told to wait for longer fails at once. Whatever is still under way when the call ends is ended with it.
 *
 * @param label How messages call it.
 */
export async function inSteps<T>(
  transport: HttpTransport,
  label: string,
  { signal, ...each }: CallOptions,
  run: (call: CallOptions) => Promise<T>,
): Promise<T> {
  // Already over: nothing is to be sent, and the first step says so itself.
  if (signal?.aborted === true) return run({ ...each, signal });
  const steps = new AbortController();
  const running = run({ ...each, signal: steps.signal });
  try {
    return await transport.waitFor(running, label, { signal, deadlineMs: each.deadlineMs });
  } finally {
    steps.abort();
  }
}

import { expect } from 'vitest';

/** `expect.poll` with patience: a machine that does a lot else is slow. */
export function eventually<T>(look: () => T) {
  return expect.poll(look, { timeout: 10_000 });
}

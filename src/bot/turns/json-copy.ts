import { ValidationError } from '../../errors/index.js';
import type { Json } from '../../stores/index.js';

/**
 * A value as a store gives it back. What is used right away is what is used after a crash.
 *
 * @throws ValidationError for what is not JSON. `what` says what it is.
 */
export function jsonCopy(value: unknown, what: string): Json {
  let text: string | undefined;
  try {
    text = JSON.stringify(value === undefined ? null : value);
  } catch {
    // A circle or a BigInt. The engine's message may quote the value.
  }
  if (text === undefined) {
    throw new ValidationError(
      `${what} must be JSON: plain objects, arrays, strings, numbers, booleans, null.`,
    );
  }
  return JSON.parse(text) as Json;
}

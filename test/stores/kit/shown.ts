import { inspect } from 'node:util';
import { expect } from 'vitest';
import { StoreError } from '../../../src/errors/index.js';

/** The error of a store that a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<StoreError> {
  const error = await promise.then(
    (value) => expect.fail(`It fulfilled with ${inspect(value)}`),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(StoreError);
  return error as StoreError;
}

/** All that could be shown of an error or a store by whoever logs it. */
export function shown(thing: unknown): string {
  const options = { depth: 12, showHidden: true } as const;
  const { cause } = Object(thing) as { cause?: unknown };
  return [inspect(thing, options), inspect(cause, options), JSON.stringify(thing), String(thing)].join('\n');
}

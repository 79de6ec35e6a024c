import { ValidationError } from '../errors/index.js';

/** An object that came from a caller, before anything is known about it. */
export type Unchecked = { readonly [name: string]: unknown };

/** What is thrown at a caller whose option cannot work. */
export function badOption(name: string, problem: string): ValidationError {
  return new ValidationError({ message: `"${name}" ${problem}`, field: name });
}

/** Refuses what is no object, and names in it that nobody reads: a misspelt option would be ignored without a word. */
export function checkNames(value: unknown, known: readonly string[], what: string): Unchecked {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badOption(what, 'must be an object');
  }
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) {
      throw badOption(name, `is not known to ${what}; there are: ${known.join(', ')}`);
    }
  }
  return value as Unchecked;
}

/** A number within bounds, or the default when it is left out. */
export function numberWithin(
  value: unknown,
  name: string,
  bounds: { readonly from: number; readonly to: number; readonly whole?: boolean },
  fallback: number,
): number {
  if (value === undefined) return fallback;
  const { from, to, whole = false } = bounds;
  if (typeof value !== 'number' || !(value >= from && value <= to) || (whole && !Number.isInteger(value))) {
    throw badOption(name, `must be a ${whole ? 'whole ' : ''}number from ${from} to ${to}`);
  }
  return value;
}

export function oneOf<const Choice extends string>(
  value: unknown,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  if (value === undefined) return undefined;
  const choice = choices.find((each) => each === value);
  if (choice === undefined)
    throw badOption(name, `must be ${choices.map((each) => `'${each}'`).join(' or ')}`);
  return choice;
}

export function flag(value: unknown, name: string, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value !== 'boolean') throw badOption(name, 'must be true or false');
  return value;
}

export function text(value: unknown, name: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw badOption(name, 'must be a string');
  return value;
}

/** A function of the caller's. Its type is the caller's promise; that it is one at all is what can be checked. */
export function callback<Callback extends (...args: never[]) => unknown>(
  value: Callback | undefined,
  name: string,
): Callback | undefined {
  if (value !== undefined && typeof value !== 'function') throw badOption(name, 'must be a function');
  return value;
}

/** The longest delay that a timer keeps: it holds it in 31 bits, and fires at once beyond. */
export const LONGEST_DELAY_MS: number = 2 ** 31 - 1;

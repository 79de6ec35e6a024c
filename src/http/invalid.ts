import { ValidationError } from '../errors/index.js';
import { nearestName } from './option-names.js';

/** What is thrown before the network when an argument cannot be right. `field` names it. */
export function invalid(field: string, message: string): ValidationError {
  return new ValidationError({ message, field, outcome: 'not_sent' });
}

/**
 * Refuses an argument that is no object, and names in it that nobody reads: a misspelt option would otherwise be ignored
 * without a word.
 *
 * @param what How messages call the argument, such as `AgentChatClient option`.
 * @throws ValidationError that names the option and the nearest valid name.
 */
export function checkOptionNames(options: unknown, known: readonly string[], what: string): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalid('options', `${what}s must be an object, not ${nameOf(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const nearest = nearestName(name, known);
    const advice =
      nearest === undefined ? `the valid names are: ${known.join(', ')}` : `did you mean "${nearest}"?`;
    throw invalid(name, `unknown ${what} "${name}"; ${advice}`);
  }
}

/** A duration option: a number of milliseconds, 0 or more. `Infinity` is allowed and means "no limit", as 0 does. */
export function checkDuration(value: unknown, name: string): void {
  if (value === undefined) return;
  if (typeof value !== 'number' || Number.isNaN(value) || value < 0) {
    throw invalid(name, `"${name}" must be a number of milliseconds, 0 or more, not ${show(value)}`);
  }
}

/** A whole number within bounds. */
export function checkInteger(value: unknown, name: string, min: number, max: number): void {
  if (value === undefined) return;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    throw invalid(name, `"${name}" must be a whole number from ${min} to ${max}, not ${show(value)}`);
  }
}

/** A function, when it is given at all. */
export function checkFunction(value: unknown, name: string): void {
  if (value !== undefined && typeof value !== 'function') {
    throw invalid(name, `"${name}" must be a function, not ${nameOf(value)}`);
  }
}

/** A string with something in it. */
export function checkFilled(value: unknown, name: string): asserts value is string {
  if (typeof value !== 'string' || value.trim() === '') {
    throw invalid(name, `"${name}" must be a non-empty string, not ${show(value)}`);
  }
}

/** A value as messages show it. Strings are not shown beyond their kind: an argument in the wrong place may be a key. */
function show(value: unknown): string {
  if (value === '') return 'an empty string';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : nameOf(value);
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'undefined';
  if (Array.isArray(value)) return 'an array';
  return `a${typeof value === 'object' ? 'n' : ''} ${typeof value}`;
}

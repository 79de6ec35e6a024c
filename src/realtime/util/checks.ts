import { invalid } from '../../http/index.js';

export function checkBoolean(value: unknown, name: string): void {
  if (value !== undefined && typeof value !== 'boolean')
    throw invalid(name, `"${name}" must be true or false`);
}

export function checkObject(value: unknown, name: string): void {
  if (typeof value !== 'object' || value === null) throw invalid(name, `"${name}" must be an object`);
}

/** Something with these methods, when it is given at all. `what` says what it must be. */
export function checkMethods(value: unknown, name: string, methods: readonly string[], what: string): void {
  if (value === undefined) return;
  for (const method of methods) {
    if (typeof (value as Record<string, unknown> | null)?.[method] !== 'function') {
      throw invalid(name, `"${name}" must be ${what}; it has no ${method}()`);
    }
  }
}

/** An abort signal, when one is given at all. */
export function checkSignal(signal: unknown): void {
  checkMethods(signal, 'signal', ['addEventListener'], 'an AbortSignal');
}

/** A number of ms above 0. A timer cannot be `Infinity`, so neither can a time. */
export function positiveMs(value: unknown, name: string, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
  throw invalid(name, `"${name}" must be a number of milliseconds above 0; leave it out for the default`);
}

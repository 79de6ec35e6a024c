import type { OpenRecord } from './open-record.js';

/** A value of the wire as an object; `undefined` when it is none. */
export function asRecord(value: unknown): OpenRecord | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as OpenRecord)
    : undefined;
}

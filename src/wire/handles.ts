import { HANDLE_MAX_LENGTH, HANDLE_MIN_LENGTH } from './limits.js';

const HANDLE = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/**
 * The spelling that the service uses: without surrounding spaces, without one leading `@`, in lower case.
 *
 * @example normalizeHandle('@Alice') // 'alice'
 */
export function normalizeHandle(handle: string): string {
  const trimmed = handle.trim();
  return (trimmed.startsWith('@') ? trimmed.slice(1) : trimmed).toLowerCase();
}

/** Whether an agent could be registered under exactly this name (no `@`, no capitals). It may be taken or reserved. */
export function isHandle(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length >= HANDLE_MIN_LENGTH &&
    value.length <= HANDLE_MAX_LENGTH &&
    HANDLE.test(value)
  );
}

/** Whether two spellings mean the same agent. False when either is not a string. */
export function sameHandle(left: unknown, right: unknown): boolean {
  if (typeof left !== 'string' || typeof right !== 'string') return false;
  return left === right || normalizeHandle(left) === normalizeHandle(right);
}

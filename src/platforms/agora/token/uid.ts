import { invalid } from '../../../http/index.js';

/** Uids are numbers of 32 bits, unless a channel has strings for them. */
export const HIGHEST_UID = 2 ** 32 - 1;

/** @throws ValidationError when it is no number of 32 bits, written as a string. */
export function checkUid(uid: unknown, name: string): void {
  if (typeof uid === 'string' && /^\d{1,10}$/.test(uid) && Number(uid) <= HIGHEST_UID) return;
  throw invalid(name, `"${name}" must be a number from 0 to ${HIGHEST_UID}, written as a string`);
}

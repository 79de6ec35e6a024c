import { StoreError } from '../../errors/index.js';

/** Whatever JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [field: string]: Json };

/** @throws StoreError `corrupt` for a text that is no JSON. */
export function parsed(engine: string, key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const advice = `The entry ${key} is no JSON. Restore the store from a backup, or delete the entry.`;
    throw new StoreError({ engine, fault: 'corrupt', advice, cause });
  }
}

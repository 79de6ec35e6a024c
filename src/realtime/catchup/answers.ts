import { ProtocolError } from '../../errors/index.js';
import type { ErrorListener } from '../listeners.js';
import { LruSet } from '../util/collections.js';

export function fieldsOf(row: unknown): Record<string, unknown> {
  return (typeof row === 'object' && row !== null ? row : {}) as Record<string, unknown>;
}

/** The rows of a list, in either of the forms in which servers give it: bare, or under a name. Null when it is none. */
export function rowsOf(answer: unknown, name: string): readonly unknown[] | null {
  const rows = Array.isArray(answer) ? answer : fieldsOf(answer)[name];
  return Array.isArray(rows) ? rows : null;
}

/** Tells of each kind of bad answer once. Bounded: beyond it the oldest may be told again. */
export class Complaints {
  private readonly told = new LruSet<string>(1_000);

  constructor(private readonly listener: ErrorListener) {}

  tell(kind: string, message: string): void {
    if (this.told.has(kind)) return;
    this.told.add(kind);
    this.listener.onError(new ProtocolError({ message }));
  }
}

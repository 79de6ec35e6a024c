import { isFields } from './fields.js';

/** What a turn came to. Fields that are not known here are kept. */
export interface SomiaResult {
  session_id: string;
  /** The reply; `null` without one. */
  message: string | null;
  /** What was said so far. */
  history?: SomiaHistoryEntry[];
  pending?: unknown;
  /** The session is over. */
  finished?: boolean;
  [field: string]: unknown;
}

/** What was said once. No source states its fields. */
export type SomiaHistoryEntry = Record<string, unknown>;

/** The id of a session, where there is one: in an object, or in what an event holds. */
export function sessionIdIn(data: unknown): string | undefined {
  const id = isFields(data) ? data.session_id : undefined;
  if (typeof id === 'number') return String(id);
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** The reply in an answer: a text, or an object with one. */
export function replyIn(data: unknown): string | null {
  const message = isFields(data) ? data.message : undefined;
  if (typeof message === 'string') return message;
  return firstText(message, ['content', 'text']) ?? null;
}

/** The first of these fields that is a text. */
export function firstText(data: unknown, names: readonly string[]): string | undefined {
  if (!isFields(data)) return undefined;
  return names.map((name) => data[name]).find((value) => typeof value === 'string') as string | undefined;
}

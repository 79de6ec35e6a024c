import type { HttpResponse } from '../http/index.js';
import type { EndpointKey } from '../wire/index.js';
import { isObject, unexpected } from './answers.js';

/** What was asked for, where the answer does not say it. */
export interface Asked {
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/** A page no larger than the service gives: who asks for more than there can be gets the most. What is no size is left. */
export function pageOfAtMost(most: number, asked: number | undefined): number | undefined {
  return typeof asked === 'number' && asked > most ? most : asked;
}

/**
 * Brings a page into the one form: its rows under `name`, with `total`, `limit` and `offset`. Servers have called the rows
 * by other names, and left the envelope out. What else is in the envelope stays.
 *
 * @throws ProtocolError for an answer without rows: it is never taken for an empty page.
 */
export function readPage<Page extends object>(
  response: HttpResponse<unknown>,
  key: EndpointKey,
  name: string & keyof Page,
  asked: Asked,
): Page {
  const envelope = isObject(response.data) ? response.data : {};
  const rows = rowsOf(response.data, name);
  if (rows === undefined) throw unexpected(response, key, `a page of "${name}"`);
  const offset = countIn(envelope.offset) ?? asked.offset ?? 0;
  const limit = countIn(envelope.limit) ?? asked.limit ?? rows.length;
  const total = totalIn(response) ?? (asked.offset ?? 0) + rows.length;
  return { ...envelope, [name]: rows, total, limit, offset } as unknown as Page;
}

/** How many rows there are in all, where the answer says so. What {@link readPage} puts in its place is only the least. */
export function totalIn({ data }: HttpResponse<unknown>): number | undefined {
  return isObject(data) ? countIn(data.total) : undefined;
}

function countIn(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** The rows of a list that may stand by itself or in an envelope. */
export function rowsOf(data: unknown, name: string): readonly unknown[] | undefined {
  if (Array.isArray(data)) return data;
  if (!isObject(data)) return undefined;
  return [data[name], data.results, data.items].find((rows) => Array.isArray(rows)) as unknown[] | undefined;
}

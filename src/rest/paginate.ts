import { AbortedError, ProtocolError } from '../errors/index.js';
import { checkInteger, given, invalid } from '../http/index.js';
import { pageOfAtMost } from './pages.js';

/** One page of a list that is read by `limit` and `offset`. */
export interface OffsetPage<T> {
  readonly items: readonly T[];
  /** How many there are in all; without it the list ends with the first empty page. */
  readonly total?: number | undefined;
}

/** Where to go on, in a list that is read by cursors. */
export interface CursorPage<T, Cursor> {
  readonly items: readonly T[];
  /** What the next page is asked for with; `undefined` or `null` ends the list, whatever `items` holds. */
  readonly next?: Cursor | null | undefined;
}

/** How much of a list is read, and in which portions. */
export interface PageOptions {
  /** Items to ask for at a time; more than a list gives are taken for the most that it gives. Default 50. */
  pageSize?: number | undefined;
  /** Items to give at most. Default: all. */
  max?: number | undefined;
  /** Ends the iteration with an `AbortedError` whose `cause` is the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Options of {@link paginate}. */
export interface PaginateOptions extends PageOptions {
  /** Items to skip at the beginning. Default 0. */
  start?: number | undefined;
}

/** Items asked for at a time, unless told otherwise. */
export const DEFAULT_PAGE_SIZE = 50;
/** Larger pages no list of the service has: nobody is asked for them. */
const MAX_PAGE_SIZE = 1_000;
/** As often the same page may come again where a `total` says that the list has an end. */
const MOST_REPEATS = 10;

/**
 * Gives the items of a paged list one after the other. A page is fetched when the last one is used up, and none is after a
 * `break`; the next one begins behind as many items as came, so that a service which gives less than it was asked for
 * loses none. The list ends with an empty page, or where `total` says.
 *
 * @param fetchPage Reads a page: from `offset` on, `limit` items at most.
 * @throws ValidationError for an option that cannot be, at the first step; ProtocolError when the same page comes again and
 * again; whatever `fetchPage` rejects with.
 * @example
 * const page = async (offset: number, limit: number) => {
 *   const { contacts, total } = await client.listContacts({ offset, limit });
 *   return { items: contacts, total };
 * };
 * for await (const contact of paginate(page, { pageSize: 100 })) console.log(contact.handle);
 */
export async function* paginate<T>(
  fetchPage: (offset: number, limit: number) => Promise<OffsetPage<T>>,
  asked: PaginateOptions = {},
): AsyncGenerator<T, void, undefined> {
  const options = given(asked);
  const { pageSize, max, signal } = checkPageOptions(options);
  const { start = 0 } = options;
  checkInteger(start, 'start', 0, Number.MAX_SAFE_INTEGER);
  let offset = start;
  let left = max;
  let last: string | undefined;
  let repeats = 0;
  while (left > 0) {
    throwIfAborted(signal);
    const { items, total } = checkPage(await fetchPage(offset, Math.min(pageSize, left)));
    const text = textOf(items);
    repeats = text !== undefined && text === last ? repeats + 1 : 0;
    // Equal rows may well follow each other, but not without end.
    if (repeats > (typeof total === 'number' ? MOST_REPEATS : 0)) {
      throw circle('the same page comes again, whatever is skipped');
    }
    last = text;
    for (const item of items) {
      if (left === 0) return;
      throwIfAborted(signal);
      left -= 1;
      yield item;
    }
    offset += items.length;
    if (items.length === 0 || (typeof total === 'number' && offset >= total)) return;
  }
}

/**
 * The same for a list that is read by cursors: an empty page is passed over as long as it has a `next`. A cursor that has
 * been there before would go on for ever, and ends in an error.
 *
 * @param fetchPage Reads a page; `undefined` asks for the first one.
 * @throws ProtocolError for a cursor that comes twice; whatever `fetchPage` rejects with.
 */
export async function* paginateByCursor<T, Cursor extends string | number>(
  fetchPage: (cursor: Cursor | undefined, limit: number) => Promise<CursorPage<T, Cursor>>,
  options: PageOptions = {},
): AsyncGenerator<T, void, undefined> {
  const { pageSize, max, signal } = checkPageOptions(given(options));
  const seen = new Set<Cursor>();
  let cursor: Cursor | undefined;
  let left = max;
  while (left > 0) {
    throwIfAborted(signal);
    const { items, next } = checkPage(await fetchPage(cursor, Math.min(pageSize, left)));
    for (const item of items) {
      if (left === 0) return;
      throwIfAborted(signal);
      left -= 1;
      yield item;
    }
    if (next === undefined || next === null) return;
    if (seen.has(next)) throw circle('a page names a cursor that has been there before');
    seen.add(next);
    cursor = next;
  }
}

function checkPage<Page extends { readonly items: readonly unknown[] }>(page: Page): Page {
  if (Array.isArray(page?.items)) return page;
  throw new ProtocolError({ message: 'A page of the list holds no array of "items".', outcome: 'rejected' });
}

/** A page to compare with the next one; `undefined` where equal pages would mean nothing. */
function textOf(items: readonly unknown[]): string | undefined {
  if (items.length === 0 || !items.every((item) => typeof item === 'object' && item !== null))
    return undefined;
  try {
    return JSON.stringify(items);
  } catch {
    return undefined;
  }
}

/** The error for a list that would never end. */
export function circle(what: string): ProtocolError {
  return new ProtocolError({
    message: `The list leads in a circle: ${what}. Check "baseUrl", and what stands between you and the service.`,
    outcome: 'rejected',
  });
}

/** @throws ValidationError that names the option. */
function checkPageOptions(options: PageOptions): {
  pageSize: number;
  max: number;
  signal: AbortSignal | undefined;
} {
  const { max, signal } = options;
  const pageSize = pageOfAtMost(MAX_PAGE_SIZE, options.pageSize) ?? DEFAULT_PAGE_SIZE;
  checkInteger(pageSize, 'pageSize', 1, MAX_PAGE_SIZE);
  // `Infinity` reads well as "all of them".
  if (max !== Number.POSITIVE_INFINITY) checkInteger(max, 'max', 0, Number.MAX_SAFE_INTEGER);
  if (signal !== undefined && typeof signal?.aborted !== 'boolean') {
    throw invalid('signal', '"signal" must be an AbortSignal, such as that of an AbortController');
  }
  return { pageSize, max: max ?? Number.POSITIVE_INFINITY, signal };
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new AbortedError({
    message: 'The iteration was aborted by its signal.',
    outcome: 'not_sent',
    cause: signal.reason,
  });
}

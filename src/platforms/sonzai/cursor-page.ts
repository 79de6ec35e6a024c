import type { Page } from '../shared/pager.js';

/** A page of a list that the platform cuts by cursors. */
export interface CursorPage<T> extends Page<T> {
  readonly items: readonly T[];
}

/** Where a list goes on; `undefined` at its end, which the platform tells in two ways. */
export function nextOf(page: {
  readonly next_cursor?: string | null | undefined;
  readonly has_more: boolean;
}): string | undefined {
  return page.has_more === false || !page.next_cursor ? undefined : page.next_cursor;
}

import type { StoredCursor } from '../../stores/index.js';

/** What a store gave for one conversation, copied: a store may give its own objects, or something that is no cursor. */
export function readCursor(stored: unknown): StoredCursor | null {
  if (typeof stored !== 'object' || stored === null) return null;
  const { conversationId, expected, floor, missing, parked } = stored as StoredCursor;
  return { conversationId, expected, floor, missing: copies(missing), parked: copies(parked) };
}

/** What a store lists, at most so many. What is no cursor of a conversation, or cannot be looked at, is left out. */
export function readCursors(listed: unknown, most: number): StoredCursor[] {
  if (!Array.isArray(listed)) throw new TypeError('unfinished() did not return an array');
  const cursors: StoredCursor[] = [];
  for (const entry of listed as readonly unknown[]) {
    if (cursors.length >= most) break;
    const cursor = readGuarded(entry);
    if (cursor !== null && typeof cursor.conversationId === 'string') cursors.push(cursor);
  }
  return cursors;
}

function readGuarded(entry: unknown): StoredCursor | null {
  try {
    return readCursor(entry);
  } catch {
    return null;
  }
}

function copies<T extends object>(entries: readonly T[]): T[] {
  return Array.isArray(entries) ? entries.map((entry) => ({ ...entry })) : [];
}

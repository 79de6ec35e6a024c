import type { StoredCursor } from '../../stores/index.js';
import { readSeq } from '../../wire/index.js';
import type { SeqRange } from '../events.js';
import type { Busy, Conversation } from '../order/conversation.js';
import type { ParkedMessage } from '../order/outstanding.js';
import type { OutstandingRegister } from '../order/register.js';
import type { Sequencer } from '../order/sequencer.js';

/** Where a conversation stands, as a store keeps it. */
export function cursorOf(conversation: Conversation): StoredCursor {
  const outstanding = conversation.busy?.outstanding ?? null;
  return {
    conversationId: conversation.id,
    expected: conversation.handledCursor + 1,
    floor: conversation.floor,
    missing: outstanding?.given() ?? [],
    parked: outstanding === null ? [] : [...outstanding.parked.values()],
  };
}

/**
 * Gives a conversation what the store knew of it. Returns the parked messages whose refetch is to be scheduled. What a
 * store returns is checked: it may be another version's.
 */
export function restore(
  sequencer: Sequencer,
  conversationId: string,
  cursor: StoredCursor | null,
): readonly ParkedMessage[] {
  const expected = readSeq(cursor?.expected);
  if (cursor === null || expected === undefined) {
    sequencer.tell(conversationId, { kind: 'loaded', expected: null, floor: 0 });
    return [];
  }
  const floor = Math.min(readSeq(cursor.floor) ?? expected, expected);
  const busy = sequencer.conversations.get(conversationId)?.busy;
  const parked = busy == null ? [] : owe(sequencer.register, busy, cursor, floor, expected);
  sequencer.tell(conversationId, { kind: 'loaded', expected, floor });
  return parked;
}

/** Returns the parked messages that are remembered. */
function owe(
  register: OutstandingRegister,
  busy: Busy,
  cursor: StoredCursor,
  floor: number,
  expected: number,
): ParkedMessage[] {
  for (const { from, to } of rangesOf(cursor.missing, expected)) {
    // Nothing is given up below the floor. What is missing there was shed, and is still to be asked for (BP-1).
    if (from < floor) register.addShed(busy, { from, to: Math.min(to, floor - 1) });
    if (to >= floor) register.addMissing(busy, { from: Math.max(from, floor), to, hole: false });
  }
  return parkedOf(cursor.parked, expected).filter((message) => {
    if (register.restoreParked(busy, message)) return true;
    // Beyond the bound it is not fetched again, but still delivered if it comes.
    register.addMissing(busy, { from: message.seq, to: message.seq, hole: false });
    return false;
  });
}

/** Only what lies below the position is owed: the rest is yet to come, and would be handled twice. */
function rangesOf(stored: unknown, expected: number): SeqRange[] {
  return entriesOf(stored).flatMap((entry) => {
    const from = readSeq(entry.from);
    const to = readSeq(entry.to);
    if (from === undefined || to === undefined || to < from || from >= expected) return [];
    return [{ from, to: Math.min(to, expected - 1) }];
  });
}

function parkedOf(stored: unknown, expected: number): ParkedMessage[] {
  return entriesOf(stored).flatMap((entry) => {
    const seq = readSeq(entry.seq);
    if (seq === undefined || seq >= expected) return [];
    return [{ seq, id: String(entry.id), times: readSeq(entry.times) || 1 }];
  });
}

function entriesOf(stored: unknown): Record<string, unknown>[] {
  return Array.isArray(stored) ? stored.filter((entry) => typeof entry === 'object' && entry !== null) : [];
}

/** What a store gave for one conversation, copied: a store may give its own objects, or something that is no cursor. */
export function readCursor(stored: unknown): StoredCursor | null {
  if (typeof stored !== 'object' || stored === null) return null;
  const { conversationId, expected, floor, missing, parked } = stored as StoredCursor;
  return { conversationId, expected, floor, missing: copies(missing), parked: copies(parked) };
}

/** What a store lists, at most so many. What is no cursor of a conversation, or cannot be read, is left out. */
export function readCursors(listed: unknown, most: number): StoredCursor[] {
  if (!Array.isArray(listed)) throw new TypeError('unfinished() did not return an array');
  const cursors: StoredCursor[] = [];
  for (const entry of listed as readonly unknown[]) {
    if (cursors.length >= most) break;
    try {
      const cursor = readCursor(entry);
      if (cursor !== null && typeof cursor.conversationId === 'string') cursors.push(cursor);
    } catch {
      // The others may be readable.
    }
  }
  return cursors;
}

function copies<T extends object>(entries: readonly T[]): T[] {
  return Array.isArray(entries) ? entries.map((entry) => ({ ...entry })) : [];
}

import type { StoredCursor } from '../../stores/index.js';
import { readSeq } from '../../wire/index.js';
import { type Conversation, handledCursor } from './conversation.js';
import type { MissingRange, ParkedMessage } from './debts.js';
import type { Sequencer } from './sequencer.js';

/** Where a conversation stands, as a store keeps it. */
export function cursorOf(conversationId: string, conversation: Conversation): StoredCursor {
  const debts = conversation.busy?.debts ?? null;
  return {
    conversationId,
    expected: handledCursor(conversation) + 1,
    floor: conversation.floor,
    missing: debts?.given() ?? [],
    parked: debts === null ? [] : [...debts.parked.values()],
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
  const busy = sequencer.conversations.get(conversationId)?.busy;
  const parked = parkedOf(cursor.parked, expected);
  if (busy != null) {
    for (const range of rangesOf(cursor.missing, expected)) sequencer.debts.addMissing(busy, range);
    for (const message of parked) sequencer.debts.restoreParked(busy, message);
  }
  sequencer.tell(conversationId, { kind: 'loaded', expected, floor: readSeq(cursor.floor) ?? expected });
  return parked;
}

/** Only what lies below the position is owed: the rest is yet to come, and would be handled twice. */
function rangesOf(stored: unknown, expected: number): MissingRange[] {
  return entriesOf(stored).flatMap((entry) => {
    const from = readSeq(entry.from);
    const to = readSeq(entry.to);
    if (from === undefined || to === undefined || to < from || from >= expected) return [];
    return [{ from, to: Math.min(to, expected - 1), hole: false }];
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

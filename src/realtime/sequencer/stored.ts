import type { StoredCursor } from '../../stores/index.js';
import { readSeq } from '../../wire/index.js';
import { type Conversation, handledCursor } from './conversation.js';
import type { ParkedMessage } from './debts.js';
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
  const parked = (cursor.parked ?? []).filter((entry) => readSeq(entry?.seq) !== undefined);
  if (busy != null) {
    for (const { from, to } of (cursor.missing ?? []).filter(isRange)) {
      sequencer.debts.addMissing(busy, { from, to, hole: false });
    }
    for (const { seq, id, times } of parked) sequencer.debts.restoreParked(busy, { seq, id, times });
  }
  sequencer.tell(conversationId, { kind: 'loaded', expected, floor: readSeq(cursor.floor) ?? expected });
  return parked;
}

function isRange(range: { from: number; to: number } | undefined): range is { from: number; to: number } {
  return readSeq(range?.from) !== undefined && readSeq(range?.to) !== undefined;
}

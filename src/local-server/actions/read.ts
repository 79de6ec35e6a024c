import type { AgentRecord } from '../state/agents.js';
import { type Conversation, counterpartOf } from '../state/conversations.js';
import type { StoredMessage } from '../state/messages.js';
import type { World } from '../state/world.js';
import type { ReadReceipt } from './pushes.js';

/** What came of marking one message read. */
export type ReadOutcome =
  | { readonly kind: 'read'; readonly receipt: ReadReceipt | undefined }
  | { readonly kind: 'unknown' }
  /** It is the reader's own, so there is nothing to read. */
  | { readonly kind: 'own' };

/** Marks that one message read for the reader; earlier ones stay as they are. Repeating it changes and tells nothing. */
export function readMessage(world: World, reader: AgentRecord, messageId: string): ReadOutcome {
  const stored = world.messages.byId(messageId);
  if (stored === undefined || !stored.conversation.members.has(reader.handle)) return { kind: 'unknown' };
  const envelope = stored.envelopes.get(reader.handle);
  if (envelope === undefined) return { kind: 'own' };
  const at = world.timestamp();
  const changed = reader.inbox.markRead(envelope, at);
  return { kind: 'read', receipt: changed ? receiptFor(stored, reader, at) : undefined };
}

/** Marks everything up to and including a seq read for the reader. `undefined` when nothing changed. */
export function readThrough(
  world: World,
  reader: AgentRecord,
  conversation: Conversation,
  throughSeq: number,
): ReadReceipt | undefined {
  const membership = conversation.members.get(reader.handle);
  if (membership === undefined) return undefined;
  const at = world.timestamp();
  let newest: StoredMessage | undefined;
  for (const envelope of membership.unread.forward()) {
    if (envelope.stored.message.seq > throughSeq) break;
    reader.inbox.markRead(envelope, at);
    newest = envelope.stored;
  }
  return newest === undefined ? undefined : receiptFor(newest, reader, at);
}

function receiptFor(stored: StoredMessage, reader: AgentRecord, at: string): ReadReceipt | undefined {
  const { conversation, message } = stored;
  const to = counterpartOf(conversation, reader.handle);
  return to === undefined ? undefined : { to, reader, conversation, throughSeq: message.seq, at };
}

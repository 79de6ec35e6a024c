import { isVisibleTo } from '../state/conversations.js';
import type { AgentRecord, Conversation, StoredMessage } from '../state/records.js';
import type { World } from '../state/world.js';
import type { ReadReceipt } from './pushes.js';

/** What came of marking one message read. */
export type ReadOutcome =
  | { readonly kind: 'read'; readonly receipts: readonly ReadReceipt[] }
  | { readonly kind: 'unknown' }
  /** It is the reader's own, so there is nothing to read. */
  | { readonly kind: 'own' };

/** A message that the agent can see; everything else does not exist for it. */
export function visibleMessage(
  world: World,
  agent: AgentRecord,
  messageId: string,
): StoredMessage | undefined {
  const stored = world.messages.byId(messageId);
  const membership = stored?.conversation.members.get(agent.handle);
  return stored !== undefined && membership !== undefined && isVisibleTo(membership, stored)
    ? stored
    : undefined;
}

/** Marks that one message read for the reader; earlier ones stay as they are. Repeating it changes and tells nothing. */
export function readMessage(world: World, reader: AgentRecord, messageId: string): ReadOutcome {
  const stored = visibleMessage(world, reader, messageId);
  if (stored === undefined) return { kind: 'unknown' };
  const envelope = stored.envelopes.get(reader.handle);
  // A member whose inbox was full has no envelope either, and nothing to tell.
  if (envelope === undefined) {
    return stored.message.sender === reader.handle ? { kind: 'own' } : { kind: 'read', receipts: [] };
  }
  const at = world.timestamp();
  const changed = reader.inbox.markRead(envelope, at);
  return { kind: 'read', receipts: changed ? receiptsFor(world, [stored], reader, at) : [] };
}

/** Marks everything up to and including a seq read for the reader. Every sender is told once, of the newest. */
export function readThrough(
  world: World,
  reader: AgentRecord,
  conversation: Conversation,
  throughSeq: number,
): readonly ReadReceipt[] {
  const membership = conversation.members.get(reader.handle);
  if (membership === undefined) return [];
  const at = world.timestamp();
  const read: StoredMessage[] = [];
  for (const envelope of membership.unread.forward()) {
    if (envelope.stored.message.seq > throughSeq) break;
    reader.inbox.markRead(envelope, at);
    read.push(envelope.stored);
  }
  return receiptsFor(world, read, reader, at);
}

/** One for each sender. What the platform sends, nobody waits to see read. */
function receiptsFor(
  world: World,
  read: readonly StoredMessage[],
  reader: AgentRecord,
  at: string,
): ReadReceipt[] {
  const newest = new Map(read.map((stored) => [stored.message.sender, stored]));
  return [...newest].flatMap(([sender, { conversation, message }]) => {
    const to = world.agents.byHandle(sender);
    return to === undefined || message.type === 'system'
      ? []
      : [{ to, reader, conversation, throughSeq: message.seq, at }];
  });
}

import type { AgentRecord, Membership } from '../state/records.js';
import type { World } from '../state/world.js';

/** Takes a message out of one agent's history, sync and counters; false when the agent has nothing to do with it. */
export function hideMessage(world: World, agent: AgentRecord, messageId: string): boolean {
  const stored = world.messages.byId(messageId);
  const membership = stored?.conversation.members.get(agent.handle);
  if (stored === undefined || membership === undefined) return false;
  if (stored.message.seq <= membership.joinedSeq) return false;
  world.messages.hide(stored, agent.handle);
  const envelope = stored.envelopes.get(agent.handle);
  if (envelope !== undefined) agent.inbox.withdraw(envelope);
  return true;
}

/** Takes a conversation out of one agent's list until its next message. What is undelivered is delivered all the same. */
export function hideConversation(world: World, membership: Membership): void {
  const { agent, unread } = membership;
  world.conversations.hide(membership);
  for (const envelope of unread.forward()) agent.inbox.discount(envelope);
}

/** Whether a conversation is in its member's list. */
export function isListed({ conversation, hiddenThroughSeq }: Membership): boolean {
  return hiddenThroughSeq === undefined || conversation.messages.length > hiddenThroughSeq;
}

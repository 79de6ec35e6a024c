import {
  BACKLOG_HARD_LIMIT,
  COLD_OUTREACH_PER_DAY,
  ErrorCode,
  type SendMessageRequest,
} from '../../wire/index.js';
import { agentNotFound, failure, invalid, type Reply, rateLimited } from '../http/reply.js';
import type { AgentRecord, DirectConversation, StoredMessage } from '../state/records.js';
import type { World } from '../state/world.js';
import { address, storeMessage } from './store.js';

/** What came of a send. */
export type SendOutcome =
  | { readonly kind: 'stored'; readonly stored: StoredMessage; readonly recipient: AgentRecord }
  | { readonly kind: 'refused'; readonly reply: Reply };

/** Why an account may not write at all at the moment; `undefined` when it may. */
export function refusalToWrite(agent: AgentRecord): Reply | undefined {
  if (agent.status === 'suspended') {
    return failure(403, ErrorCode.SUSPENDED, 'The agent is suspended: nothing goes out.');
  }
  if (agent.pausedByOwner !== 'none') {
    return failure(403, ErrorCode.AGENT_PAUSED_BY_OWNER, 'The agent is paused by its owner.');
  }
  return undefined;
}

/**
 * Sends to a handle: checks, stores, and makes the envelope, all in one turn, so that two sends can neither get the
 * same seq nor open the same conversation twice.
 *
 * A replay of a `client_msg_id` must have been answered before: from here on everything counts.
 */
export function sendDirect(
  world: World,
  sender: AgentRecord,
  to: string,
  request: SendMessageRequest,
): SendOutcome {
  const recipient = world.agents.byHandle(to);
  if (recipient === undefined) return refused(agentNotFound());
  if (recipient === sender) return refused(invalid({ to: ['You cannot write to yourself.'] }));
  const existing = world.conversations.between(sender.handle, recipient.handle);
  const refusal =
    refusalByBlock(world, sender, recipient) ??
    refusalByRecipient(world, sender, recipient, existing) ??
    refusalByLimits(world, sender, recipient, existing);
  if (refusal !== undefined) return refused(refusal);

  const at = world.timestamp();
  const conversation = existing ?? world.conversations.openDirect(sender, recipient, at);
  const stored = storeMessage(world, sender, conversation, request, at);
  const membership = conversation.members.get(recipient.handle);
  if (membership !== undefined) address(stored, membership);
  settleThread(world, sender, recipient, conversation, at, existing === undefined);
  return { kind: 'stored', stored, recipient };
}

/** The first answer establishes a thread for ever, makes both sides contacts, and frees the opener's slot. */
function settleThread(
  world: World,
  sender: AgentRecord,
  recipient: AgentRecord,
  conversation: DirectConversation,
  at: string,
  isNew: boolean,
): void {
  const { quotas } = world;
  if (quotas.kind === 'documented') {
    quotas.sends.take(sender.handle, world.now());
    if (isNew && !sender.isSystem) quotas.coldOutreach.opened(sender.handle, conversation.id, world.now());
  }
  const { thread } = conversation;
  if (thread.kind === 'established' || thread.startedBy === sender.handle) return;
  world.conversations.establish(conversation);
  world.contacts.add(sender.handle, recipient.handle, at);
  world.contacts.add(recipient.handle, sender.handle, at);
  if (quotas.kind === 'documented') quotas.coldOutreach.answered(thread.startedBy, conversation.id);
}

/** A block stops both sides, also in an established thread. */
function refusalByBlock(world: World, sender: AgentRecord, recipient: AgentRecord): Reply | undefined {
  return world.blocks.between(sender.handle, recipient.handle)
    ? failure(403, ErrorCode.BLOCKED, 'One of you has blocked the other.')
    : undefined;
}

/** What holds whether or not limits are on: who may write to whom. */
function refusalByRecipient(
  world: World,
  sender: AgentRecord,
  recipient: AgentRecord,
  existing: DirectConversation | undefined,
): Reply | undefined {
  if (existing !== undefined && isAnswer(existing, sender)) return undefined;
  if (
    recipient.settings.inbox_mode === 'contacts_only' &&
    !world.contacts.has(recipient.handle, sender.handle)
  ) {
    return failure(403, ErrorCode.INBOX_RESTRICTED, 'The agent takes messages from its contacts only.', {
      details: { handle: recipient.handle },
    });
  }
  const isKnown = existing !== undefined || world.contacts.has(sender.handle, recipient.handle);
  if (sender.status === 'restricted' && !isKnown) {
    return failure(403, ErrorCode.RESTRICTED, 'A restricted agent opens no new conversations.');
  }
  return undefined;
}

/** In an established thread, or in one that the other side began. Nobody who wrote first can be closed to an answer. */
function isAnswer({ thread }: DirectConversation, sender: AgentRecord): boolean {
  return thread.kind === 'established' || thread.startedBy !== sender.handle;
}

function refusalByLimits(
  world: World,
  sender: AgentRecord,
  recipient: AgentRecord,
  existing: DirectConversation | undefined,
): Reply | undefined {
  const { quotas } = world;
  if (quotas.kind === 'off') return undefined;
  const now = world.now();
  if (existing?.thread.kind === 'cold' && existing.thread.startedBy === sender.handle && !sender.isSystem) {
    return failure(403, ErrorCode.AWAITING_REPLY, 'Your first message has not been answered yet.', {
      details: { recipient_handle: recipient.handle, waiting_since: existing.thread.waitingSince },
    });
  }
  if (existing === undefined && !sender.isSystem) {
    const { open, oldestLeavesInMs } = quotas.coldOutreach.count(sender.handle, now);
    if (open >= COLD_OUTREACH_PER_DAY) {
      return rateLimited(
        world.quirks.coldCapCode,
        `${COLD_OUTREACH_PER_DAY} conversations of the last day wait for an answer; an answer frees a place.`,
        oldestLeavesInMs,
      );
    }
  }
  const { undeliveredCount } = recipient.inbox;
  if (undeliveredCount >= BACKLOG_HARD_LIMIT) {
    return failure(429, ErrorCode.RECIPIENT_BACKLOGGED, "The recipient's inbox is full.", {
      details: { recipient_handle: recipient.handle, undelivered_count: undeliveredCount },
    });
  }
  const waitMs = quotas.sends.waitMs(sender.handle, now);
  return waitMs > 0
    ? rateLimited(ErrorCode.RATE_LIMITED, 'Too many messages in a second.', waitMs)
    : undefined;
}

function refused(reply: Reply): SendOutcome {
  return { kind: 'refused', reply };
}

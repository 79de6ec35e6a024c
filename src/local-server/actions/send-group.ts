import { BACKLOG_HARD_LIMIT, ErrorCode, type SendMessageRequest } from '../../wire/index.js';
import { type Reply, rateLimited } from '../http/reply.js';
import type { AgentRecord, GroupConversation, StoredMessage } from '../state/records.js';
import type { World } from '../state/world.js';
import { groupOf } from './groups.js';
import { address, storeMessage } from './store.js';

/** What came of a send into a group. */
export type GroupSendOutcome =
  | {
      readonly kind: 'stored';
      readonly stored: StoredMessage;
      /** The handles of members who get nothing, because their inboxes are full. */
      readonly skipped: readonly string[];
    }
  | { readonly kind: 'refused'; readonly reply: Reply };

/** Sends to all other members of a group. Being one is all the consent that it takes. */
export function sendToGroup(
  world: World,
  sender: AgentRecord,
  groupId: string,
  request: SendMessageRequest,
): GroupSendOutcome {
  const found = groupOf(world, sender, groupId);
  if (found.kind === 'refused') return found;
  const { group } = found;
  const refusal = refusalByRate(world, sender, group);
  if (refusal !== undefined) return { kind: 'refused', reply: refusal };

  const stored = storeMessage(world, sender, group, request, world.timestamp());
  const skipped: string[] = [];
  for (const membership of group.members.values()) {
    const { agent } = membership;
    if (agent === sender) continue;
    if (world.quotas.kind === 'documented' && agent.inbox.undeliveredCount >= BACKLOG_HARD_LIMIT) {
      skipped.push(agent.handle);
    } else address(stored, membership);
  }
  return { kind: 'stored', stored, skipped };
}

/** The sender's own rate, and that of the whole group. */
function refusalByRate(world: World, sender: AgentRecord, group: GroupConversation): Reply | undefined {
  const { quotas } = world;
  if (quotas.kind === 'off') return undefined;
  const now = world.now();
  const waitMs = Math.max(quotas.sends.waitMs(sender.handle, now), quotas.groupSends.waitMs(group.id, now));
  if (waitMs > 0) return rateLimited(ErrorCode.RATE_LIMITED, 'Too many messages in a second.', waitMs);
  quotas.sends.take(sender.handle, now);
  quotas.groupSends.take(group.id, now);
  return undefined;
}

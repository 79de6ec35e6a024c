import type { Agent, AgentProfile, Message, MuteEntry, SyncEnvelope } from '../../wire/index.js';
import type { Mute } from '../state/mutes.js';
import type { AgentRecord, Envelope, StoredMessage } from '../state/records.js';
import type { World } from '../state/world.js';

/** An agent as it sees itself. */
export function selfView(agent: AgentRecord): Omit<Agent, 'email'> {
  return {
    id: agent.id,
    handle: agent.handle,
    email_masked: maskEmail(agent.email),
    display_name: agent.displayName,
    description: agent.description,
    avatar_url: agent.avatarUrl,
    status: agent.status,
    paused_by_owner: agent.pausedByOwner,
    settings: { ...agent.settings },
    is_system: agent.isSystem,
    created_at: agent.createdAt,
    updated_at: agent.updatedAt,
  };
}

/** An agent as everybody sees it. */
export function profileView(agent: AgentRecord): AgentProfile {
  return {
    handle: agent.handle,
    display_name: agent.displayName,
    description: agent.description,
    avatar_url: agent.avatarUrl,
    status: agent.status,
    is_system: agent.isSystem,
    created_at: agent.createdAt,
  };
}

/** A message as one participant sees it: recipients with their own delivery state, the sender without any. */
export function messageView(stored: StoredMessage, viewer: string): Message {
  const envelope = stored.envelopes.get(viewer);
  return envelope === undefined ? stored.message : { ...stored.message, ...deliveryView(envelope) };
}

/** A row of `sync`. */
export function syncView(agent: AgentRecord, envelope: Envelope): SyncEnvelope {
  return {
    ...envelope.stored.message,
    ...deliveryView(envelope),
    content: { ...envelope.stored.message.content },
    delivery_id: agent.inbox.cursorOf(envelope),
  };
}

/** A row of the list of mutes. An agent is named by its internal id there, not by its handle. */
export function muteView(
  world: World,
  muter: AgentRecord,
  { kind, target, until, createdAt }: Mute,
): MuteEntry {
  return {
    muter_agent_id: muter.id,
    target_kind: kind,
    target_id: (kind === 'agent' ? world.agents.byHandle(target)?.id : undefined) ?? target,
    muted_until: until === null ? null : new Date(until).toISOString(),
    created_at: createdAt,
  };
}

function deliveryView(envelope: Envelope): Pick<Message, 'status' | 'delivered_at' | 'read_at'> {
  return { status: envelope.state, delivered_at: envelope.deliveredAt, read_at: envelope.readAt };
}

/** `a****@example.com` */
function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  return at < 1 ? '****' : `${email.slice(0, 1)}****${email.slice(at)}`;
}

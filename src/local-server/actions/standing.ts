import type { ComplaintKind } from '../state/complaints.js';
import type { AgentRecord } from '../state/records.js';
import type { World } from '../state/world.js';

/**
 * Somebody has blocked or reported an agent. It counts only when the agent wrote to them first: nobody is to be silenced
 * by those who came to it.
 */
export function complain(world: World, kind: ComplaintKind, by: AgentRecord, about: AgentRecord): void {
  const { quotas } = world;
  if (quotas.kind === 'off') return;
  const first = world.conversations.between(by.handle, about.handle)?.messages[0];
  if (first?.message.sender !== about.handle) return;
  quotas.complaints.add(about.handle, kind, by.handle, world.now());
  reviewStanding(world, about);
}

/** Restricts or suspends an agent that too many have complained about, or lifts a restriction that is over. */
export function reviewStanding({ quotas, now, timestamp }: World, agent: AgentRecord): void {
  if (quotas.kind === 'off') return;
  const status = quotas.complaints.statusOf(agent.handle, agent.status, now());
  if (status === agent.status) return;
  agent.status = status;
  agent.updatedAt = timestamp();
}

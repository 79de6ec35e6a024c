import type { ComplaintKind } from '../state/complaints.js';
import type { AgentRecord } from '../state/records.js';
import type { World } from '../state/world.js';

/**
 * Somebody has blocked or reported an agent. It counts only when the agent wrote to them first: nobody is to be silenced
 * by those who came to it.
 */
export function complain(world: World, kind: ComplaintKind, by: AgentRecord, about: AgentRecord): void {
  if (world.quotas.kind === 'off') return;
  const first = world.conversations.between(by.handle, about.handle)?.messages[0];
  if (first?.message.sender !== about.handle) return;
  world.complaints.add({ about: about.handle, kind, by: by.handle, at: world.now() });
  reviewStanding(world, about);
}

/** Restricts or suspends an agent that too many have complained about, or lifts a restriction that is over. */
export function reviewStanding(world: World, agent: AgentRecord): void {
  if (world.quotas.kind === 'off') return;
  const status = world.complaints.statusOf(agent.handle, agent.status, world.now());
  if (status !== agent.status) world.agents.change(agent, { status }, world.timestamp());
}

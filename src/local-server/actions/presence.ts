import type { PresenceUpdate } from '../../wire/index.js';
import type { AgentRecord } from '../state/records.js';
import type { World } from '../state/world.js';
import type { Pushes } from './pushes.js';

/** What is needed to let others know how an agent is. */
export interface PresenceParts {
  readonly world: World;
  readonly pushes: Pick<Pushes, 'tell'>;
}

/** An agent says how it is. Returns what lets others know, for when the request has been answered. */
export function sayPresence(parts: PresenceParts, agent: AgentRecord, update: PresenceUpdate): () => void {
  const { status, custom_message } = update;
  const { world } = parts;
  return changed(parts, agent, () => world.presences.say(agent.handle, status, custom_message, world.now()));
}

/** An agent's first socket was opened, or its last one has closed. */
export function connectionChanged(parts: PresenceParts, agent: AgentRecord, isConnected: boolean): void {
  const { world } = parts;
  const announce = changed(parts, agent, () =>
    world.presences.connected(agent.handle, isConnected, world.now()),
  );
  announce();
}

/** Those are told who have the agent among their contacts, and only of what they can see a difference in. */
function changed({ world, pushes }: PresenceParts, agent: AgentRecord, change: () => void): () => void {
  const { handle } = agent;
  const before = world.presences.of(handle, world.now());
  change();
  const { status, customMessage } = world.presences.of(handle, world.now());
  if (status === before.status && customMessage === before.customMessage) return () => undefined;
  const payload = { handle, status, custom_message: customMessage };
  return () => {
    for (const keeper of world.contacts.keepersOf(handle)) {
      const to = world.agents.byHandle(keeper);
      if (to !== undefined) pushes.tell(to, { type: 'presence.update', payload });
    }
  };
}

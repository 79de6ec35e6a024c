import { normalizeHandle } from '../wire/index.js';
import { badOption, checkNames, text } from './check.js';
import { seededKey } from './ids.js';
import type { CreateAgentOptions, Operator } from './operator.js';
import type { World } from './state/world.js';

/** An agent that is to be there from the start. */
export interface SeedAgent extends CreateAgentOptions {
  handle: string;
}

/** What became of a seed. */
export interface SeededAgent {
  readonly handle: string;
  /** Its key; null when the agent has changed it since, or was deleted. */
  readonly apiKey: string | null;
}

/** @throws ValidationError that names the option. What is wrong about an agent is told when it is created. */
export function checkSeeds(value: unknown): readonly SeedAgent[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw badOption('agents', "must be a list, such as ['alice', 'bob']");
  return value.map((seed: unknown): SeedAgent => {
    if (typeof seed === 'string') return { handle: seed };
    const { handle, ...options } = checkNames(seed, SEED_NAMES, 'agents');
    return { handle: text(handle, 'handle') ?? '', ...options };
  });
}

/**
 * Sees to it that the agents are there. One that is there already stays as it is, but for a key that is asked for.
 *
 * @param secret What the keys are made from that nobody asked for. With the same one they are the same.
 * @throws ValidationError that names what is wrong about an agent.
 */
export function seed(
  world: World,
  operator: Operator,
  seeds: readonly SeedAgent[],
  secret: string,
): SeededAgent[] {
  return seeds.map(({ handle, ...options }) => {
    const agent = world.agents.ever(normalizeHandle(handle));
    const apiKey = options.apiKey ?? seededKey(secret, normalizeHandle(handle));
    if (agent === undefined) return operator.createAgent(handle, { ...options, apiKey });
    if (agent.status === 'deleted') return { handle: agent.handle, apiKey: null };
    if (world.agents.hasKey(agent, apiKey)) return { handle: agent.handle, apiKey };
    if (options.apiKey === undefined) return { handle: agent.handle, apiKey: null };
    return operator.setKey(agent.handle, apiKey);
  });
}

const SEED_NAMES = [
  'handle',
  'email',
  'displayName',
  'description',
  'inboxMode',
  'groupInvitePolicy',
  'isSystem',
  'apiKey',
] as const satisfies (keyof SeedAgent)[];

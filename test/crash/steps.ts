import type { Death, Hazards } from './death.js';

/**
 * Everything that a bot waits for in a turn, and when it starts. `ack` is a frame on the socket, `syncAck` an
 * acknowledgement by REST.
 */
const STEPS = [
  'open',
  'load',
  'sync',
  'claim',
  'handler',
  'send',
  'commit',
  'save',
  'ack',
  'syncAck',
] as const;

export type Step = (typeof STEPS)[number];

/** How often a step is reached in a life that begins with a handful of messages; steps of every message often enough. */
const MOST_ARRIVALS: Partial<Record<Step, number>> = { open: 1, sync: 1, syncAck: 2, load: 3 };
const MOST_ARRIVALS_PER_MESSAGE = 10;
/** From before a write's transaction to behind its flush. */
const MOST_TURNS = 4;

export const HAZARDS: Hazards<Step> = {
  steps: STEPS,
  arrivalsOf: (step) => MOST_ARRIVALS[step] ?? MOST_ARRIVALS_PER_MESSAGE,
  turnsOf: () => MOST_TURNS,
};

/** A life that does not reach its drawn death dies of this one: every life reaches it. */
export const DEATH_OF_AGE: Death<Step> = { phase: 'after', step: 'handler', arrival: 25, turns: 0 };

import type { Rng } from '../simulation/rng.js';

/**
 * Everything that a bot waits for in a turn, and when it starts. `ack` is a frame on the socket, `syncAck` an
 * acknowledgement by REST.
 */
export const STEPS = [
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

/** `during`: the step has begun, and some turns of the loop have passed since. */
const PHASES = ['before', 'during', 'after'] as const;

export type Phase = (typeof PHASES)[number];

/** The moment at which a process kills itself. */
export interface Death {
  readonly phase: Phase;
  readonly step: Step;
  /** The death comes with the arrival of this number, from 1. */
  readonly arrival: number;
  /** Of `during`: turns of the loop since the step began. */
  readonly turns: number;
}

/** How often a step is reached in a life that begins with a handful of messages; steps of every message often enough. */
const MOST_ARRIVALS: Partial<Record<Step, number>> = { open: 1, sync: 1, syncAck: 2, load: 3 };
const MOST_ARRIVALS_PER_MESSAGE = 10;
/** From before a write's transaction to behind its flush. */
const MOST_TURNS = 4;

/** A life that does not reach its drawn death dies of this one: every life reaches it. */
export const DEATH_OF_AGE: Death = { phase: 'after', step: 'handler', arrival: 25, turns: 0 };

export function drawDeath(rng: Rng): Death {
  const step = rng.pick(STEPS);
  return {
    step,
    phase: rng.pick(PHASES),
    arrival: rng.int(1, MOST_ARRIVALS[step] ?? MOST_ARRIVALS_PER_MESSAGE),
    turns: rng.int(1, MOST_TURNS),
  };
}

export function nameOf({ phase, step }: Death): string {
  return `${phase} ${step}`;
}

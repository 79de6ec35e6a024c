import type { Rng } from '../simulation/rng.js';

/** `during`: the step has begun, and some turns of the loop have passed since. */
const PHASES = ['before', 'during', 'after'] as const;

export type Phase = (typeof PHASES)[number];

/** The moment at which a process kills itself. */
export interface Death<Step extends string = string> {
  readonly phase: Phase;
  readonly step: Step;
  /** The death comes with the arrival of this number, from 1. */
  readonly arrival: number;
  /** Of `during`: turns of the loop since the step began. */
  readonly turns: number;
}

/** What a bot can die of. */
export interface Hazards<Step extends string> {
  /** One that stands here twice is drawn twice as often. */
  readonly steps: readonly Step[];
  /** How often a step is reached in a life, at least: a later death would not come. */
  arrivalsOf(step: Step): number;
  /** From before a step to behind its end, in turns of the loop. */
  turnsOf(step: Step): number;
}

export function drawDeath<Step extends string>(rng: Rng, hazards: Hazards<Step>): Death<Step> {
  const step = rng.pick(hazards.steps);
  return {
    step,
    phase: rng.pick(PHASES),
    arrival: rng.int(1, hazards.arrivalsOf(step)),
    turns: rng.int(1, hazards.turnsOf(step)),
  };
}

export function nameOf({ phase, step }: Death): string {
  return `${phase} ${step}`;
}

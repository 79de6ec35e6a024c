import type { Death, Hazards } from '../death.js';

/**
 * Everything that a bot of the kit waits for in a turn, and when it starts.
 * - `record`: what a step gave, or a whole answer, is recorded.
 * - `charge`: the ledger that honours `step.key`; `tally`: the one that does not.
 * - `send`: a request that sends a message. It is over when the service has stored the message and nobody has read the answer.
 * - `ack` is a frame on the socket, `syncAck` an acknowledgement by REST.
 */
const STEPS = [
  'store',
  'cursor',
  'sync',
  'open',
  'gate',
  'freeze',
  'load',
  'charge',
  'tally',
  'model',
  'record',
  'send',
  'finish',
  'save',
  'ack',
  'syncAck',
] as const;

export type Step = (typeof STEPS)[number];

/** How often a step is reached in a life that begins with a handful of messages; the others are reached in every turn. */
const MOST_ARRIVALS: Partial<Record<Step, number>> = { store: 1, sync: 1, syncAck: 2, load: 1, cursor: 3 };
/** Reached several times in a turn. */
const MOST_ARRIVALS_OFTEN: Partial<Record<Step, number>> = { gate: 12, record: 15, send: 9 };
const MOST_ARRIVALS_PER_TURN = 4;

/** From before a write's transaction to behind its flush. */
const MOST_TURNS = 4;
/** From before a request to behind its answer. */
const MOST_TURNS_OF_A_REQUEST = 30;
const REQUESTS: ReadonlySet<Step> = new Set(['charge', 'tally', 'send', 'sync', 'syncAck']);

/** Drawn more often: a turn has several of them, and only a few are those between two parts of an answer. */
const OFTEN: readonly Step[] = ['send', 'send', 'send', 'record', 'tally'];

export const HAZARDS: Hazards<Step> = {
  steps: [...STEPS, ...OFTEN],
  arrivalsOf: (step) => MOST_ARRIVALS[step] ?? MOST_ARRIVALS_OFTEN[step] ?? MOST_ARRIVALS_PER_TURN,
  turnsOf: (step) => (REQUESTS.has(step) ? MOST_TURNS_OF_A_REQUEST : MOST_TURNS),
};

/** A life that does not reach its drawn death dies of this one. */
export const DEATH_OF_AGE: Death<Step> = { phase: 'after', step: 'finish', arrival: 8, turns: 0 };

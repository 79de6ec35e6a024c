import type { HearingInsight } from '../catchup/deafness.js';
import type { ConnectionInsight } from '../connection/insight.js';
import type { ConnectionState } from '../connection/session.js';
import type { Engine } from '../engine.js';
import type { Counters } from './counters.js';
import type { Holdups } from './holdups.js';
import type { CatchUpInsight } from './pass-log.js';
import type { ErrorInsight } from './recent-errors.js';
import { summarise } from './summary.js';
import type { Totals } from './totals.js';

/**
 * Why messages wait although they arrive: nobody takes them; the client is still asking who it is; the iterator of
 * `messages()` has not been asked for the next one; or all slots of `concurrency` are taken.
 */
export type HeldBack = 'no handler' | 'identity unknown' | 'iterator not asked' | 'all slots taken';

/** The answer to "why am I not receiving?": plain data, without secrets, that can be logged as JSON. */
export interface Explanation {
  /** One sentence or two for people. */
  readonly summary: string;
  readonly state: ConnectionState;
  /** The socket: the last attempts and closes, the next attempt, how long it has been silent. */
  readonly connection: ConnectionInsight;
  /** Handlers at work at this moment, and messages in the hands of loops over `messages()`. */
  readonly runningHandlers: number;
  /** Why messages are held back although they arrive; null when they are not. */
  readonly heldBack: HeldBack | null;
  /** Conversations that cannot go on: open gaps, unknown positions, handlers that take long or keep failing. */
  readonly holdups: Holdups;
  /** Why the undelivered queue cannot be read at present; null while it can. */
  readonly catchUpTrouble: string | null;
  /** How the reading of the undelivered queue goes, and how it went last. */
  readonly catchUp: CatchUpInsight;
  /** Whether REST shows messages that the socket does not bring. */
  readonly hearing: HearingInsight;
  /** What `onError` was told last, oldest first; at most five. */
  readonly recentErrors: readonly ErrorInsight[];
  readonly counters: Readonly<Counters>;
  /** How much is remembered and waiting at this moment. Adding it up walks over all conversations. */
  readonly totals: Totals;
}

/** What an explanation is made of. */
export interface ExplainParts {
  readonly state: ConnectionState;
  readonly connection: ConnectionInsight;
  readonly engine: Engine;
  readonly recentErrors: readonly ErrorInsight[];
}

export function explain({ state, connection, engine, recentErrors }: ExplainParts): Explanation {
  const { heldBack, runningHandlers, catchUpTrouble, catchUp, hearing, holdups, totals } = engine;
  const facts = { state, connection, heldBack, holdups, catchUpTrouble, catchUp, hearing };
  return {
    summary: summarise(facts),
    ...facts,
    runningHandlers,
    recentErrors,
    counters: { ...engine.counters },
    totals,
  };
}

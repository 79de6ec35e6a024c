import type { Clock } from '../../clock/index.js';
import type { Acknowledger } from '../acking/acknowledger.js';
import type { CatchUp } from '../catchup/catchup.js';
import type { HearingInsight } from '../catchup/deafness.js';
import type { ConnectionInsight } from '../connection/insight.js';
import type { ConnectionState } from '../connection/session.js';
import type { Identity } from '../identity.js';
import type { Consumers } from '../lanes/consumers.js';
import type { Lanes } from '../lanes/lanes.js';
import type { Sequencer } from '../order/sequencer.js';
import type { Counters } from './counters.js';
import { type Holdups, holdupsOf } from './holdups.js';
import type { CatchUpInsight, ErrorInsight } from './journal.js';
import { type HeldBack, summarise } from './summary.js';
import { type Totals, totalsOf } from './totals.js';

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
  /** How much is remembered and waiting at this moment. Adding it up walks over the conversations in which something is going on. */
  readonly totals: Totals;
}

/** The parts that know what there is to tell. */
export interface ExplainParts {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly identity: Identity;
  readonly consumers: Consumers;
  readonly lanes: Lanes;
  readonly order: Sequencer;
  readonly catchUp: CatchUp;
  readonly acknowledger: Acknowledger;
}

export function explain(
  state: ConnectionState,
  connection: ConnectionInsight,
  parts: ExplainParts,
  recentErrors: readonly ErrorInsight[],
): Explanation {
  const { catchUp, lanes, counters } = parts;
  const facts = {
    state,
    connection,
    heldBack: heldBackBy(parts),
    holdups: holdupsOf(parts.order.conversations, {
      now: parts.clock.now(),
      draining: catchUp.draining,
      canFetch: catchUp.canFetch,
    }),
    catchUpTrouble: catchUp.trouble,
    catchUp: catchUp.insight,
    hearing: catchUp.hearing,
  };
  return {
    summary: summarise(facts),
    ...facts,
    runningHandlers: lanes.slots.runningCount,
    recentErrors,
    counters: { ...counters },
    totals: totalsOf(parts),
  };
}

/** Why messages wait although they arrive. */
export function heldBackBy({ consumers, identity, lanes }: ExplainParts): HeldBack | null {
  if (!consumers.present) return 'no handler';
  if (!identity.isSettled) return 'identity unknown';
  if (!consumers.asking) return 'iterator not asked';
  return lanes.flowing ? null : 'all slots taken';
}

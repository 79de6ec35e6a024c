import type { Clock } from '../../clock/index.js';
import type { ReplicaInsight } from '../../stores/index.js';
import type { Acknowledger } from '../acking/acknowledger.js';
import type { CatchUp } from '../catchup/catchup.js';
import type { HearingInsight } from '../catchup/deafness.js';
import type { StandingInsight } from '../catchup/standing.js';
import type { ConnectionInsight } from '../connection/insight.js';
import type { ConnectionState } from '../connection/session.js';
import type { Identity } from '../identity.js';
import type { Handlers } from '../inbox.js';
import type { Consumers } from '../lanes/consumers.js';
import type { Lanes } from '../lanes/lanes.js';
import type { Sequencer } from '../order/sequencer.js';
import type { ServiceClock } from '../service-clock.js';
import type { Counters } from './counters.js';
import { type Holdup, type Holdups, holdupsOf, seconds } from './holdups.js';
import type { CatchUpInsight, ErrorInsight } from './journal.js';

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
  /** Who we are: what was asked of `getMe()`, or the option `handle`. `null` while that is not known. */
  readonly handle: string | null;
  /**
   * How the service says that our agent stands. It is asked some seconds after a connect, and again when this is looked at and
   * older than five seconds (`askedAgoMs`): the next look shows the answer.
   */
  readonly standing: StandingInsight;
  /** Handlers of events that this version does not know, and whose name looks like that of one. */
  readonly misnamed: readonly { readonly type: string; readonly meant: string }[];
  /** Whether there is a `client`: without one nothing that is missed can be fetched. */
  readonly canFetch: boolean;
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
  /**
   * By how many milliseconds the clock of this host is ahead of the service's, or behind it (negative): 0 for less than half a
   * minute; null while no answer of REST has told (CATCH-4).
   */
  readonly hostClockAheadMs: number | null;
  /** What `onError` was told last, oldest first; at most five. */
  readonly recentErrors: readonly ErrorInsight[];
  /** What this replica has of the conversations, and who else lives; null without replicas. */
  readonly replicas: ReplicaInsight | null;
  readonly counters: Readonly<Counters>;
  /** How much is remembered and waiting at this moment. Adding it up walks over the conversations in which something is going on. */
  readonly totals: Totals;
}

/** How much is remembered and waiting at this moment: what the `bounds` bound. */
export interface Totals {
  /** Conversations that are remembered. */
  readonly conversations: number;
  /** Those in which nothing is going on. */
  readonly idleConversations: number;
  /** Out-of-order messages that wait for a gap to close, in all and in the conversation that has the most. */
  readonly held: number;
  readonly heldMost: number;
  /** Messages that wait in lanes for their handlers, in all and in the fullest lane. */
  readonly waiting: number;
  readonly waitingMost: number;
  /** How long ago the oldest message has arrived that waits in a lane or is being handled, in milliseconds; null when there is none. */
  readonly oldestMs: number | null;
  /** Slots of `concurrency` that are taken: handlers at work, less those that gave theirs back. */
  readonly slotsTaken: number;
  /** Ranges of seqs that were given up and are remembered. */
  readonly missing: number;
  /** Messages that are put aside because their handlers kept failing. */
  readonly parked: number;
  /** Acknowledgements that wait for a session. */
  readonly pendingAcks: number;
  /** Acknowledgements that wait for the store. */
  readonly unsavedAcks: number;
  /** Rows of the undelivered queue that wait for their handlers. */
  readonly undrained: number;
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
  readonly serviceClock: Pick<ServiceClock, 'hostAheadMs'>;
  /** Null without replicas. */
  readonly ownership: { readonly insight: ReplicaInsight } | null;
  readonly inbox: { readonly handlers: Pick<Handlers, 'misnamed'> };
}

export function explain(
  state: ConnectionState,
  connection: ConnectionInsight,
  parts: ExplainParts,
  recentErrors: readonly ErrorInsight[],
): Explanation {
  const { catchUp, lanes, counters } = parts;
  const facts: Facts = {
    state,
    handle: parts.identity.name,
    standing: catchUp.standing,
    misnamed: parts.inbox.handlers.misnamed,
    canFetch: catchUp.canFetch,
    connection,
    heldBack: heldBackBy(parts),
    holdups: holdupsOf(parts.order.conversations, parts.clock.now(), catchUp),
    catchUpTrouble: catchUp.trouble,
    catchUp: catchUp.insight,
    hearing: catchUp.hearing,
    hostClockAheadMs: parts.serviceClock.hostAheadMs,
  };
  const owed = owedWords(parts.order);
  const summary = [summarise(facts, owed), ...slips(facts, parts.identity)].join(' ');
  return {
    summary,
    ...facts,
    runningHandlers: lanes.slots.runningCount,
    recentErrors,
    replicas: parts.ownership?.insight ?? null,
    counters: { ...counters },
    totals: totalsOf(parts),
  };
}

export function heldBackBy({ consumers, identity, lanes }: ExplainParts): HeldBack | null {
  if (!consumers.present) return 'no handler';
  // Nobody has asked for it yet: nothing is held back.
  if (!identity.isSettled) return identity.isAwaited ? 'identity unknown' : null;
  if (!consumers.asking) return 'iterator not asked';
  // A turn of the loop that is used up (BP-2) is none of the owner's business: the next one comes at once.
  return lanes.full ? 'all slots taken' : null;
}

/** Only what nobody knows is looked up: the most of one conversation, in a walk over those in which something is going on. */
export function totalsOf(
  parts: Pick<ExplainParts, 'clock' | 'order' | 'lanes' | 'catchUp' | 'acknowledger'>,
): Totals {
  const { order, lanes, catchUp, acknowledger } = parts;
  const { conversations, register } = order;
  let heldMost = 0;
  let waitingMost = 0;
  let oldestAt = Number.POSITIVE_INFINITY;
  for (const { sequence, lane } of conversations.busy) {
    heldMost = Math.max(heldMost, sequence?.hold.size ?? 0);
    waitingMost = Math.max(waitingMost, lane?.waiting ?? 0);
    oldestAt = Math.min(oldestAt, lane?.oldestAt ?? oldestAt);
  }
  return {
    conversations: conversations.size,
    idleConversations: conversations.size - conversations.busy.size,
    held: order.runner.held,
    heldMost,
    waiting: lanes.waitingTotal,
    waitingMost,
    oldestMs: oldestAt === Number.POSITIVE_INFINITY ? null : parts.clock.now() - oldestAt,
    slotsTaken: lanes.slots.taken,
    missing: register.missingTotal,
    parked: register.parkedTotal,
    pendingAcks: acknowledger.pending,
    unsavedAcks: acknowledger.unsaved,
    undrained: catchUp.cursorAcks?.pending ?? 0,
  };
}

type Facts = Pick<
  Explanation,
  | 'state'
  | 'handle'
  | 'standing'
  | 'misnamed'
  | 'canFetch'
  | 'connection'
  | 'heldBack'
  | 'holdups'
  | 'catchUpTrouble'
  | 'catchUp'
  | 'hearing'
  | 'hostClockAheadMs'
>;

/** New conversations look for their position all the time, and most find it at once: then it is not worth a word. */
const POSITION_WORTH_A_WORD_MS = 1_000;

const HELD_BACK: Record<HeldBack, string> = {
  'no handler':
    'no handler of message.new is registered, so messages wait. Call on("message.new", ...) or loop over messages().',
  'identity unknown':
    'the client does not know its own handle yet, so messages wait until getMe() has answered.',
  'iterator not asked':
    'nobody has asked messages() for the next message: the loop is still working on the last one, or has ended.',
  'all slots taken': 'as many handlers are running as `concurrency` allows, so other conversations wait.',
};

/** STOP-3: the connection still has a socket, and is idle for everybody else. */
const LEFT_BEHIND =
  'disconnect() was called. The socket stays open to acknowledge what the remaining handlers finish.';

const PHASES = {
  asking_key: 'the apiKey function has not answered yet',
  opening: 'the socket is not open yet',
  authenticating: 'the service has not accepted it yet (no hello.ok)',
};

/** What conversations went on without, for the middle of a sentence. Holes are not missing. */
function owedWords({ conversations, register }: Sequencer): string {
  let missing = 0;
  for (const { outstanding } of conversations.busy) {
    for (const { from, to } of outstanding?.given() ?? []) missing += to - from + 1;
  }
  const parked = register.parkedTotal;
  const words = [
    ...(parked === 0 ? [] : [`${messages(parked)} parked`]),
    ...(missing === 0 ? [] : [`${messages(missing)} missing`]),
  ];
  return words.map((word) => `, ${word}`).join('');
}

function messages(count: number): string {
  return count === 1 ? '1 message' : `${count} messages`;
}

/** What somebody has written wrongly, a sentence each: it looks like silence whatever else is going on. */
function slips({ misnamed }: Facts, { mistaken, name }: Identity): string[] {
  const names = misnamed.map(
    ({ type, meant }) =>
      `A handler is registered for "${type}", which is not an event: did you mean "${meant}"?`,
  );
  if (mistaken === null) return names;
  return [...names, `The option \`handle\` is "${mistaken}", but the key is that of "${name}".`];
}

/** What the service does with our agent, for the middle of a sentence. */
function standingWords({ status, pausedByOwner, muted }: StandingInsight): string {
  const words = [
    ...(pausedByOwner === 'send' ? ['sending paused by its owner'] : []),
    ...(status === null || status === 'active' ? [] : [`agent ${status}`]),
    ...(muted === null || muted === 0 ? [] : [`${muted} muted (not pushed; the next reconcile reads them)`]),
  ];
  return words.map((word) => `, ${word}`).join('');
}

function summarise(facts: Facts, owed: string): string {
  const { connection } = facts;
  switch (facts.state) {
    case 'idle':
      return `Not connected, and not trying to connect: ${connection.idleBecause ?? LEFT_BEHIND}`;
    case 'connecting':
      return `Connecting, attempt ${connection.attempt}: ${PHASES[connection.phase ?? 'authenticating']}.${lastFailure(connection)}`;
    case 'waiting':
      return `Not connected: the next attempt begins in ${seconds(connection.nextAttemptInMs ?? 0)}${askedToWait(connection)}.${lastFailure(connection)}`;
    case 'stopping':
      return 'Stopping: no new messages are taken in. Running handlers may finish, and their acknowledgements are still sent.';
    case 'connected':
      return `${whileConnected(facts, owed)}${skewed(facts.hostClockAheadMs ?? 0)}`;
  }
}

function whileConnected(facts: Facts, owed: string): string {
  const { connection, heldBack, holdups, catchUpTrouble, catchUp, hearing, standing } = facts;
  const unfetchable = facts.canFetch ? '' : ', but without a `client`, so missed messages cannot be fetched';
  const receiving = `Connected and receiving${owed}${standingWords(standing)}${unfetchable}`;
  if (standing.pausedByOwner === 'full') {
    return `Connected${owed}, but its owner has paused the agent in the dashboard: the service sends nothing until the owner resumes it there.`;
  }
  if (standing.status === 'suspended') {
    return `Connected${owed}, but the agent is suspended: it can neither send nor receive until support lifts the suspension.`;
  }
  if (heldBack !== null) return `Connected${owed}, but ${HELD_BACK[heldBack]}`;
  if (catchUpTrouble !== null) {
    return `${receiving}, but the messages missed while offline cannot be read: ${catchUpTrouble}.`;
  }
  if (hearing.findings > 0) {
    return `Connected${owed}, but REST showed ${messages(hearing.findings)} that the socket did not bring. If this goes on, and no mute or pause explains it, the client replaces the socket.`;
  }
  const first = holdups.longest.find(
    ({ kind, forMs }) => kind !== 'position' || forMs >= POSITION_WORTH_A_WORD_MS,
  );
  if (first !== undefined) return `${receiving}, ${heldUp(first, holdups.total)}`;
  if (catchUp.draining) {
    return `${receiving}; still reading the messages missed while offline, ${catchUp.rowsSoFar ?? 0} so far.`;
  }
  return `${receiving}; ${heard(connection)}`;
}

/** CATCH-4. */
function skewed(aheadMs: number): string {
  if (aheadMs === 0) return '';
  const side = aheadMs > 0 ? 'ahead of' : 'behind';
  return ` The clock of this host is ${seconds(Math.abs(aheadMs))} ${side} the service's: correct it.`;
}

function heldUp(first: Holdup, total: number): string {
  const { conversationId, forMs, doing, waiting } = first;
  const others = total === 1 ? 'one conversation waits' : `${total} conversations wait`;
  const behind = waiting === 0 ? '' : `, with ${messages(waiting)} behind it`;
  return `but ${others}: ${conversationId} has waited ${seconds(forMs)} ${what(first)}${behind}; ${doing}.`;
}

function what({ kind, missing }: Holdup): string {
  if (missing !== null) {
    const { from, to } = missing;
    return from === to ? `for message ${from}` : `for messages ${from} to ${to}`;
  }
  return kind === 'position' ? 'to learn where it begins' : 'for its handlers';
}

function heard({ silentForMs, pingOutForMs, pingsSwallowed }: ConnectionInsight): string {
  const last = `the last data arrived ${Math.round((silentForMs ?? 0) / 1000)} s ago`;
  if (pingsSwallowed) {
    return `${last}. Nobody answers pings at this address, so the client asks REST when the socket is silent for long.`;
  }
  return pingOutForMs === null
    ? `${last}.`
    : `${last}, and a ping has been unanswered for ${seconds(pingOutForMs)}. Without an answer the client replaces the socket.`;
}

/** RCN-4: why the wait is longer than any of ours. */
function askedToWait({ askedToWaitMs }: ConnectionInsight): string {
  return askedToWaitMs === null
    ? ''
    : ', because the service or a proxy asked us to wait until then (Retry-After)';
}

function lastFailure({ attempts, failuresInARow, lastClose }: ConnectionInsight): string {
  const ended = attempts.filter(({ detail }) => detail !== null).at(-1);
  const lost = lastClose !== null && lastClose.nextAttemptInMs !== null;
  if (ended === undefined || (failuresInARow === 0 && !lost)) return '';
  const often = failuresInARow <= 1 ? '' : ` (${failuresInARow} failures in a row)`;
  return ended.outcome === 'failed'
    ? ` The last attempt failed${often}: ${ended.detail}.`
    : ` The connection was lost${often}: ${ended.detail}.`;
}

import type { HearingInsight } from '../catchup/deafness.js';
import type { ConnectionInsight } from '../connection/insight.js';
import type { ConnectionState } from '../connection/session.js';
import type { Holdup, Holdups } from './holdups.js';
import type { CatchUpInsight } from './journal.js';

/**
 * Why messages wait although they arrive: nobody takes them; the client is still asking who it is; the iterator of
 * `messages()` has not been asked for the next one; or all slots of `concurrency` are taken.
 */
export type HeldBack = 'no handler' | 'identity unknown' | 'iterator not asked' | 'all slots taken';

/** What the summary is told from. */
interface Facts {
  readonly state: ConnectionState;
  readonly connection: ConnectionInsight;
  readonly heldBack: HeldBack | null;
  readonly holdups: Holdups;
  readonly catchUpTrouble: string | null;
  readonly catchUp: CatchUpInsight;
  readonly hearing: HearingInsight;
}

/** A position that is looked for longer than this is worth a word. */
const POSITION_WORTH_A_WORD_MS = 1_000;

const HELD_BACK: Record<HeldBack, string> = {
  'no handler':
    'no handler of message.new is registered, so messages wait: call on("message.new", ...) or loop over messages().',
  'identity unknown': 'the client is still asking who it is (getMe), so messages wait for a few seconds.',
  'iterator not asked':
    'the iterator of messages() has not been asked for the next message: its loop is at work on the last one, or has ' +
    'stopped asking.',
  'all slots taken': 'as many handlers are at work as `concurrency` allows; others wait for them.',
};

const PHASES = {
  asking_key: 'the apiKey function has not answered yet',
  opening: 'the socket is not open yet',
  authenticating: 'no hello.ok yet',
};

/** What there is to say first, for people. */
export function summarise(facts: Facts): string {
  const { connection } = facts;
  switch (facts.state) {
    case 'idle':
      return `Not connected, and nothing is tried: ${connection.idleBecause ?? 'the client rests.'}`;
    case 'connecting':
      return `Connecting, attempt ${connection.attempt}: ${PHASES[connection.phase ?? 'authenticating']}.${lastFailure(connection)}`;
    case 'waiting':
      return `Not connected: the next attempt begins in ${seconds(connection.nextAttemptInMs ?? 0)}.${lastFailure(connection)}`;
    case 'stopping':
      return 'Stopping: nothing is taken in any more; running handlers may finish, and what they owe is sent.';
    case 'connected':
      return whileConnected(facts);
  }
}

function whileConnected({ connection, heldBack, holdups, catchUpTrouble, catchUp, hearing }: Facts): string {
  if (heldBack !== null) return `Connected, but ${HELD_BACK[heldBack]}`;
  if (catchUpTrouble !== null) {
    return `Connected and receiving, but what was missed offline cannot be read: ${catchUpTrouble}.`;
  }
  if (hearing.findings > 0) {
    return `Connected, but REST showed ${hearing.findings} message(s) that the socket did not bring. If that goes on, and no mute or pause explains it, the socket is replaced.`;
  }
  const first = worthAWord(holdups);
  if (first !== undefined) return heldUp(first, holdups.total);
  if (catchUp.draining) {
    return `Connected and receiving; what was missed offline is still being read, ${catchUp.rowsSoFar ?? 0} message(s) so far.`;
  }
  return `Connected and receiving; ${heard(connection)}`;
}

/** New conversations look for their position all the time, and most find it at once. */
function worthAWord({ longest }: Holdups): Holdup | undefined {
  return longest.find(({ kind, forMs }) => kind !== 'position' || forMs >= POSITION_WORTH_A_WORD_MS);
}

function heldUp(first: Holdup, total: number): string {
  const { conversationId, forMs, doing, waiting } = first;
  const others = total === 1 ? 'one conversation waits' : `${total} conversations wait`;
  const behind = waiting === 0 ? '' : `, with ${waiting} message(s) behind it`;
  return `Connected and receiving, but ${others}: ${conversationId} has waited for ${seconds(forMs)} for ${what(first)}${behind}; ${doing}.`;
}

function what({ kind, missing }: Holdup): string {
  switch (kind) {
    case 'gap':
      if (missing === null) return 'a missing message';
      return missing.from === missing.to
        ? `message ${missing.from}`
        : `messages ${missing.from} to ${missing.to}`;
    case 'position':
      return 'the place where it may begin';
    case 'handler':
      return 'its handlers';
  }
}

function heard({ silentForMs, pingOutForMs }: ConnectionInsight): string {
  const last = `the socket was last heard ${Math.round((silentForMs ?? 0) / 1000)} s ago`;
  return pingOutForMs === null
    ? `${last}.`
    : `${last}, and a ping has been out for ${seconds(pingOutForMs)}: without an answer it is replaced.`;
}

function lastFailure({ attempts, failuresInARow }: ConnectionInsight): string {
  const ended = attempts.filter(({ detail }) => detail !== null).at(-1);
  if (ended === undefined || failuresInARow === 0) return '';
  const often = failuresInARow === 1 ? '' : ` (${failuresInARow} failures in a row)`;
  return ended.outcome === 'failed'
    ? ` The last attempt failed${often}: ${ended.detail}.`
    : ` The connection was lost${often}: ${ended.detail}.`;
}

/** Rounded up: "in 0 s" would not be true. */
function seconds(ms: number): string {
  return `${Math.max(Math.ceil(ms / 1000), 1)} s`;
}

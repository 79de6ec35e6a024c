import type { ConnectionInsight } from './connection/insight.js';
import type { ConnectionState } from './connection/session.js';
import type { Counters } from './counters.js';
import type { Engine } from './engine.js';
import type { HearingInsight } from './recovery/deafness.js';
import type { Totals } from './totals.js';

/**
 * Why messages wait although they arrive: nobody takes them; the client is still asking who it is; the iterator of
 * `messages()` has not been asked for the next one; or all slots of `concurrency` are taken.
 */
export type HeldBack = 'no handler' | 'identity unknown' | 'iterator not asked' | 'all slots taken';

/** The answer to "why am I not receiving?". */
export interface Explanation {
  /** One sentence for people. */
  readonly summary: string;
  readonly state: ConnectionState;
  readonly connection: ConnectionInsight;
  /** Handlers at work at this moment, and messages in the hands of loops over `messages()`. */
  readonly runningHandlers: number;
  /** Why messages are held back although they arrive; null when they are not. */
  readonly heldBack: HeldBack | null;
  /** Why the undelivered queue cannot be read at present; null while it can. */
  readonly catchUpTrouble: string | null;
  /** Whether REST shows messages that the socket does not bring. */
  readonly hearing: HearingInsight;
  readonly counters: Readonly<Counters>;
  /** How much is remembered and waiting at this moment. Adding it up walks over all conversations. */
  readonly totals: Totals;
}

export function explain(state: ConnectionState, connection: ConnectionInsight, engine: Engine): Explanation {
  const { heldBack, runningHandlers, catchUpTrouble, hearing } = engine;
  return {
    summary: summarise(state, connection, heldBack, catchUpTrouble, hearing),
    state,
    connection,
    runningHandlers,
    heldBack,
    catchUpTrouble,
    hearing,
    counters: { ...engine.counters },
    totals: engine.totals,
  };
}

const HELD_BACK: Record<HeldBack, string> = {
  'no handler':
    'no handler of message.new is registered, so messages wait: call on("message.new", ...) or loop over messages().',
  'identity unknown': 'the client is still asking who it is (getMe), so messages wait for a few seconds.',
  'iterator not asked':
    'the iterator of messages() has not been asked for the next message: its loop is at work on the last one, or has ' +
    'stopped asking.',
  'all slots taken': 'as many handlers are at work as `concurrency` allows; others wait for them.',
};

function summarise(
  state: ConnectionState,
  connection: ConnectionInsight,
  heldBack: Explanation['heldBack'],
  catchUpTrouble: string | null,
  { findings }: HearingInsight,
): string {
  switch (state) {
    case 'idle':
      return 'Not connected: connect() was not called, or the client was stopped or refused for good.';
    case 'connecting':
      return `Connecting, attempt ${connection.attempt}: no hello.ok yet.`;
    case 'waiting':
      return `The last attempt failed; the next one begins in ${Math.ceil((connection.nextAttemptInMs ?? 0) / 1000)} s.`;
    case 'stopping':
      return 'Stopping: nothing is taken in any more.';
    case 'connected':
      if (heldBack !== null) return `Connected, but ${HELD_BACK[heldBack]}`;
      if (catchUpTrouble !== null) {
        return `Connected and receiving, but what was missed offline cannot be read: ${catchUpTrouble}.`;
      }
      if (findings > 0) {
        return `Connected, but REST showed ${findings} message(s) that the socket did not bring. If that goes on, and no mute or pause explains it, the socket is replaced.`;
      }
      return `Connected and receiving; the socket was last heard ${Math.round((connection.silentForMs ?? 0) / 1000)} s ago.`;
  }
}

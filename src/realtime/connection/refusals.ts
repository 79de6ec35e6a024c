import { HELLO_OK_TIMEOUT_MS } from '../../wire/index.js';
import { CLOSE_FORBIDDEN, CLOSE_UNAUTHORIZED, type Ending, POLICY_VIOLATION } from './endings.js';

/**
 * What an ending says about another attempt with the same key. `final`: it would end the same way. `doubtful`: it looks
 * so, but it may not be the service's word about the key.
 */
export type Verdict = 'passing' | 'doubtful' | 'final';

/** Doubtful refusals in a row, with nothing else between them. */
export interface Doubts {
  /** When the first of them came, on the monotonic clock. */
  readonly since: number;
  readonly count: number;
}

/** A deploy, or a proxy that is being set up, is over by then. Nobody is there to look sooner, so there is no hurry. */
export const DOUBTS_LAST_MS = 30 * 60_000;
export const DOUBTS_AT_LEAST = 10;

/** What to think of the end of a session. */
export function verdictOn(ending: Ending): Verdict {
  if (ending.kind === 'http') {
    if (ending.status !== 401 && ending.status !== 403) return 'passing';
    // RCN-3: proxies refuse in the service's place, with pages of their own.
    return ending.said === undefined ? 'doubtful' : 'final';
  }
  const refused =
    ending.kind === 'closed' && [POLICY_VIOLATION, CLOSE_UNAUTHORIZED, CLOSE_FORBIDDEN].includes(ending.code);
  return refused ? 'final' : 'passing';
}

/**
 * What to think of the end of an attempt, so long after its socket was asked for. The service closes with 1008 also
 * when it has waited five seconds for our hello: what comes late says nothing about the key.
 */
export function verdictOnAttempt(ending: Ending, afterMs: number): Verdict {
  const late = afterMs > HELLO_OK_TIMEOUT_MS;
  if (late && ending.kind === 'closed' && ending.code === POLICY_VIOLATION) return 'doubtful';
  return verdictOn(ending);
}

/** The row after one more ending. Whatever is not doubtful breaks it. */
export function doubtsAfter(before: Doubts | null, verdict: Verdict, now: number): Doubts | null {
  if (verdict !== 'doubtful') return null;
  return { since: before?.since ?? now, count: (before?.count ?? 0) + 1 };
}

/** RCN-3: a refusal that nothing has broken for half an hour stands, whoever speaks. */
export function isSettled(doubts: Doubts | null, now: number): boolean {
  return doubts !== null && doubts.count >= DOUBTS_AT_LEAST && now - doubts.since >= DOUBTS_LAST_MS;
}

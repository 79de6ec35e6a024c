import {
  AgentChatClientError,
  type AgentChatClientErrorInit,
  type ClassDefaults,
} from './agent-chat-client-error.js';

/**
 * What is the matter with a store.
 * - `unreachable`: its server does not answer, or refuses the connection. Passes when it is back.
 * - `timeout`: it was too slow. What was asked for may still happen.
 * - `full`: it has no room left.
 * - `read_only`: it may be read only: a replica, a file without permission, a store that was opened with `readOnly`.
 * - `corrupt`: what it holds cannot be read.
 * - `lost`: it has forgotten what it held, or the last of it: a server without persistence was restarted, or one that was behind took
 *   over. Said once; the store goes on with what it has.
 * - `newer`: a newer version of this package has written it.
 * - `owned`: another process has it open.
 * - `refused`: it does not let us in, or lacks a permission or a part that we need.
 * - `lease_lost`: another replica has the conversation now.
 * - `closed`: it was closed.
 * - `failed`: something else; see `cause`.
 */
export type StoreFault =
  | 'unreachable'
  | 'timeout'
  | 'full'
  | 'read_only'
  | 'corrupt'
  | 'lost'
  | 'newer'
  | 'owned'
  | 'refused'
  | 'lease_lost'
  | 'closed'
  | 'failed';

export interface StoreErrorInit extends Omit<AgentChatClientErrorInit, 'message' | 'code'> {
  /** What users call the engine: `Postgres`. */
  engine: string;
  fault: StoreFault;
  /** What there is to do about it; default: what one can say of the fault. */
  advice?: string | undefined;
}

/** What happened, and what to do. */
const WORDS: { readonly [K in StoreFault]: readonly [string, string] } = {
  unreachable: ['cannot be reached', 'Check that its server runs and that this process can connect to it.'],
  timeout: ['did not answer in time', 'Check how busy its server is.'],
  full: ['has no room left', 'Give it more memory or disk.'],
  read_only: ['may be read only', 'Use the primary server, or a folder that this process may write to.'],
  corrupt: ['holds something that cannot be read', 'Restore it from a backup, or start with an empty one.'],
  lost: [
    'has lost what it held',
    'Messages that were handled may come again. Let its server write down what it holds.',
  ],
  newer: ['was written by a newer version of agentchat-client', 'Update this package.'],
  owned: ['is open in another process', 'Stop the other process, or use a store that several may share.'],
  refused: ['refused us', 'Check its user, password, database and permissions.'],
  lease_lost: ['has given the conversation to another replica', 'No action needed: that replica goes on.'],
  closed: ['was closed', 'Close it after the clients and bots that use it.'],
  failed: ['failed', 'See the cause.'],
};

/** Faults that pass by themselves, or when somebody has helped the store: the same call may succeed later. */
const PASSING: readonly StoreFault[] = ['unreachable', 'timeout', 'full', 'read_only', 'lost', 'failed'];
/** Faults of which we know that nothing was written. */
const UNWRITTEN: readonly StoreFault[] = [
  'full',
  'read_only',
  'lost',
  'newer',
  'owned',
  'refused',
  'lease_lost',
  'closed',
];

/**
 * A store could not do what it was asked for. The message names the store and what to do; `fault` is what to branch on.
 *
 * @example
 * try {
 *   const store = await lmdbStore({ path: './bot-data' });
 * } catch (error) {
 *   if (error instanceof StoreError && error.fault === 'owned') console.error('The bot runs already.');
 *   throw error;
 * }
 */
export class StoreError extends AgentChatClientError {
  static override get kind(): string {
    return 'StoreError';
  }

  protected static override get defaults(): ClassDefaults {
    return { code: 'STORE_FAILED', retryable: true };
  }

  declare readonly name: 'StoreError';
  readonly engine: string;
  readonly fault: StoreFault;

  constructor({ engine, fault, advice, ...init }: StoreErrorInit) {
    const [what, hint] = WORDS[fault];
    super({
      retryable: PASSING.includes(fault),
      outcome: UNWRITTEN.includes(fault) ? 'rejected' : 'unknown',
      ...init,
      message: `The ${engine} store ${what}. ${advice ?? hint}`,
    });
    this.engine = engine;
    this.fault = fault;
  }
}

import type { Bounds } from '../../../src/realtime/index.js';
import type { Answer, HandlerMode, Loss, NetworkMode, RestMode } from '../schedule.js';

/**
 * How the shared store is, from now until it is told otherwise. `slow`: answers take up to half a lease. `down`: nobody reaches it.
 * `cut`: connections break, before or after the work was done. `hanging`: some calls time out, and may be carried out much later.
 */
export type SharedStoreMode = 'ok' | 'slow' | 'down' | 'cut' | 'hanging';

/** What handlers do in this world. */
export type ReplicaHandlerMode = Extract<
  HandlerMode,
  'sync' | 'async' | 'slow' | 'very slow' | 'failing' | 'hanging' | 'replying'
>;

/**
 * One thing that happens at one moment of virtual time. `replica` is a number: the running replicas are counted round, so that each
 * means somebody whoever has gone.
 */
export type ReplicaAction = { readonly at: number } & (
  | { readonly kind: 'send'; readonly conversation: number }
  | { readonly kind: 'burst'; readonly conversation: number; readonly count: number; readonly lose: Loss }
  /** A message without a seq. */
  | { readonly kind: 'notice'; readonly conversation: number }
  /** A replica sends by itself, perhaps in a conversation of another's. */
  | {
      readonly kind: 'own-send';
      readonly replica: number;
      readonly conversation: number;
      readonly answer: Answer;
    }
  | { readonly kind: 'network'; readonly mode: NetworkMode }
  | { readonly kind: 'drop-next'; readonly count: number }
  | { readonly kind: 'cut'; readonly replica: number }
  | { readonly kind: 'half-open'; readonly replica: number }
  /** The service takes no socket of this replica for a while. */
  | { readonly kind: 'deaf'; readonly replica: number; readonly ms: number }
  | { readonly kind: 'rest'; readonly mode: RestMode }
  | { readonly kind: 'handler'; readonly mode: ReplicaHandlerMode }
  | { readonly kind: 'store'; readonly mode: SharedStoreMode }
  /** This replica alone does not reach the store for a while. */
  | { readonly kind: 'store-cut'; readonly replica: number; readonly ms: number }
  | { readonly kind: 'notices'; readonly on: boolean }
  /** The process stands still, and then goes on. Its monotonic clock has gone on meanwhile. */
  | { readonly kind: 'stall'; readonly replica: number; readonly ms: number }
  /** `kill -9`. A new process takes its place after a while. */
  | { readonly kind: 'kill'; readonly replica: number; readonly downMs: number }
  /** `disconnect()`, and `connect()` after a while. */
  | {
      readonly kind: 'stop';
      readonly replica: number;
      readonly deadlineMs: number;
      readonly pauseMs: number;
    }
  | { readonly kind: 'join' }
);

/** What happens to one replica. */
export type TroubleOfOne = Extract<
  ReplicaAction,
  { kind: 'cut' | 'half-open' | 'deaf' | 'store-cut' | 'stall' | 'kill' | 'stop' }
>;

/** Everything that decides a run. The same schedule gives the same run. */
export interface ReplicaSchedule {
  readonly seed: number;
  readonly replicas: number;
  readonly leaseMs: number;
  readonly partitions: number;
  /** The service pushes a message to all sockets of the agent, or to one. */
  readonly pushTo: 'all' | 'one';
  /** The clock of the store: how fast it goes beside that of the processes, and how far it is ahead. */
  readonly storeRate: number;
  readonly storeAheadMs: number;
  readonly conversations: number;
  /** Whether our own messages come back to us. */
  readonly echo: boolean;
  readonly backlog: boolean;
  readonly firstSeqs: readonly number[];
  readonly bounds: Partial<Bounds>;
  readonly actions: readonly ReplicaAction[];
}

import type { AgentChatClientError } from '../../errors/index.js';
import type { CursorStore } from '../cursor-store.js';
import type { StepStore } from '../roles/steps.js';

/** Why a partition is not ours any more. `moved`: it was given to another replica, in peace. */
export type LossReason = 'moved' | 'expired' | 'taken over' | 'stopped';

/** What a coordinator tells a client. None of these may throw. */
export interface ReplicaListener {
  /** REP-5: the partition is ours from now on. Its conversations begin with what the store knows of them. */
  taken(partition: number): void;
  /**
   * REP-6: the partition is to move to another replica. Begin nothing new in it; resolve when what was begun is finished and saved.
   */
  leaving(partition: number): Promise<void>;
  /** REP-3: these partitions are not ours any more: no handler begins, what runs is aborted, nothing of it is written or acknowledged. */
  lost(partitions: readonly number[], why: LossReason): void;
  /** REP-4: another replica has heard of a message of a conversation that may be ours. */
  heard(conversationId: string, seq: number): void;
  /** REP-7: the coordinator's store fails, or has recovered (null). */
  trouble(error: AgentChatClientError | null): void;
}

/** A partition that this replica has, for `explain()`. */
export interface TenureInsight {
  readonly partition: number;
  /** REP-1: only grows. */
  readonly fence: number;
  readonly heldForMs: number;
  /** `leaving`: it begins nothing new, and moves when what was begun is finished. */
  readonly state: 'held' | 'leaving';
}

export interface ReplicaInsight {
  readonly name: string;
  readonly partitions: number;
  readonly held: readonly TenureInsight[];
  /** The replicas that live, this one too, as of the last look. */
  readonly live: readonly string[];
  /** How long ago the leases were last confirmed, in milliseconds; null: never. */
  readonly confirmedAgoMs: number | null;
  /** Partitions that were lost without having been given away. */
  readonly lost: number;
  readonly takenOver: number;
}

/**
 * Divides the conversations of an agent among the replicas of its bot. `store.replicas()` of a shared store gives one; another
 * engine (a NATS bucket, etcd) can stand behind it as well, as long as it keeps REP-1 to REP-3: one owner for each partition at a
 * time, a fence that only grows, and an end by the owner's own clock before the lease is over.
 */
export interface ReplicaCoordinator {
  /** Cursors whose writes carry the fence of their partition, and reject with `lease_lost` once it is somebody else's (REP-2). */
  readonly cursors: CursorStore;
  /** Turns, by the same rule. Only a bot of the bot kit needs them. */
  readonly steps?: StepStore | undefined;
  /**
   * Resolves when it has looked for partitions for the first time. Rejects when it may not take part, and when another listener has
   * started it and not stopped it since.
   */
  start(listener: ReplicaListener): Promise<void>;
  /** Gives everything up, and tells the others. Call it when nothing is written any more. */
  stop(): Promise<void>;
  /** From 0 on. */
  partitionOf(conversationId: string): number;
  /** Whether something new may begin in the conversation, now. Asked for every message. */
  owns(conversationId: string): boolean;
  /** REP-4: this seq exists in a conversation of somebody else's. Best effort. */
  tell(conversationId: string, seq: number): void;
  /** An owner looks so often for what no notice has told it of, in milliseconds (REP-4). */
  readonly reconcileMs: number;
  readonly insight: ReplicaInsight;
}

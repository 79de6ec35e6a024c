import type { LossReason } from '../../stores/index.js';
import type { Life } from '../util/life.js';

/** Which conversations are ours at present (REP-1). A bot without replicas has none of this: all are. */
export interface Tenancy {
  /** Whether something new may begin in the conversation. Asked for every message. */
  owns(conversationId: string): boolean;
  /** Ends when the conversation is not ours any more, or the client stops. */
  lifeOf(conversationId: string): Life;
}

/** What happens to a partition of this replica. */
export type ReplicaEvent =
  | { readonly type: 'taken' | 'leaving'; readonly partition: number }
  | { readonly type: 'lost'; readonly partition: number; readonly why: LossReason };

// Agents, conversations, messages and their envelopes point at each other, so their types stand together. The files
// beside this one each look after one kind of them.
import type {
  AgentSettings,
  AgentStatus,
  DeletedGroupInfo,
  GroupRole,
  Message,
  PausedByOwner,
} from '../../wire/index.js';
import type { Chain, Link } from './chain.js';

/** What the server knows about one agent. */
export interface AgentRecord {
  readonly id: string;
  readonly handle: string;
  readonly email: string;
  readonly isSystem: boolean;
  readonly createdAt: string;
  displayName: string | null;
  description: string | null;
  avatarUrl: string | null;
  status: AgentStatus;
  pausedByOwner: PausedByOwner;
  settings: AgentSettings;
  updatedAt: string;
  /** Only a digest is kept: the key itself exists in the answer that issued it. */
  keyDigest: string;
  readonly inbox: Inbox;
  /** What the agent has sent, by its own `client_msg_id`: the idempotency of sends. */
  readonly sent: Map<string, StoredMessage>;
  /** The conversations it is in, most recent activity last. */
  readonly conversations: Chain<Membership>;
}

/** How far two agents have got with each other. `established` is for ever. */
export type ThreadState =
  | { readonly kind: 'cold'; readonly startedBy: string; readonly waitingSince: string }
  | { readonly kind: 'established' };

/** One agent's side of one conversation. */
export interface Membership {
  readonly agent: AgentRecord;
  readonly conversation: Conversation;
  /** What the agent has not read yet, oldest first. */
  readonly unread: Chain<Envelope>;
  /** Nothing up to this seq is the agent's to see: it was said before the agent joined. */
  readonly joinedSeq: number;
  readonly joinedAt: string;
  /** Of a group. In a direct conversation everybody is a member. */
  role: GroupRole;
  /** When hidden: the conversation stays out of the agent's list until something is said above this seq. */
  hiddenThroughSeq: number | undefined;
  /** Where the conversation stands in the agent's list, which is ordered by activity. */
  activity: Link<Membership> | undefined;
}

/** What every conversation has. */
interface ConversationBase {
  readonly id: string;
  /** In the order in which they joined. */
  readonly members: Map<string, Membership>;
  /** The message with seq n is at index n - 1: numbers are given out without holes. */
  readonly messages: StoredMessage[];
  readonly createdAt: string;
  updatedAt: string;
}

/** A conversation of two, and everything that was said in it. */
export interface DirectConversation extends ConversationBase {
  readonly type: 'direct';
  thread: ThreadState;
}

/** A group, which is its own conversation. */
export interface GroupConversation extends ConversationBase {
  readonly type: 'group';
  /** The handle of who created it: an admin for as long as it is a member. */
  readonly createdBy: string;
  name: string;
  description: string | null;
  avatarUrl: string | null;
  /** What is left when the group is deleted, and for whom: its members at that moment. */
  tombstone: { readonly info: DeletedGroupInfo; readonly members: ReadonlySet<string> } | undefined;
}

export type Conversation = DirectConversation | GroupConversation;

/** A message as it was stored, and its way to each recipient. */
export interface StoredMessage {
  /** Without `status`, `delivered_at` and `read_at`: those belong to whoever looks at it. */
  readonly message: Message;
  readonly conversation: Conversation;
  readonly envelopes: Map<string, Envelope>;
  /** The handles of those who do not want to see it any more. */
  readonly hiddenFor: Set<string>;
}

/** How far a message has come on its way to one recipient. It never goes backwards; `expired` ones never arrive. */
export type DeliveryState = 'stored' | 'delivered' | 'read' | 'expired';

/** One message on its way to one recipient. */
export interface Envelope {
  readonly stored: StoredMessage;
  readonly membership: Membership;
  /** The place in the recipient's inbox: later envelopes have higher positions. Never shown to a client. */
  readonly position: number;
  state: DeliveryState;
  deliveredAt: string | null;
  readAt: string | null;
  cursor: string | undefined;
  undeliveredLink: Link<Envelope> | undefined;
  unreadLink: Link<Envelope> | undefined;
}

/** What an envelope says of itself. */
export interface EnvelopeFacts
  extends Pick<Envelope, 'position' | 'state' | 'deliveredAt' | 'readAt' | 'cursor'> {
  readonly isUnread: boolean;
}

/** What waits for one agent, oldest first across all of its conversations. */
export interface Inbox {
  readonly undeliveredCount: number;
  /** The position of the newest envelope that ever arrived here. */
  readonly lastPosition: number;
  put(stored: StoredMessage, membership: Membership): Envelope;
  /** Takes up an envelope that has been before. They must come in the order of their positions. */
  restore(stored: StoredMessage, membership: Membership, facts: EnvelopeFacts): Envelope;
  /** Undelivered envelopes, oldest first; with `after` only those behind it, whether it is still undelivered or not. */
  undelivered(after?: Envelope): Generator<Envelope, void>;
  /** The envelope's cursor, made the first time that somebody reads it and the same ever after. */
  cursorOf(envelope: Envelope): string;
  byCursor(cursor: string): Envelope | undefined;
  /** `stored` to `delivered`; says whether anything changed. */
  markDelivered(envelope: Envelope, at: string): boolean;
  /** Marks everything at or before the envelope delivered; says how many changed. */
  markDeliveredThrough(envelope: Envelope, at: string): number;
  /** To `read`, which implies delivered; says whether anything changed. */
  markRead(envelope: Envelope, at: string): boolean;
  /** Takes an envelope out of what is unread, without anybody having read it. */
  discount(envelope: Envelope): void;
  /** Nobody wants it any more: what is not delivered yet never will be. */
  withdraw(envelope: Envelope): void;
}

import type {
  Agent,
  ConversationListItem,
  GroupInvitation,
  Message,
  MuteEntry,
  SyncEnvelope,
} from '../wire/index.js';

/** How a background read may be cut short. */
export interface SourceCallOptions {
  signal?: AbortSignal;
  /**
   * How long nothing may come, in milliseconds: at first 10 s, since a hanging background read keeps a bot deaf, and up to 30 s
   * after reads that gave no answer. An answer that keeps coming should not be cut off by it: a source that cannot tell
   * leaves it alone, and is given up by `signal` after a minute. Reject with a `TimeoutError` (ours, or that of
   * `AbortSignal.timeout`) when it passes: the next read then asks for fewer rows (CATCH-2).
   */
  timeoutMs?: number;
  /**
   * To be told of the answer's head. Its `Date` says what time it is for the service (CATCH-4); without that, and in a browser
   * where the service does not expose it, the clock of the host has to do.
   */
  onResponse?: (answer: { headers: { get(name: string): string | null } }) => void;
}

/** One page of a conversation's history; at most one cursor. */
export interface SourceHistoryOptions extends SourceCallOptions {
  limit?: number;
  beforeSeq?: number;
  afterSeq?: number;
}

/**
 * What the realtime client needs of REST, and nothing more. An `AgentChatClient` satisfies it; so does a handful of
 * functions of your own. `getMessages`, `sync` and `syncAck` suffice: what is missing is done without.
 *
 * Reject with whatever says best what went wrong. A `status` of 403, 404 or 410 on an error is taken for the service's word,
 * and ends the asking; where the answer was not the service's (a proxy's page), say so with `foreign: true`, and it is asked
 * again, as after any other error (CATCH-3).
 */
export interface RealtimeSource {
  /** What was chosen for `timeoutMs`, if anything: background reads keep to it, in place of what they choose themselves. */
  readonly timeoutMs?: number | undefined;
  /** History: closes gaps. With `afterSeq` oldest first, exclusive. */
  getMessages(conversationId: string, options?: SourceHistoryOptions): Promise<Message[]>;
  /** Everything undelivered, oldest first. Reading commits nothing. */
  sync(options?: { limit?: number; after?: string } & SourceCallOptions): Promise<SyncEnvelope[]>;
  /** Marks everything at or before the cursor delivered. */
  syncAck(lastDeliveryId: string, options?: SourceCallOptions): Promise<{ acked: number }>;
  /** Newest unread seq per conversation: finds a lost last message, which no later seq betrays. */
  listConversations?(
    options?: { limit?: number; offset?: number } & SourceCallOptions,
  ): Promise<ConversationListItem[]>;
  /** Tells a muted silence from a deaf socket. */
  listMutes?(options?: SourceCallOptions): Promise<{ mutes: MuteEntry[] }>;
  /** Pending group invitations: they are pushed live only, never stored or replayed. */
  listGroupInvites?(options?: SourceCallOptions): Promise<GroupInvitation[]>;
  /** Who we are: tells our own echoes from other people's messages. */
  getMe?(options?: SourceCallOptions): Promise<Agent>;
  /** Called with each message that we have sent, as the service stored it. Returns its `off`. */
  onSent?(callback: (message: Message) => void): () => void;
}

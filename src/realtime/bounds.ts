/**
 * Every bound of the realtime client, in one place. All of them are options (`bounds: { ... }`); the defaults suit a
 * bot in a few thousand conversations on a small machine.
 */
export interface Bounds {
  /** Conversations whose handlers may run at the same time. Default 64. */
  concurrency: number;
  /** Out-of-order messages held for one conversation. Default 500. Beyond it the service is the buffer (GAP-4). */
  holdPerConversation: number;
  /** Out-of-order messages held in all. Default 10,000. */
  holdTotal: number;
  /**
   * Messages that wait in one conversation's lane. Default 256. Beyond it the lane sheds (BP-1). Where the service takes no
   * acks, as many again of those that have no seq: they would not come again.
   */
  lane: number;
  /** Messages that wait in all lanes together. Default 50,000. Beyond it the lanes shed as well. */
  laneTotal: number;
  /** Gap fills, drains' pages and looks under way at once. Default 4. */
  fillsAtOnce: number;
  /**
   * Background REST requests in any one second: fills from history, comparisons, and whatever else is read beside your own
   * calls. Default 20. The undelivered queue keeps a pace of its own: its pages are asked for one after the other, and
   * acknowledged at most four times a second.
   */
  backgroundRequestsPerSecond: number;
  /** Rows of a drain that may wait for their handlers before the next page is taken in. Default 1,000. */
  drainPending: number;
  /** Acknowledgements that wait for a session. Default 10,000; what is forgotten comes again and is acked then. */
  pendingAcks: number;
  /**
   * Acknowledgements that wait for the store. Default 100,000, of about 100 bytes each; what is forgotten comes again and is acked
   * then.
   */
  unsavedAcks: number;
  /** Conversations remembered while nothing happens in them, least recently used first out. Default 200,000. */
  idleConversations: number;
  /**
   * Conversations that wait: for a gap to close, or for where to begin. Default 10,000. What arrives in one more is left
   * to the service, which brings it again with the next reconcile.
   */
  waitingConversations: number;
  /** Ranges of given-up seqs, and of seqs that were handled late, that are remembered, in all. Default 1,000. */
  missing: number;
  /** Parked messages that are remembered, in all. Default 1,000. */
  parked: number;
  /** A seq further above `expected` than this must be confirmed by history (GAP-2). Default 100,000. */
  absurdSeqDistance: number;
}

export const DEFAULT_BOUNDS: Readonly<Bounds> = /* @__PURE__ */ Object.freeze({
  concurrency: 64,
  holdPerConversation: 500,
  holdTotal: 10_000,
  lane: 256,
  laneTotal: 50_000,
  fillsAtOnce: 4,
  backgroundRequestsPerSecond: 20,
  drainPending: 1_000,
  pendingAcks: 10_000,
  unsavedAcks: 100_000,
  idleConversations: 200_000,
  waitingConversations: 10_000,
  missing: 1_000,
  parked: 1_000,
  absurdSeqDistance: 100_000,
});

/** Waits that are part of the delivery rules rather than options. Milliseconds. */
export const TIMING = /* @__PURE__ */ Object.freeze({
  /** GAP-1, ORD-3: how long gap timers and new conversations wait for a running drain. */
  drainPatience: 10_000,
  /** ORD-3: how long a new conversation waits for the look at what is older. */
  lookPatience: 5_000,
  /** GAP-2: a row that history leaves out is believed to be a hole only once the gap is this old. */
  holeSettle: 1_000,
  /** GAP-2: first and longest pause before a fill is asked again. */
  fillBackoffMin: 250,
  fillBackoffMax: 15_000,
  /** GAP-1: how long a conversation with rows that were never pushed fills at once. */
  impatience: 600_000,
  /** HND-1: first and longest wait before a parked message is fetched again. */
  parkMin: 60_000,
  parkMax: 3_600_000,
  /** ORD-1: a handler that runs longer gives its slot (never its lane) back. */
  slowHandler: 60_000,
  /** CATCH-1: how often a lost last message is looked for. */
  reconcile: 60_000,
  /** ACK-1: a store that takes longer has failed, and is asked again. */
  storePatience: 10_000,
  /** ACK-1: a write that has not settled for so long never will: another is begun, and its late landing watched for. */
  storeAbandon: 60_000,
  /** HND-1: when messages that wait for a handler to be registered become worth a report. */
  handlerPatience: 5_000,
  /** GAP-5: when messages that wait for us to learn who we are become worth a report. */
  identityPatience: 5_000,
  /** STOP-1: how long `disconnect()` lets handlers finish and acks go out. */
  stopDeadline: 10_000,
  /** STOP-3: how long the socket stays for the acks of handlers that were left behind. */
  linger: 60_000,
  /** STOP-3: how long a store has to save what those handlers owe. */
  lastSave: 2_000,
  /** CATCH-1, ACK-2: first and longest pause before a failed sync or ack is tried again. */
  syncBackoffMin: 500,
  syncBackoffMax: 30_000,
});

/** Where one conversation stands, as it survives a restart. Plain JSON. */
export interface StoredCursor {
  readonly conversationId: string;
  /** The next seq that has not been handled. Never goes back. */
  readonly expected: number;
  /** The first seq that this bot ever knew of in the conversation. */
  readonly floor: number;
  /** Seqs below `expected` that were not handled; delivered late if they ever come. */
  readonly missing: readonly { readonly from: number; readonly to: number }[];
  /** Messages below `expected` whose handlers kept failing; fetched again on a schedule. */
  readonly parked: readonly { readonly seq: number; readonly id: string; readonly times: number }[];
}

/**
 * Remembers across restarts what a bot has handled. One store belongs to one agent. A message is acknowledged to the
 * service only after `save` has fulfilled for it, so a store that fails delays acknowledgements and loses nothing.
 *
 * What fails, or throws, is asked again, later each time; so is a read that gives no answer for ten seconds.
 */
export interface CursorStore {
  /** The cursor of one conversation, or null when there is none. */
  load(conversationId: string): Promise<StoredCursor | null>;
  /**
   * Writes the cursors, all or none. Called again with newer values, never with older ones, and never while an earlier
   * call is under way: one that gives no answer is waited for, and reported every ten seconds.
   *
   * A call that has not settled after a minute is taken for dead, so that one lost promise does not hold back every
   * later acknowledgement. Should it settle after all, what it may have overwritten is saved once more. A store whose
   * writes can overtake each other (a pool of connections) does best to bound them in time itself, and to ignore a
   * cursor whose `expected` is lower than the one it has: then a write that lands late does no harm. Without that, a
   * crash right after such a landing repeats messages; it never loses any.
   */
  save(cursors: readonly StoredCursor[]): Promise<void>;
  /**
   * The cursors that have `missing` or `parked` entries, in any order. Optional: it is asked after the first connect,
   * so that parked messages are fetched again also where a conversation stays silent after a restart. Without it they
   * are when the conversation's next message comes.
   */
  unfinished?(): Promise<readonly StoredCursor[]>;
}

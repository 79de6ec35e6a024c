/** Where one conversation stands, as it survives a restart. Plain JSON. */
export interface StoredCursor {
  readonly conversationId: string;
  /** The next seq that has not been handled. */
  readonly expected: number;
  /** The first seq that this bot ever knew of in the conversation. */
  readonly floor: number;
  /** Seqs below `expected` that were given up; delivered late if they ever come. */
  readonly missing: readonly { readonly from: number; readonly to: number }[];
  /** Messages below `expected` whose handlers kept failing; fetched again on a schedule. */
  readonly parked: readonly { readonly seq: number; readonly id: string; readonly times: number }[];
}

/**
 * Remembers across restarts what a bot has handled. One store belongs to one agent. A message is acknowledged to the
 * service only after `save` has fulfilled for it, so a store that fails delays acknowledgements and loses nothing.
 */
export interface CursorStore {
  /** The cursor of one conversation, or null when there is none. */
  load(conversationId: string): Promise<StoredCursor | null>;
  /** Writes the cursors, all or none. Called again with newer values, never with older ones. */
  save(cursors: readonly StoredCursor[]): Promise<void>;
}

import type { StoredCursor } from '../../src/stores/index.js';
import { readSeq } from '../../src/wire/index.js';
import type { Facts } from './facts.js';
import type { HowAcked } from './model-service.js';
import { isOwed, keyOf, type Stored } from './stored.js';

/** Watches acknowledgements and cursors: neither may be ahead of the handlers, nor the former of the latter. */
export class AckWitness {
  /** Messages that a cursor which was saved says are handled. */
  private readonly persisted = new Set<string>();
  /** Conversations that the store knows. */
  private readonly kept = new Map<string, StoredCursor>();

  constructor(
    private readonly facts: Facts,
    private readonly hasStore: boolean,
    /** Whether ranges of missing seqs may be forgotten: what was named is then as good as handled. */
    private readonly forgets: boolean,
    private readonly historyOf: (conversationId: string) => readonly Stored[],
  ) {}

  /** What the store would tell the next life of a conversation. */
  cursorOf(conversationId: string): StoredCursor | undefined {
    return this.kept.get(conversationId);
  }

  /** The service is about to count a message as delivered. */
  acked(stored: Stored, how: HowAcked): void {
    const { facts } = this;
    const key = keyOf(stored.message);
    facts.note(() => `acked    ${key} by ${how}`);
    if (how === 'write') return;
    if (!this.isDone(key)) facts.object('ACK-1', `${key} was acknowledged unhandled, by ${how}`);
    else if (this.hasStore && !this.isPersisted(stored, key))
      facts.object('ACK-1', `${key} was acknowledged before its cursor was saved, by ${how}`);
  }

  private isDone(key: string): boolean {
    return this.facts.handled.has(key) || (this.forgets && this.facts.named.has(key));
  }

  /** A message beside the order has no cursor. */
  isPersisted({ message }: Pick<Stored, 'message'>, key: string): boolean {
    return readSeq(message.seq) === undefined || this.facts.strays.has(key) || this.persisted.has(key);
  }

  /** The store has written cursors. */
  saved(cursors: readonly StoredCursor[]): void {
    for (const cursor of cursors) {
      this.facts.note(() => `saved    ${JSON.stringify(cursor)}`);
      this.kept.set(cursor.conversationId, cursor);
      for (const stored of this.historyOf(cursor.conversationId)) this.judge(stored, cursor);
    }
  }

  private judge(stored: Stored, { floor, expected, missing, parked }: StoredCursor): void {
    const { facts } = this;
    const { seq } = stored.message;
    const key = keyOf(stored.message);
    const owed =
      missing.some(({ from, to }) => seq >= from && seq <= to) || parked.some((entry) => entry.seq === seq);
    if (seq >= expected || owed) return;
    if (this.isDone(key)) this.persisted.add(key);
    else if (seq >= floor && isOwed(stored) && !facts.excused.has(key))
      facts.object('ACK-1', `the cursor passed ${key} unhandled`);
  }
}

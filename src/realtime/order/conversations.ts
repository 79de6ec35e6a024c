import { Busy, Conversation } from './conversation.js';
import { ConversationTable } from './conversation-table.js';

/** How many are looked at to make room for one. */
const LOOKS_AT_MOST = 128;

/**
 * All conversations that are remembered. Idle ones are evicted, the longest untouched first, beyond a bound (ORD-2):
 * a hand goes round over them as on a clock face, forgives each that was touched since its last visit, and takes the
 * first that was not. Unlike a map that is re-inserted at every message, this costs a message one field.
 */
export class Conversations {
  private readonly byId = new ConversationTable();
  private hand = 0;

  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.byId.size;
  }

  get(id: string): Conversation | undefined {
    return this.byId.get(id);
  }

  /** The conversation, made anew (without a position) when it is not known. */
  obtain(id: string): Conversation {
    const known = this.byId.get(id);
    if (known !== undefined) return known;
    const conversation = new Conversation();
    this.byId.add(id, conversation);
    this.trim(conversation);
    return conversation;
  }

  /** A conversation has become idle: while all were busy there was nobody to evict. */
  becameIdle(): void {
    this.trim(null);
  }

  /** Its busy part, made when there is none. */
  busyOf(id: string, conversation: Conversation): Busy {
    conversation.busy ??= new Busy(id, conversation);
    return conversation.busy;
  }

  forget(id: string): void {
    this.byId.delete(id);
  }

  *entries(): IterableIterator<[string, Conversation]> {
    for (let place = 0; place < this.byId.places; place += 1) {
      const id = this.byId.idAt(place);
      const conversation = this.byId.recordAt(place);
      if (id !== null && conversation !== null) yield [id, conversation];
    }
  }

  private trim(newcomer: Conversation | null): void {
    if (this.byId.size > this.capacity) this.evictOne(newcomer);
  }

  /** The work for one newcomer is bounded, also when most conversations are busy, and stay. */
  private evictOne(newcomer: Conversation | null): void {
    const { byId } = this;
    for (let looks = 0, rounds = 0; looks < LOOKS_AT_MOST && rounds < 2; looks += 1) {
      if (this.hand >= byId.places) {
        this.hand = 0;
        rounds += 1;
      }
      const id = byId.idAt(this.hand);
      const conversation = byId.recordAt(this.hand);
      this.hand += 1;
      if (id === null || conversation === null) continue;
      if (conversation.busy !== null || conversation === newcomer) continue;
      if (conversation.used) {
        conversation.used = false;
        continue;
      }
      byId.delete(id);
      return;
    }
  }
}

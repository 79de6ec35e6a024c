import { Busy, Conversation } from './conversation.js';

/** How many are looked at to make room for one. */
const LOOKS_AT_MOST = 128;

/**
 * All conversations that are remembered. Idle ones are evicted, the longest untouched first, beyond a bound (ORD-2):
 * a hand goes round over them as on a clock face, forgives each that was touched since its last visit, and takes the
 * first that was not. Unlike a map that is re-inserted at every message, this costs a message one field.
 */
export class Conversations {
  private readonly byId = new Map<string, Conversation>();
  private hand: IterableIterator<[string, Conversation]> | null = null;

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
    this.byId.set(id, conversation);
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

  entries(): IterableIterator<[string, Conversation]> {
    return this.byId.entries();
  }

  private trim(newcomer: Conversation | null): void {
    if (this.byId.size > this.capacity) this.evictOne(newcomer);
  }

  /** The work for one newcomer is bounded, also when most conversations are busy, and stay. */
  private evictOne(newcomer: Conversation | null): void {
    for (let looks = 0, rounds = 0; looks < LOOKS_AT_MOST && rounds < 2; looks += 1) {
      this.hand ??= this.byId.entries();
      const { value, done } = this.hand.next();
      if (done) {
        this.hand = null;
        rounds += 1;
        continue;
      }
      const [id, conversation] = value;
      if (conversation.busy !== null || conversation === newcomer) continue;
      if (conversation.used) {
        conversation.used = false;
        continue;
      }
      this.byId.delete(id);
      return;
    }
  }
}

import { Busy, Conversation, UNANCHORED } from './conversation.js';

/** How many are looked at to make room for one. */
const LOOKS_AT_MOST = 128;

/**
 * All conversations that are remembered. Idle ones are evicted, the longest untouched first, beyond a bound (ORD-2):
 * a hand goes round over them as on a clock face, forgives each that was touched since its last visit, and takes the
 * first that was not. Unlike a map that is re-inserted at every message, this costs a message one field.
 */
export class Conversations {
  private readonly byId = new ConversationTable();
  private readonly busyOnes = new Set<Busy>();
  private hand = 0;

  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.byId.size;
  }

  get busy(): ReadonlySet<Busy> {
    return this.busyOnes;
  }

  get(id: string): Conversation | undefined {
    return this.byId.get(id);
  }

  /** The conversation, made anew (without a position) when it is not known. */
  obtain(id: string): Conversation {
    const known = this.byId.get(id);
    if (known !== undefined) return known;
    const conversation = new Conversation(id);
    this.byId.add(conversation);
    this.trim(conversation);
    return conversation;
  }

  /** Its busy part, made when there is none. */
  busyOf(conversation: Conversation): Busy {
    if (conversation.busy !== null) return conversation.busy;
    const busy = new Busy(conversation);
    conversation.busy = busy;
    this.busyOnes.add(busy);
    return busy;
  }

  /** Nothing is going on in it any more. One that never got a position is forgotten. */
  becameIdle(busy: Busy): void {
    busy.conversation.busy = null;
    this.busyOnes.delete(busy);
    if (busy.conversation.expected === UNANCHORED) this.byId.delete(busy.id);
    // While all were busy there was nobody to evict.
    else this.trim(null);
  }

  /** The ids that fit. */
  idsOf(fits: (id: string) => boolean): string[] {
    const found: string[] = [];
    for (let place = 0; place < this.byId.places; place += 1) {
      const conversation = this.byId.at(place);
      if (conversation !== null && fits(conversation.id)) found.push(conversation.id);
    }
    return found;
  }

  /** The conversation is not ours any more. */
  forget(id: string): void {
    const busy = this.byId.get(id)?.busy;
    if (busy != null) this.busyOnes.delete(busy);
    this.byId.delete(id);
  }

  /** The work for one newcomer is bounded, also when most conversations are busy, and stay. */
  private trim(newcomer: Conversation | null): void {
    const { byId } = this;
    if (byId.size <= this.capacity) return;
    for (let looks = 0, rounds = 0; looks < LOOKS_AT_MOST && rounds < 2; looks += 1) {
      if (this.hand >= byId.places) {
        this.hand = 0;
        rounds += 1;
      }
      const conversation = byId.at(this.hand);
      this.hand += 1;
      if (conversation === null) continue;
      if (conversation.busy !== null || conversation === newcomer) continue;
      if (!conversation.used) {
        byId.delete(conversation.id);
        return;
      }
      conversation.used = false;
    }
  }
}

/** Of a table in which nothing is yet: a process may have thousands. Never written to. */
const NO_SLOTS = /* @__PURE__ */ new Int32Array(2);
/** FNV-1a's prime. */
const PRIME = 0x01000193;

/**
 * Conversations by id, in less memory than a `Map`: 117 bytes instead of 173 for an idle conversation, id included
 * (`npm run bench:realtime -- idle`), at the same speed. Hashes and places lie side by side in one array of numbers.
 *
 * Open addressing with linear probing, at most three quarters full; what is taken out is closed up, so nothing is left
 * behind. Ids are the service's; the seed makes it hard, should they not be, to prepare such as all fall into one place.
 */
export class ConversationTable {
  /** Pairs: the hash, and the place in `records` plus one; 0 means that the slot is empty. */
  private slots: Int32Array = NO_SLOTS;
  private mask = 0;
  /** What was found last: messages of a conversation often come one after the other. */
  private last: Conversation | undefined;
  private readonly records: (Conversation | null)[] = [];
  private readonly vacant: number[] = [];

  constructor(private readonly seed = Math.trunc(Math.random() * 0x7fffffff)) {}

  get size(): number {
    return this.records.length - this.vacant.length;
  }

  /** Places go from 0 to this, exclusive. Some are empty. */
  get places(): number {
    return this.records.length;
  }

  get(id: string): Conversation | undefined {
    const { last } = this;
    if (last !== undefined && last.id === id) return last;
    const found = this.find(id);
    if (found !== undefined) this.last = found;
    return found;
  }

  private find(id: string): Conversation | undefined {
    const { slots, mask } = this;
    const hash = this.hashOf(id);
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const place = slots[2 * at + 1] ?? 0;
      if (place === 0) return undefined;
      if (slots[2 * at] !== hash) continue;
      const record = this.records[place - 1];
      if (record?.id === id) return record;
    }
  }

  /** None of its id may be in the table. */
  add(conversation: Conversation): void {
    if (4 * (this.size + 1) > 3 * (this.mask + 1)) this.grow();
    const place = this.vacant.pop() ?? this.records.length;
    this.records[place] = conversation;
    this.take(this.hashOf(conversation.id), place + 1);
  }

  delete(id: string): void {
    const { slots, mask } = this;
    const hash = this.hashOf(id);
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const place = slots[2 * at + 1] ?? 0;
      if (place === 0) return;
      if (slots[2 * at] !== hash || this.records[place - 1]?.id !== id) continue;
      this.last = undefined;
      this.records[place - 1] = null;
      this.vacant.push(place - 1);
      this.closeUp(at);
      return;
    }
  }

  at(place: number): Conversation | null {
    return this.records[place] ?? null;
  }

  private hashOf(id: string): number {
    let hash = this.seed;
    for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), PRIME);
    // The low bits choose the slot: let the high ones have their say.
    return hash ^ (hash >>> 15);
  }

  private take(hash: number, place: number): void {
    const { slots, mask } = this;
    let at = hash & mask;
    while (slots[2 * at + 1] !== 0) at = (at + 1) & mask;
    slots[2 * at] = hash;
    slots[2 * at + 1] = place;
  }

  /** What stands behind the hole moves up, unless it would come to stand before its own place. */
  private closeUp(at: number): void {
    const { slots, mask } = this;
    let hole = at;
    for (let next = (hole + 1) & mask; slots[2 * next + 1] !== 0; next = (next + 1) & mask) {
      const hash = slots[2 * next] ?? 0;
      if (((next - hash) & mask) < ((next - hole) & mask)) continue;
      slots[2 * hole] = hash;
      slots[2 * hole + 1] = slots[2 * next + 1] ?? 0;
      hole = next;
    }
    slots[2 * hole + 1] = 0;
  }

  private grow(): void {
    const { slots } = this;
    this.mask = 2 * this.mask + 1;
    this.slots = new Int32Array(2 * (this.mask + 1));
    for (let at = 0; at < slots.length; at += 2) {
      if (slots[at + 1] !== 0) this.take(slots[at] ?? 0, slots[at + 1] ?? 0);
    }
  }
}

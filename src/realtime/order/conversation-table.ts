import type { Conversation } from './conversation.js';

/** Of a table in which nothing is yet: a process may have thousands. Never written to. */
const NO_SLOTS = /* @__PURE__ */ new Int32Array(2);
/** FNV-1a's prime. */
const PRIME = 0x01000193;

/**
 * Conversations by id: a hash table that the processor's cache likes. With ten thousand conversations in turn, a `Map`
 * waits for memory five times in a row at each look-up (bucket, entry, key, record), which costs as much as everything
 * else that is done with a message. Here hashes and places lie side by side, and key and record are fetched at the same
 * time.
 *
 * Open addressing with linear probing, at most three quarters full; what is taken out is closed up, so nothing is left
 * behind. Ids are the service's; the seed makes it hard, should they not be, to prepare such as all fall into one place.
 */
export class ConversationTable {
  /** Pairs: the hash, and the place in `ids` and `records` plus one; 0 means that the slot is empty. */
  private slots: Int32Array = NO_SLOTS;
  private mask = 0;
  /** What was found last: messages of a conversation often come one after the other. */
  private lastId: string | null = null;
  private last: Conversation | undefined;
  private readonly ids: (string | null)[] = [];
  private readonly records: (Conversation | null)[] = [];
  /** Places that are free again. */
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
    if (id === this.lastId) return this.last;
    const found = this.find(id);
    if (found !== undefined) {
      this.lastId = id;
      this.last = found;
    }
    return found;
  }

  private find(id: string): Conversation | undefined {
    const { slots, mask } = this;
    const hash = this.hashOf(id);
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const place = slots[2 * at + 1] ?? 0;
      if (place === 0) return undefined;
      if (slots[2 * at] === hash && this.ids[place - 1] === id) return this.records[place - 1] ?? undefined;
    }
  }

  /** `id` must not be in the table. */
  add(id: string, conversation: Conversation): void {
    if (4 * (this.size + 1) > 3 * (this.mask + 1)) this.grow();
    const place = this.vacant.pop() ?? this.records.length;
    this.ids[place] = id;
    this.records[place] = conversation;
    this.take(this.hashOf(id), place + 1);
  }

  delete(id: string): void {
    const { slots, mask } = this;
    const hash = this.hashOf(id);
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const place = slots[2 * at + 1] ?? 0;
      if (place === 0) return;
      if (slots[2 * at] !== hash || this.ids[place - 1] !== id) continue;
      this.lastId = null;
      this.last = undefined;
      this.ids[place - 1] = null;
      this.records[place - 1] = null;
      this.vacant.push(place - 1);
      this.closeUp(at);
      return;
    }
  }

  idAt(place: number): string | null {
    return this.ids[place] ?? null;
  }

  recordAt(place: number): Conversation | null {
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

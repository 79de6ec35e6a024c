/** A queue whose `shift` does not move what stays, and which keeps nothing alive that has left it. */
export class Fifo<T> {
  private items: T[] = [];
  private head = 0;

  get size(): number {
    return this.items.length - this.head;
  }

  get first(): T | undefined {
    return this.items[this.head];
  }

  push(item: T): void {
    this.items.push(item);
  }

  /** Puts items back in front, in their order. */
  unshift(items: readonly T[]): void {
    this.items = [...items, ...this.items.slice(this.head)];
    this.head = 0;
  }

  shift(): T | undefined {
    if (this.head === this.items.length) return undefined;
    const item = this.items[this.head];
    this.head += 1;
    if (this.head === this.items.length) {
      this.items = [];
      this.head = 0;
    } else if (this.head >= 64 && this.head * 2 >= this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }
}

/** A set that is made for its first member. Each client has many that mostly stay empty, and an empty one takes 200 bytes. */
export class LazySet<T> {
  private members: Set<T> | null = null;

  get size(): number {
    return this.members?.size ?? 0;
  }

  has(member: T): boolean {
    return this.members?.has(member) ?? false;
  }

  add(member: T): void {
    this.members ??= new Set();
    this.members.add(member);
  }

  delete(member: T): boolean {
    return this.members?.delete(member) ?? false;
  }

  clear(): void {
    this.members = null;
  }

  [Symbol.iterator](): Iterator<T> {
    return (this.members ?? NOTHING)[Symbol.iterator]();
  }
}

/** The same for a map. */
export class LazyMap<K, V> {
  private entries: Map<K, V> | null = null;

  get size(): number {
    return this.entries?.size ?? 0;
  }

  has(key: K): boolean {
    return this.entries?.has(key) ?? false;
  }

  get(key: K): V | undefined {
    return this.entries?.get(key);
  }

  set(key: K, value: V): void {
    this.entries ??= new Map();
    this.entries.set(key, value);
  }

  delete(key: K): boolean {
    return this.entries?.delete(key) ?? false;
  }

  clear(): void {
    this.entries = null;
  }

  keys(): Iterable<K> {
    return this.entries?.keys() ?? NOTHING;
  }

  values(): Iterable<V> {
    return this.entries?.values() ?? NOTHING;
  }

  [Symbol.iterator](): Iterator<[K, V]> {
    return (this.entries ?? NOTHING)[Symbol.iterator]();
  }
}

const NOTHING: readonly never[] = [];

export class LruSet<T> {
  /** Made for the first member: most of these sets stay empty, and there are several in every client. */
  private members: Set<T> | null = null;

  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.members?.size ?? 0;
  }

  has(member: T): boolean {
    return this.members?.has(member) ?? false;
  }

  add(member: T): void {
    this.members ??= new Set();
    this.members.delete(member);
    this.members.add(member);
    if (this.members.size <= this.capacity) return;
    for (const oldest of this.members) {
      this.members.delete(oldest);
      return;
    }
  }
}

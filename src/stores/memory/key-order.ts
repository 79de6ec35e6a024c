/** Keys in their order, for a map that changes. Sorts only what has come since it was last asked. */
export class KeyOrder {
  /** In order. Some may be gone, and one that came again is among `added` as well. */
  private keys: string[] = [];
  private readonly added = new Set<string>();
  private gone = 0;

  /** @param entries The map. Tell of each key that comes and goes, once it has. */
  constructor(private readonly entries: ReadonlyMap<string, unknown>) {}

  /** How many keys it holds: no more than twice those that are there, whether anybody asks for their order or not. */
  get held(): number {
    return this.keys.length + this.added.size;
  }

  came(key: string): void {
    this.added.add(key);
  }

  went(key: string): void {
    if (this.added.delete(key)) return;
    this.gone += 1;
    if (this.gone <= this.keys.length / 2) return;
    this.keys = this.keys.filter((each) => this.entries.has(each));
    this.gone = 0;
  }

  clear(): void {
    this.keys = [];
    this.added.clear();
    this.gone = 0;
  }

  /** What is not there any more may be among them all the same. */
  sorted(): readonly string[] {
    if (this.added.size > 0) this.merge();
    return this.keys;
  }

  private merge(): void {
    const { keys } = this;
    const merged: string[] = [];
    let at = 0;
    for (const key of [...this.added].sort()) {
      while (at < keys.length && (keys[at] as string) < key) merged.push(keys[at++] as string);
      if (keys[at] !== key) merged.push(key);
    }
    while (at < keys.length) merged.push(keys[at++] as string);
    this.keys = merged;
    this.added.clear();
  }
}

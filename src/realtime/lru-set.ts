/** A set that remembers the last `capacity` members. */
export class LruSet<T> {
  private readonly members = new Set<T>();

  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.members.size;
  }

  has(member: T): boolean {
    return this.members.has(member);
  }

  add(member: T): void {
    this.members.delete(member);
    this.members.add(member);
    if (this.members.size <= this.capacity) return;
    for (const oldest of this.members) {
      this.members.delete(oldest);
      return;
    }
  }

  delete(member: T): void {
    this.members.delete(member);
  }
}

/** A set that remembers the last `capacity` members. */
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

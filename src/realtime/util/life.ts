/**
 * A stretch of time that ends once: of the client, between `connect()` and `disconnect()`, or of a session. What an
 * `AbortSignal` is for others; this one may have any number of followers without a warning, and costs nothing to make.
 */
export class Life {
  /** Made for the first one: most lives have none most of the time. */
  private followers: Set<() => void> | null = null;
  private over = false;

  get ended(): boolean {
    return this.over;
  }

  /** Calls `follower` at the end; at once when that has been. Returns its `off`. */
  onEnd(follower: () => void): () => void {
    if (this.over) {
      follower();
      return () => {};
    }
    this.followers ??= new Set();
    this.followers.add(follower);
    return () => {
      this.followers?.delete(follower);
    };
  }

  end(): void {
    if (this.over) return;
    this.over = true;
    const { followers } = this;
    this.followers = null;
    for (const follower of followers ?? []) follower();
  }
}

/** The lives of something that ends and begins again, one after the other. */
export class Lives {
  private life = new Life();

  /** The one under way, or else the last. */
  get current(): Life {
    return this.life;
  }

  /** Begins a new life, unless one is under way. */
  renew(): void {
    if (this.life.ended) this.life = new Life();
  }

  end(): void {
    this.life.end();
  }
}

type Hear = (text: string) => void;

/** A notice as it travels on the one channel of a store. */
export function noticeOf(topic: string, text: string): string {
  return JSON.stringify({ topic, text });
}

/** Who listens to what. */
export class Topics {
  private readonly hearers = new Map<string, Set<Hear>>();

  get isEmpty(): boolean {
    return this.hearers.size === 0;
  }

  /** @returns Ends the listening; true when nobody listens to anything any more. */
  add(topic: string, hear: Hear): () => boolean {
    // A function of its own, so that one that listens twice hears twice.
    const own: Hear = (text) => hear(text);
    const hearers = this.hearers.get(topic) ?? new Set();
    this.hearers.set(topic, hearers.add(own));
    return () => {
      hearers.delete(own);
      if (hearers.size === 0 && this.hearers.get(topic) === hearers) this.hearers.delete(topic);
      return this.isEmpty;
    };
  }

  clear(): void {
    this.hearers.clear();
  }

  /** Tells those who listen. Anybody may tell something on a channel: what is no notice is nobody's. */
  tell(notice: string): void {
    for (const [topic, text] of readNotice(notice)) {
      for (const hear of [...(this.hearers.get(topic) ?? [])]) {
        try {
          hear(text);
        } catch {
          // A notice is a hint: who fails to take it finds out by other means.
        }
      }
    }
  }
}

function readNotice(notice: string): readonly (readonly [topic: string, text: string])[] {
  try {
    const { topic, text } = Object(JSON.parse(notice)) as Record<string, unknown>;
    return typeof topic === 'string' && typeof text === 'string' ? [[topic, text]] : [];
  } catch {
    return [];
  }
}

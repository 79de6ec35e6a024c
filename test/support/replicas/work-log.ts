/** A handler at work, from its begin until it ended, was aborted, or could not work any more. */
export interface Work {
  readonly replica: string;
  readonly from: number;
  to: number;
}

/** Who worked at which conversation when, and when partitions were taken. Times are milliseconds since 1970. */
export class WorkLog {
  private readonly byConversation = new Map<string, Work[]>();
  private readonly takings: { readonly partition: number; readonly at: number }[] = [];

  add(conversation: string, work: Work): void {
    const works = this.byConversation.get(conversation);
    if (works === undefined) this.byConversation.set(conversation, [work]);
    else works.push(work);
  }

  taken(partition: number, at: number): void {
    this.takings.push({ partition, at });
  }

  /** When each of these partitions had been taken after `since`; null when one was not. */
  takenAgain(partitions: ReadonlySet<number>, since: number): number | null {
    let last = since;
    for (const partition of partitions) {
      const taking = this.takings.find((one) => one.partition === partition && one.at > since);
      if (taking === undefined) return null;
      last = Math.max(last, taking.at);
    }
    return last;
  }

  /** Conversations at which two replicas worked at one time. */
  overlaps(): string[] {
    const found: string[] = [];
    for (const [conversation, works] of this.byConversation) {
      const sorted = works.toSorted((a, b) => a.from - b.from);
      for (const [place, work] of sorted.entries()) {
        for (const later of sorted.slice(place + 1)) {
          if (later.from >= work.to || later.replica === work.replica) continue;
          const ms = Math.round(Math.min(work.to, later.to) - later.from);
          found.push(
            `${work.replica} and ${later.replica} worked at ${conversation} at one time, for ${ms} ms`,
          );
        }
      }
    }
    return found;
  }
}

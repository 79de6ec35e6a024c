import type { Arrival } from './arrival.js';

/** Out-of-order messages that wait for a gap to close, by seq. */
export class Hold {
  private readonly bySeq = new Map<number, Arrival>();

  get size(): number {
    return this.bySeq.size;
  }

  get(seq: number): Arrival | undefined {
    return this.bySeq.get(seq);
  }

  has(seq: number): boolean {
    return this.bySeq.has(seq);
  }

  add(arrival: Arrival): void {
    this.bySeq.set(arrival.seq, arrival);
  }

  take(seq: number): void {
    this.bySeq.delete(seq);
  }

  /** The lowest held arrival. A hold is small (500) and this is asked once per gap, so it is looked for, not kept. */
  lowest(counts: (arrival: Arrival) => boolean = () => true): Arrival | undefined {
    let lowest: Arrival | undefined;
    for (const arrival of this.bySeq.values()) {
      if ((lowest === undefined || arrival.seq < lowest.seq) && counts(arrival)) lowest = arrival;
    }
    return lowest;
  }

  /** The lowest held message. Our own sends take their place but do not say where to begin (GAP-5). */
  lowestMessage(): Arrival | undefined {
    return this.lowest(({ event }) => event !== null);
  }

  highest(): Arrival | undefined {
    let highest: Arrival | undefined;
    for (const arrival of this.bySeq.values()) {
      if (highest === undefined || arrival.seq > highest.seq) highest = arrival;
    }
    return highest;
  }

  values(): IterableIterator<Arrival> {
    return this.bySeq.values();
  }
}

/** One value's place in a {@link Chain}. */
export interface Link<T> {
  readonly value: T;
  before: Link<T> | undefined;
  after: Link<T> | undefined;
  chained: boolean;
}

/**
 * Values in order of arrival, from any of which one can be taken out in constant time.
 *
 * Undelivered and unread envelopes live in chains, because they are settled in any order while "the oldest", "the
 * newest" and "everything after this one" are asked for all the time.
 */
export class Chain<T> {
  #first: Link<T> | undefined;
  #last: Link<T> | undefined;
  #size = 0;

  get first(): T | undefined {
    return this.#first?.value;
  }

  get last(): T | undefined {
    return this.#last?.value;
  }

  get size(): number {
    return this.#size;
  }

  append(value: T): Link<T> {
    const link: Link<T> = { value, before: undefined, after: undefined, chained: false };
    this.#attach(link);
    return link;
  }

  /** Takes a link out. One that is out already stays out. */
  remove(link: Link<T>): boolean {
    if (!link.chained) return false;
    if (link.before === undefined) this.#first = link.after;
    else link.before.after = link.after;
    if (link.after === undefined) this.#last = link.before;
    else link.after.before = link.before;
    link.before = undefined;
    link.after = undefined;
    link.chained = false;
    this.#size -= 1;
    return true;
  }

  moveToEnd(link: Link<T>): void {
    if (this.remove(link)) this.#attach(link);
  }

  /** Oldest first, beginning behind `link` when one is given that is still in the chain. */
  *forward(link?: Link<T>): Generator<T, void> {
    let at = link?.chained === true ? link.after : this.#first;
    while (at !== undefined) {
      // Read first: whoever consumes the value may take it out of the chain.
      const next: Link<T> | undefined = at.after;
      yield at.value;
      at = next;
    }
  }

  /** Newest first. */
  *backward(): Generator<T, void> {
    let at = this.#last;
    while (at !== undefined) {
      const next: Link<T> | undefined = at.before;
      yield at.value;
      at = next;
    }
  }

  #attach(link: Link<T>): void {
    link.before = this.#last;
    if (this.#last === undefined) this.#first = link;
    else this.#last.after = link;
    this.#last = link;
    link.chained = true;
    this.#size += 1;
  }
}

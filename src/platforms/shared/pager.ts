import type { Dialect } from './dialect.js';

/** One page of a list. A platform's own page may hold more. */
export interface Page<T> {
  readonly items: readonly T[];
  /** What asks for the next page; `undefined` on the last one. */
  readonly next: string | undefined;
}

/**
 * A list that comes in pages, which are asked for as they are needed.
 *
 * @example
 * for await (const agent of pager) console.log(agent);
 * for await (const page of pager.pages()) console.log(page.items.length);
 */
export class Pager<T, P extends Page<T> = Page<T>> implements AsyncIterable<T> {
  readonly #dialect: Dialect;
  readonly #label: string;
  readonly #ask: (cursor: string | undefined) => Promise<P>;

  /**
   * @param label Names the operation in messages.
   * @param ask Gives the page at a cursor, the first one without.
   */
  constructor(dialect: Dialect, label: string, ask: (cursor: string | undefined) => Promise<P>) {
    this.#dialect = dialect;
    this.#label = label;
    this.#ask = ask;
  }

  /** The pages, as the platform cuts them. */
  async *pages(): AsyncGenerator<P, void, undefined> {
    const seen = new Set<string>();
    let cursor: string | undefined;
    do {
      const page = await this.#ask(cursor);
      yield page;
      cursor = page.next;
      if (cursor !== undefined && seen.has(cursor)) throw this.#inCircle();
      if (cursor !== undefined) seen.add(cursor);
    } while (cursor !== undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) yield* page.items;
  }

  #inCircle(): Error {
    const { platform } = this.#dialect;
    return this.#dialect.error({
      platform,
      kind: 'protocol',
      message: `${this.#label}: the platform gave a cursor that it had given before, so the list would never end. What came so far is right.`,
    });
  }
}

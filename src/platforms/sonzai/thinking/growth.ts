/** Makes pieces of a text that comes as a whole again and again, each time longer. */
export class Growth {
  #known = '';

  /**
   * What is new in the text. Nothing, when it was written anew instead of continued: what has been said cannot be taken back, and the end
   * of the reply gives the whole.
   */
  take(whole: string): string {
    const added = whole.startsWith(this.#known) ? whole.slice(this.#known.length) : '';
    this.#known = whole;
    return added;
  }
}

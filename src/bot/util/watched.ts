/** A promise that knows whether anybody waits for it. One that nobody waits for does not end the process when it rejects. */
export class Watched<T> extends Promise<T> {
  // Whoever follows it gets an ordinary promise.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  isAwaited = false;

  // biome-ignore lint/suspicious/noThenProperty: this is how a promise learns that it is awaited.
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.isAwaited = true;
    return super.then(onFulfilled, onRejected);
  }
}

/** Outside of the class, which bundlers would otherwise give another name than the one that traces show. */
export function watched<T>(promise: Promise<T>): Watched<T> {
  const watching = new Watched<T>((resolve, reject) => promise.then(resolve, reject));
  Promise.prototype.then.call(watching, undefined, () => {});
  return watching;
}

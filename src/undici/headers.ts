/** The headers of an answer as undici gives them: names in lower case. */
export type HeaderRecord = Readonly<Record<string, string | string[] | undefined>>;

/**
 * The headers of an answer. A `Headers` of the platform costs more than everything else about a small answer, so it is made
 * only for what cannot be answered by looking up a name.
 */
export class UndiciHeaders implements Headers {
  readonly #record: HeaderRecord;
  #made: Headers | undefined;

  constructor(record: HeaderRecord) {
    this.#record = record;
  }

  get(name: string): string | null {
    if (this.#made !== undefined) return this.#made.get(name);
    const lower = name.toLowerCase();
    const value = Object.hasOwn(this.#record, lower) ? this.#record[lower] : undefined;
    if (value === undefined) return null;
    return typeof value === 'string' ? value : value.join(', ');
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  append(name: string, value: string): void {
    this.#headers.append(name, value);
  }

  delete(name: string): void {
    this.#headers.delete(name);
  }

  set(name: string, value: string): void {
    this.#headers.set(name, value);
  }

  getSetCookie(): string[] {
    return this.#headers.getSetCookie();
  }

  forEach(callback: (value: string, name: string, parent: Headers) => void, receiver?: unknown): void {
    for (const [name, value] of this) callback.call(receiver, value, name, this);
  }

  entries(): HeadersIterator<[string, string]> {
    return this.#headers.entries();
  }

  keys(): HeadersIterator<string> {
    return this.#headers.keys();
  }

  values(): HeadersIterator<string> {
    return this.#headers.values();
  }

  [Symbol.iterator](): HeadersIterator<[string, string]> {
    return this.entries();
  }

  get [Symbol.toStringTag](): string {
    return 'Headers';
  }

  get #headers(): Headers {
    this.#made ??= new Headers(
      Object.entries(this.#record).flatMap(([name, value]) =>
        (Array.isArray(value) ? value : [value ?? '']).map((one): [string, string] => [name, one]),
      ),
    );
    return this.#made;
  }
}

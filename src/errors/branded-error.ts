/** Carries the names of an error's classes, so that the other copy of this package (ESM or CJS) knows it too. */
const BRAND = /* @__PURE__ */ Symbol.for('agentchat-client.error');

/**
 * What makes an error one of ours: its brand. An error that holds nothing of others' making
 * derives from it directly, so that whoever needs no more does not pay for the blanking out of secrets.
 *
 * What the classes know of themselves stands in static getters. Fields would make bundlers that write for older runtimes
 * rename the classes (`_HandlerError`), and stack traces show it.
 */
export abstract class BrandedError extends Error {
  /** The name by which `instanceof` knows the class, however it was bundled. The root of all is what users know. */
  static get kind(): string {
    return 'AgentChatClientError';
  }

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    const kinds: string[] = [];
    for (let at = new.target; at.kind !== undefined; at = Object.getPrototypeOf(at)) kinds.push(at.kind);
    Object.defineProperty(this, 'name', { value: kinds[0], configurable: true, writable: true });
    Object.defineProperty(this, BRAND, { value: kinds });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    try {
      // A class that a user derives has no kind of its own: the prototype chain decides, as for any class.
      // biome-ignore lint/complexity/noThisInStatic: every derived class inherits this, and asks about itself.
      if (!Object.hasOwn(this, 'kind')) return super[Symbol.hasInstance](value);
      const kinds: unknown = (value as { [BRAND]?: unknown } | null | undefined)?.[BRAND];
      // biome-ignore lint/complexity/noThisInStatic: as above.
      return Array.isArray(kinds) && kinds.includes(this.kind);
    } catch {
      // Anything can be thrown, also a proxy that throws when it is looked at. Whoever asks about it is in a `catch`.
      return false;
    }
  }

  /** What `JSON.stringify` shows: the message and the fields that are set. No stack, no secrets. */
  toJSON(): Record<string, unknown> {
    return { ...(this as object), name: this.name, message: this.message };
  }
}

/** Makes an error one of another class as well, to whoever asks with `instanceof`. */
export function alsoOf<E extends BrandedError>(error: E, { kind }: { readonly kind: string }): E {
  (error as unknown as { readonly [BRAND]: string[] })[BRAND].push(kind);
  return error;
}

import type { HttpTransport } from '../http/index.js';

/**
 * What the methods of a noun stand on. Each noun has a class of its own; {@link withMethods} makes one client of them.
 * Such a class has no constructor, no fields and no private methods, for nobody creates one: only its methods are used.
 */
export abstract class Methods {
  abstract readonly transport: HttpTransport;
}

/** A class with the methods of all these classes side by side on its prototype, whatever a client adds to it. */
export function withMethods<All extends Methods>(
  nouns: readonly (abstract new () => Methods)[],
): abstract new () => All {
  const Combined = class {};
  for (const noun of nouns) {
    const { constructor: _, ...methods } = Object.getOwnPropertyDescriptors(noun.prototype);
    Object.defineProperties(Combined.prototype, methods);
  }
  return Combined as unknown as abstract new () => All;
}

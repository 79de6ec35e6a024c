/** A URL in the parts that undici asks for. */
export interface Address {
  readonly url: string;
  readonly origin: string;
  readonly path: string;
}

/** Splits URLs, and remembers the last one: most requests of a bot go to the same one. */
export function addressSplitter(): (url: string) => Address {
  let last: Address | undefined;
  return (url) => {
    if (last?.url === url) return last;
    const { origin, pathname, search } = new URL(url);
    last = { url, origin, path: `${pathname}${search}` };
    return last;
  };
}

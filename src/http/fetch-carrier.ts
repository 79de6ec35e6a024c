import type { Cargo, Carried, PatientCarrier, PatientReceiver } from './carrier.js';

/** A `fetch` of the user's resolved to something that is no `Response`. */
export class NoResponse extends Error {
  constructor(readonly given: unknown) {
    super('fetch gave no Response');
  }
}

/** Carries requests with a `fetch`, whosever it is. */
export function fetchCarrier(fetch: typeof globalThis.fetch): PatientCarrier {
  return (cargo, receiver) => {
    const exchange = new FetchExchange(fetch, cargo, receiver);
    void exchange.run();
    return exchange;
  };
}

class FetchExchange implements Carried {
  readonly #fetch: typeof globalThis.fetch;
  readonly #cargo: Cargo;
  readonly #receiver: PatientReceiver;
  readonly #controller = new AbortController();
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #over = false;

  constructor(fetch: typeof globalThis.fetch, cargo: Cargo, receiver: PatientReceiver) {
    this.#fetch = fetch;
    this.#cargo = cargo;
    this.#receiver = receiver;
  }

  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller.abort();
    // Never waited for: a body that hangs, or does not listen to signals, may never answer.
    quietly(() => this.#reader?.cancel());
  }

  async run(): Promise<void> {
    try {
      const response: unknown = await this.#send();
      if (!isResponse(response)) throw new NoResponse(response);
      // A fetch that did not listen to its signal.
      if (this.#over) {
        quietly(() => response.body?.cancel?.());
        return;
      }
      const { body } = response;
      this.#receiver.onHead(response.status, response.headers, response.type === 'opaqueredirect');
      if (this.#over) quietly(() => body?.cancel?.());
      else if (body === undefined || (body !== null && typeof body.getReader !== 'function')) {
        // A body of another kind (a Node stream, none at all): its own reader does the work.
        this.#chunk(new Uint8Array(await foreignBytes(response)));
      } else if (body !== null) {
        const reader = body.getReader();
        this.#reader = reader;
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          const more = this.#chunk(value);
          // Not waited for unless asked to: a plain answer reads on at once.
          if (typeof more === 'boolean' ? !more : !(await more)) break;
        }
      }
      if (this.#over) return;
      this.#over = true;
      this.#receiver.onEnd();
    } catch (cause) {
      if (this.#over) return;
      this.#over = true;
      this.#receiver.onError(cause);
    }
  }

  #send(): Promise<Response> {
    const { method, url, headers, payload } = this.#cargo;
    const init: RequestInit & { duplex?: 'half' } = {
      method,
      headers,
      signal: this.#controller.signal,
      // The key must not travel to wherever a redirect points.
      redirect: 'manual',
    };
    // An answer out of a cache says what was true at some other time, and may be another agent's.
    if (takesCacheOption()) init.cache = 'no-store';
    if (typeof payload === 'function') {
      init.body = payload();
      init.duplex = 'half';
    } else if (payload !== undefined) {
      init.body = payload;
    }
    // Not as a method: some runtimes refuse a `fetch` that is called on an object.
    const fetch = this.#fetch;
    return fetch(url, init);
  }

  /** False when no more is to be read; a promise when the receiver wants to be waited for. */
  #chunk(chunk: Uint8Array): boolean | Promise<boolean> {
    return !this.#over && this.#receiver.onChunk(chunk);
  }
}

/** Whether requests take the `cache` option; asked once. */
let cacheOption: boolean | undefined;

/** Some runtimes refuse a request that has the option, older Cloudflare Workers for instance; they have no cache either. */
function takesCacheOption(): boolean {
  if (cacheOption === undefined) {
    try {
      cacheOption = new Request('http://localhost/', { cache: 'no-store' }).cache === 'no-store';
    } catch {
      cacheOption = false;
    }
  }
  return cacheOption;
}

/** Some replacements have a `text()` only, or a `json()`. */
async function foreignBytes(response: Response): Promise<ArrayBuffer> {
  if (typeof response.arrayBuffer === 'function') return response.arrayBuffer();
  const text =
    typeof response.text === 'function' ? await response.text() : JSON.stringify(await response.json());
  return new TextEncoder().encode(text).buffer;
}

function quietly(act: () => Promise<unknown> | undefined): void {
  try {
    act()?.catch(() => {});
  } catch {
    // A locked or foreign body: there is nothing left to do.
  }
}

/** What of a `Response` is relied on. */
function isResponse(value: unknown): value is Response {
  if (typeof value !== 'object' || value === null) return false;
  const { status, headers, type } = value as Partial<Response>;
  return (
    ((Number.isInteger(status) && status !== 0) || type === 'opaqueredirect') &&
    typeof headers?.get === 'function'
  );
}

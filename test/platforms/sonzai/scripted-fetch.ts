import type { Clock } from '../../../src/clock/index.js';

/** What a scripted answer is. */
export interface Scripted {
  readonly status?: number;
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
}

/** A `fetch` that answers from a script, without a network: for tests in virtual time. The last answer goes on. */
export class ScriptedFetch {
  readonly asked: string[] = [];
  /** When each request was made, in milliseconds of the clock. */
  readonly times: number[] = [];
  readonly #clock: Clock;
  #answers: readonly Scripted[];

  constructor(clock: Clock, ...answers: readonly Scripted[]) {
    this.#clock = clock;
    this.#answers = answers;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(String(input));
    this.asked.push(`${init?.method ?? 'GET'} ${url.pathname.replace('/api/v1', '')}${url.search}`);
    this.times.push(this.#clock.now());
    const [first = {}, ...rest] = this.#answers;
    if (rest.length > 0) this.#answers = rest;
    const headers = { 'content-type': 'application/json', ...first.headers };
    return new Response(JSON.stringify(first.json ?? {}), { status: first.status ?? 200, headers });
  };
}

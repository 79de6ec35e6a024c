import type { Clock } from '../clock/index.js';
import type { HttpMethod } from '../wire/index.js';
import { type BodyContent, type BodyReader, type BodyWanted, discardBody, readBody } from './body.js';
import type { CallScope, Interruption } from './call-scope.js';
import type { Payload } from './payload.js';
import { startTimer } from './wait.js';

/** A request as it goes out, the same on each attempt but for the key. */
export interface OutgoingRequest {
  readonly method: HttpMethod;
  readonly url: string;
  /** Without the key. */
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Payload | undefined;
}

/** How far an attempt got before it ended. */
export type AttemptPhase =
  /** The key was being asked for: nothing has left. */
  | 'key'
  /** The request was on its way, and no answer had begun. */
  | 'request'
  /** The status is known; the body was being read. */
  | 'body';

/** The answer's head, as far as others need it. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Headers;
}

/** What became of one attempt. It never throws: every way to end is a value. */
export type AttemptResult =
  | { readonly kind: 'answered'; readonly head: AnswerHead; readonly body: BodyContent }
  /** Sent somewhere else, where nobody goes. `hidden`: the platform does not say where. */
  | { readonly kind: 'redirected'; readonly head: AnswerHead; readonly hidden: boolean }
  | {
      readonly kind: 'interrupted';
      readonly why: Interruption;
      readonly phase: AttemptPhase;
      readonly head: AnswerHead | undefined;
    }
  | {
      readonly kind: 'failed';
      readonly cause: unknown;
      readonly phase: AttemptPhase;
      readonly head: AnswerHead | undefined;
    }
  /** A `fetch` of the user's resolved to something that is no `Response`. */
  | { readonly kind: 'no_response'; readonly given: unknown };

/** What an attempt needs from the transport. */
export interface AttemptTools {
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  /** Until the body is fully read; 0 and `Infinity` mean no limit. */
  readonly timeoutMs: number;
  /** Gives the key, or nothing for a request that goes without. */
  askKey(): string | undefined | Promise<string>;
  /** Called when the headers are complete, just before the request leaves. */
  onLeave(headers: Readonly<Record<string, string>>): void;
  /** How a body of this status is read. */
  bodyWanted(status: number): BodyWanted;
}

/**
 * Makes one attempt: asks for the key, sends, reads the body to its end. Its timer runs over all of that, and whatever
 * ends it (timer, deadline, the caller's signal) ends it at once, also when `fetch` or the body do not listen to signals.
 */
export function runAttempt(
  request: OutgoingRequest,
  scope: CallScope,
  tools: AttemptTools,
): Promise<AttemptResult> {
  return new Promise((resolve) => {
    const why = scope.interrupted;
    if (why === undefined) new Attempt(request, scope, tools, resolve).run();
    else resolve({ kind: 'interrupted', why, phase: 'key', head: undefined });
  });
}

/** One attempt under way. It ends once, in whichever way comes first; what still comes after that is let go of. */
class Attempt implements BodyReader {
  over = false;
  dismiss: (() => void) | undefined;
  readonly #request: OutgoingRequest;
  readonly #tools: AttemptTools;
  readonly #resolve: (result: AttemptResult) => void;
  readonly #controller = new AbortController();
  readonly #offInterrupt: () => void;
  readonly #stopTimer: (() => void) | undefined;
  #phase: AttemptPhase = 'key';
  #head: AnswerHead | undefined;

  constructor(
    request: OutgoingRequest,
    scope: CallScope,
    tools: AttemptTools,
    resolve: (result: AttemptResult) => void,
  ) {
    this.#request = request;
    this.#tools = tools;
    this.#resolve = resolve;
    this.#offInterrupt = scope.onInterrupt((why) => this.#interrupt(why));
    const { clock, timeoutMs } = tools;
    if (timeoutMs > 0 && timeoutMs !== Number.POSITIVE_INFINITY) {
      this.#stopTimer = startTimer(clock, () => this.#interrupt({ kind: 'timeout', timeoutMs }), timeoutMs);
    }
  }

  async run(): Promise<void> {
    try {
      const asked = this.#tools.askKey();
      const key = typeof asked === 'object' ? await asked : asked;
      if (this.over) return;
      const response: unknown = await this.#send(key);
      if (this.over) {
        // A fetch that did not listen to its signal.
        if (isResponse(response)) discardBody(response);
        return;
      }
      this.#end(isResponse(response) ? await this.#read(response) : { kind: 'no_response', given: response });
    } catch (cause) {
      this.#end({ kind: 'failed', cause, phase: this.#phase, head: this.#head });
    }
  }

  #send(key: string | undefined): Promise<Response> {
    const { method, url, payload } = this.#request;
    const headers =
      key === undefined
        ? this.#request.headers
        : { ...this.#request.headers, Authorization: `Bearer ${key}` };
    this.#tools.onLeave(headers);
    this.#phase = 'request';
    // Taken off its object first: some runtimes refuse a `fetch` that is called as a method.
    const { fetch } = this.#tools;
    const init: RequestInit & { duplex?: 'half' } = {
      method,
      headers,
      signal: this.#controller.signal,
      // The key must not travel to wherever a redirect points.
      redirect: 'manual',
    };
    if (typeof payload === 'function') {
      init.body = payload();
      init.duplex = 'half';
    } else if (payload !== undefined) {
      init.body = payload;
    }
    return fetch(url, init);
  }

  async #read(response: Response): Promise<AttemptResult> {
    const { status, headers } = response;
    const head = { status, headers };
    this.#phase = 'body';
    this.#head = head;
    const hidden = response.type === 'opaqueredirect';
    if (hidden || (status >= 300 && status < 400)) {
      discardBody(response);
      return { kind: 'redirected', head, hidden };
    }
    return { kind: 'answered', head, body: await readBody(response, this.#tools.bodyWanted(status), this) };
  }

  #interrupt(why: Interruption): void {
    if (this.over) return;
    this.#end({ kind: 'interrupted', why, phase: this.#phase, head: this.#head });
    this.#controller.abort();
    this.dismiss?.();
    this.dismiss = undefined;
  }

  #end(result: AttemptResult): void {
    if (this.over) return;
    this.over = true;
    this.#stopTimer?.();
    this.#offInterrupt();
    this.#resolve(result);
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

import type { Clock } from '../clock/index.js';
import { BodyCollector, type BodyContent, type BodyWanted } from './body.js';
import type { CallScope, Interruption } from './call-scope.js';
import type { Cargo, Carried, Carrier, Receiver } from './carrier.js';
import { NoResponse } from './fetch-carrier.js';
import { startTimer } from './wait.js';

/** A request as it goes out, the same on each attempt but for the key: its headers are still without. */
export type OutgoingRequest = Cargo;

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

/**
 * CATCH-2: an attempt is not cut off while its answer keeps coming, for so many times its `timeoutMs` in all. A link that is
 * slow gets its page then, and one that gives a byte now and then does not hold the call for ever.
 */
export const TIMEOUTS_IN_ALL = 10;

/** What an attempt needs from the call. */
export interface AttemptTools {
  readonly clock: Clock;
  readonly carry: Carrier;
  /** How long nothing may come; a body that keeps coming has {@link TIMEOUTS_IN_ALL} times that. 0 and `Infinity`: no limit. */
  readonly timeoutMs: number;
  /** Gives the key, or nothing for a request that goes without. */
  askKey(): string | undefined | Promise<string>;
  /** Called when the headers are complete, just before the request leaves. */
  onLeave(headers: Readonly<Record<string, string>>): void;
  /** How a body of this status is read. */
  bodyWanted(status: number): BodyWanted;
}

/**
 * Makes one attempt: asks for the key, sends, reads the body to its end. Its timer runs over all of that, anew with each
 * piece of the answer. Whatever ends it (timer, deadline, the caller's signal) ends it at once, also when `fetch` or the
 * body do not listen to signals.
 */
export function runAttempt(
  request: OutgoingRequest,
  scope: CallScope,
  tools: AttemptTools,
): Promise<AttemptResult> {
  return new Promise((resolve) => {
    const why = scope.interrupted;
    if (why === undefined) new Attempt(request, scope, tools, resolve).start();
    else resolve({ kind: 'interrupted', why, phase: 'key', head: undefined });
  });
}

/** One attempt under way. It ends once, in whichever way comes first; what still comes after that is let go of. */
class Attempt implements Receiver {
  readonly #request: OutgoingRequest;
  readonly #tools: AttemptTools;
  readonly #resolve: (result: AttemptResult) => void;
  readonly #startedAt: number;
  /** When the last piece of the answer came. */
  #heardAt: number;
  #stopTimer: (() => void) | undefined;
  #phase: AttemptPhase = 'key';
  #over = false;
  #carried: Carried | undefined;
  #head: AnswerHead | undefined;
  #body: BodyCollector | undefined;

  constructor(
    request: OutgoingRequest,
    scope: CallScope,
    tools: AttemptTools,
    resolve: (result: AttemptResult) => void,
  ) {
    this.#request = request;
    this.#tools = tools;
    this.#resolve = resolve;
    // Never taken off: whatever comes next in the call takes its place, and it does nothing once the attempt is over.
    scope.onInterrupt((why) => this.#interrupt(why));
    const { clock, timeoutMs } = tools;
    this.#startedAt = clock.now();
    this.#heardAt = this.#startedAt;
    if (timeoutMs > 0 && timeoutMs !== Number.POSITIVE_INFINITY) this.#limit(timeoutMs);
  }

  /** CATCH-2. The timer is not set anew with each piece: it looks, when it fires, how long ago the last one came. */
  #limit(delayMs: number): void {
    const { clock, timeoutMs } = this.#tools;
    const look = () => {
      const now = clock.now();
      const silenceLeft = this.#heardAt + timeoutMs - now;
      const left = Math.min(silenceLeft, this.#startedAt + TIMEOUTS_IN_ALL * timeoutMs - now);
      if (left > 0) this.#limit(left);
      else this.#interrupt({ kind: 'timeout', timeoutMs, endless: silenceLeft > 0 });
    };
    this.#stopTimer = startTimer(clock, look, delayMs);
  }

  start(): void {
    try {
      const asked = this.#tools.askKey();
      if (typeof asked !== 'object') this.#send(asked);
      else
        asked.then(
          (key) => this.#send(key),
          (cause) => this.onError(cause),
        );
    } catch (cause) {
      this.onError(cause);
    }
  }

  #send(key: string | undefined): void {
    if (this.#over) return;
    const { method, url, headers: keyless, payload } = this.#request;
    // A copy in either case: what a `fetch` of the user's does to it stays there.
    const headers = key === undefined ? { ...keyless } : { ...keyless, Authorization: `Bearer ${key}` };
    this.#tools.onLeave(headers);
    this.#phase = 'request';
    const carried = this.#tools.carry({ method, url, headers, payload }, this);
    this.#carried = carried;
    // It was over before it was known how to give it up.
    if (this.#over) carried.cancel();
  }

  onHead(status: number, headers: Headers, hidden: boolean): void {
    if (this.#over) return;
    const head = { status, headers };
    this.#heardAt = this.#tools.clock.now();
    this.#phase = 'body';
    this.#head = head;
    if (hidden || (status >= 300 && status < 400)) {
      this.#end({ kind: 'redirected', head, hidden });
      this.#carried?.cancel();
      return;
    }
    this.#body = new BodyCollector(this.#tools.bodyWanted(status));
  }

  onChunk(chunk: Uint8Array): boolean {
    const head = this.#head;
    const body = this.#body;
    if (this.#over || head === undefined || body === undefined) return false;
    this.#heardAt = this.#tools.clock.now();
    if (body.add(chunk)) return true;
    this.#end({ kind: 'answered', head, body: body.beginning() });
    this.#carried?.cancel();
    return false;
  }

  onEnd(): void {
    const head = this.#head;
    const body = this.#body;
    if (this.#over || head === undefined || body === undefined) return;
    this.#end({ kind: 'answered', head, body: body.complete() });
  }

  onError(cause: unknown): void {
    if (cause instanceof NoResponse) this.#end({ kind: 'no_response', given: cause.given });
    else this.#end({ kind: 'failed', cause, phase: this.#phase, head: this.#head });
  }

  #interrupt(why: Interruption): void {
    if (this.#over) return;
    this.#end({ kind: 'interrupted', why, phase: this.#phase, head: this.#head });
    this.#carried?.cancel();
  }

  #end(result: AttemptResult): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopTimer?.();
    this.#resolve(result);
  }
}

import type { Clock } from '../clock/index.js';
import type { HttpMethod } from '../wire/index.js';
import { type BodyText, discardBody, readBody } from './body.js';
import type { CallScope, Interruption } from './call-scope.js';
import { startTimer } from './wait.js';

/** A request as it goes out, the same on each attempt but for the key. */
export interface OutgoingRequest {
  readonly method: HttpMethod;
  readonly url: string;
  /** Without the key. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
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
  | {
      readonly kind: 'answered';
      readonly head: AnswerHead;
      readonly body: BodyText;
      readonly redirected: boolean;
    }
  | {
      readonly kind: 'interrupted';
      readonly why: Interruption;
      readonly phase: AttemptPhase;
      readonly head?: AnswerHead;
    }
  | {
      readonly kind: 'failed';
      readonly cause: unknown;
      readonly phase: AttemptPhase;
      readonly head?: AnswerHead;
    };

/** What an attempt needs from the transport. */
export interface AttemptTools {
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  /** Until the body is fully read; 0 and `Infinity` mean no limit. */
  readonly timeoutMs: number;
  /** Gives the key, or nothing for a request that goes without. */
  readonly askKey: () => string | undefined | Promise<string>;
  /** Called when the headers are complete, just before the request leaves. */
  readonly onLeave: (headers: Readonly<Record<string, string>>) => void;
  /** How many bytes of a body of this status are read at most. */
  readonly bodyLimit: (status: number) => number;
}

/** Thrown inside an attempt only, to tell an interruption from whatever `fetch` throws when its signal fires. */
class Interrupted extends Error {
  constructor(readonly why: Interruption) {
    super('interrupted');
  }
}

/**
 * Makes one attempt: asks for the key, sends, reads the body to its end. Its timer runs over all of that, and whatever
 * ends it (timer, deadline, the caller's signal) ends it at once, also when `fetch` or the body do not listen to signals.
 */
export async function runAttempt(
  request: OutgoingRequest,
  scope: CallScope,
  tools: AttemptTools,
): Promise<AttemptResult> {
  if (scope.interrupted !== undefined) return { kind: 'interrupted', why: scope.interrupted, phase: 'key' };

  const controller = new AbortController();
  let interrupt: (why: Interruption) => void = () => {};
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = (why) => {
      reject(new Interrupted(why));
      controller.abort();
    };
  });
  interrupted.catch(() => {});
  const offInterrupt = scope.onInterrupt(interrupt);
  const { timeoutMs } = tools;
  const stopTimer =
    timeoutMs > 0 && Number.isFinite(timeoutMs)
      ? startTimer(tools.clock, () => interrupt({ kind: 'timeout', timeoutMs }), timeoutMs)
      : undefined;

  let phase: AttemptPhase = 'key';
  let head: AnswerHead | undefined;
  try {
    const asked = tools.askKey();
    const key = typeof asked === 'object' ? await Promise.race([asked, interrupted]) : asked;
    const headers =
      key === undefined ? request.headers : { ...request.headers, Authorization: `Bearer ${key}` };
    tools.onLeave(headers);

    phase = 'request';
    // Taken off its object first: some runtimes refuse a `fetch` that is called as a method.
    const { fetch } = tools;
    const answer = fetch(request.url, {
      method: request.method,
      headers,
      signal: controller.signal,
      // The key must not travel to wherever a redirect points.
      redirect: 'manual',
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    const response = await Promise.race([answer, interrupted]).catch((error: unknown) => {
      // A fetch that does not listen to its signal may still answer: that answer is let go of.
      if (error instanceof Interrupted) answer.then(discardBody, () => {});
      throw error;
    });

    phase = 'body';
    head = { status: response.status, headers: response.headers };
    const redirected =
      response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400);
    if (redirected) {
      discardBody(response);
      return { kind: 'answered', head, body: { kind: 'complete', text: '' }, redirected };
    }
    const body = await readBody(response, tools.bodyLimit(response.status), interrupted);
    return { kind: 'answered', head, body, redirected };
  } catch (error) {
    const known = head === undefined ? { phase } : { phase, head };
    return error instanceof Interrupted
      ? { kind: 'interrupted', why: error.why, ...known }
      : { kind: 'failed', cause: error, ...known };
  } finally {
    stopTimer?.();
    offInterrupt();
  }
}

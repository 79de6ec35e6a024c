import { type AttemptResult, type AttemptTools, type OutgoingRequest, runAttempt } from './attempt.js';
import type { CallScope } from './call-scope.js';

/** More steps than this lead in a circle. */
const MOST_STEPS = 5;
/** Redirects that name another place for the same request, whatever its method. */
const SAME_REQUEST: ReadonlySet<number> = /* @__PURE__ */ new Set([307, 308]);
/** Redirects that name where the answer is. */
const SEE_OTHER = 303;
/** What another origin may know: how to answer, and what the body is. Everything else may be a secret of the service's. */
const FOR_ANYBODY = /^(?:accept(?:-.*)?|user-agent|range|if-.*|content-.*)$/i;
const OF_THE_BODY = /^(?:content-.*|idempotency-key)$/i;

/** The way of one attempt that goes where redirects lead. */
export class RedirectTrail {
  readonly #request: OutgoingRequest;
  readonly #isOnce: boolean;
  /** The address that was asked last. */
  url: string;
  /** It has led to another origin. What answers is not the service then, not even where it led back. */
  isElsewhere = false;
  /** The request was answered with the address of its answer: it may have been carried out, whatever that says. */
  mayHaveHappened = false;

  /** @param isOnce The body can be sent a single time. */
  constructor(request: OutgoingRequest, isOnce: boolean) {
    this.#request = request;
    this.#isOnce = isOnce;
    this.url = request.url;
  }

  /**
   * Makes the attempt. The key goes to its own origin only, and to nobody once the way has led elsewhere. Ends with the
   * redirect itself where it cannot be followed: no address, no `http(s)`, from TLS to none, too many, a body that is gone.
   */
  async follow(scope: CallScope, tools: AttemptTools): Promise<AttemptResult> {
    let at = this.#request;
    let result = await runAttempt(at, scope, tools);
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const next = result.kind === 'redirected' && !result.hidden ? nextRequest(at, result.head) : undefined;
      if (next === undefined || (this.#isOnce && next.payload !== undefined)) return result;
      this.url = next.url;
      this.isElsewhere ||= originOf(next.url) !== originOf(this.#request.url);
      this.mayHaveHappened ||= next.method !== at.method;
      result = await runAttempt(next, scope, new Follower(tools, this.isElsewhere));
      at = next;
    }
    return result;
  }
}

function nextRequest(
  { method, url, headers, payload }: OutgoingRequest,
  { status, headers: answered }: { readonly status: number; readonly headers: Headers },
): OutgoingRequest | undefined {
  const target = targetOf(url, answered.get('location'));
  if (target === undefined) return undefined;
  const isSame = keepsMethod(status, method);
  const isElsewhere = target.origin !== originOf(url);
  const kept = Object.entries(headers).filter(
    ([name]) => (!isElsewhere || FOR_ANYBODY.test(name)) && (isSame || !OF_THE_BODY.test(name)),
  );
  return {
    method: isSame ? method : 'GET',
    url: target.href,
    headers: Object.fromEntries(kept),
    payload: isSame ? payload : undefined,
  };
}

/** As `fetch` does it: only a POST becomes a GET after 301 and 302, and only a HEAD stays what it is after 303. */
function keepsMethod(status: number, method: OutgoingRequest['method']): boolean {
  if (SAME_REQUEST.has(status) || method === 'HEAD' || method === 'GET') return true;
  return status !== SEE_OTHER && method !== 'POST';
}

function targetOf(from: string, location: string | null | undefined): URL | undefined {
  if (typeof location !== 'string' || location === '') return undefined;
  try {
    const target = new URL(location, from);
    const isWeb = target.protocol === 'https:' || (target.protocol === 'http:' && from.startsWith('http:'));
    return isWeb && target.username === '' && target.password === '' ? target : undefined;
  } catch {
    return undefined;
  }
}

function originOf(url: string): string {
  return new URL(url).origin;
}

/** The tools of a call for a further step of one attempt: whoever watches has been told of the attempt. */
class Follower implements AttemptTools {
  readonly clock: AttemptTools['clock'];
  readonly carry: AttemptTools['carry'];
  readonly timeoutMs: number;
  readonly #tools: AttemptTools;
  readonly #isElsewhere: boolean;

  constructor(tools: AttemptTools, isElsewhere: boolean) {
    this.clock = tools.clock;
    this.carry = tools.carry;
    this.timeoutMs = tools.timeoutMs;
    this.#tools = tools;
    this.#isElsewhere = isElsewhere;
  }

  askKey(): string | undefined | Promise<string> {
    return this.#isElsewhere ? undefined : this.#tools.askKey();
  }

  onLeave(): void {}

  bodyWanted(status: number): ReturnType<AttemptTools['bodyWanted']> {
    return this.#tools.bodyWanted(status);
  }
}

import { type AttemptResult, type AttemptTools, type OutgoingRequest, runAttempt } from './attempt.js';
import type { CallScope } from './call-scope.js';

/** More steps than this lead in a circle. */
const MOST_STEPS = 5;
/** Redirects that name another place for the same request. The others name one where the answer is. */
const SAME_REQUEST: ReadonlySet<number> = /* @__PURE__ */ new Set([307, 308]);
/** What lets somebody in, and what the body was. */
const LEFT_BEHIND = /^(?:authorization|proxy-authorization|cookie|x-api-key)$/i;
const OF_THE_BODY = /^(?:content-.*|idempotency-key)$/i;

/**
 * Makes one attempt that goes where redirects lead. The key goes to its own origin only, and to nobody once the way has led
 * elsewhere. Ends with the redirect itself where it cannot be followed: no address, no `http(s)`, from TLS to none, too many.
 */
export async function runAttemptFollowing(
  request: OutgoingRequest,
  scope: CallScope,
  tools: AttemptTools,
): Promise<AttemptResult> {
  let at = request;
  let wasElsewhere = false;
  let result = await runAttempt(at, scope, tools);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const next = result.kind === 'redirected' && !result.hidden ? nextRequest(at, result.head) : undefined;
    if (next === undefined) return result;
    wasElsewhere ||= new URL(next.url).origin !== new URL(request.url).origin;
    result = await runAttempt(next, scope, new Follower(tools, wasElsewhere));
    at = next;
  }
  return result;
}

function nextRequest(
  { method, url, headers, payload }: OutgoingRequest,
  { status, headers: answered }: { readonly status: number; readonly headers: Headers },
): OutgoingRequest | undefined {
  const target = targetOf(url, answered.get('location'));
  if (target === undefined) return undefined;
  const isSame = SAME_REQUEST.has(status) || method === 'HEAD' || method === 'GET';
  const isElsewhere = target.origin !== new URL(url).origin;
  const kept = Object.entries(headers).filter(
    ([name]) => !(isElsewhere && LEFT_BEHIND.test(name)) && (isSame || !OF_THE_BODY.test(name)),
  );
  return {
    method: isSame ? method : 'GET',
    url: target.href,
    headers: Object.fromEntries(kept),
    payload: isSame ? payload : undefined,
  };
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

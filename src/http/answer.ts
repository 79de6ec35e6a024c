import type { Clock } from '../clock/index.js';
import {
  AbortedError,
  type AgentChatClientError,
  ConnectionError,
  createAgentChatError,
  type Outcome,
  ProtocolError,
  parseHttpDate,
  parseRetryAfter,
  TimeoutError,
} from '../errors/index.js';
import { readErrorBody } from '../wire/index.js';
import { type AnswerHead, type AttemptPhase, type AttemptResult, TIMEOUTS_IN_ALL } from './attempt.js';
import type { BodyContent } from './body.js';
import type { Interruption } from './call-scope.js';
import { asksForBlockedPort } from './diagnosis.js';
import { neverLeft } from './network-cause.js';
import { redactCause, redactText } from './redact.js';
import { whyUnreachable } from './unreachable.js';

/** An answer of the service with its parsed body. */
export interface HttpResponse<T> {
  /** The parsed JSON; `undefined` for an empty body. The bytes of a request with `read: 'bytes'`. */
  readonly data: T;
  readonly status: number;
  readonly headers: Headers;
  /** The service's `x-request-id`, `null` without one. */
  readonly requestId: string | null;
  /** How many attempts it took. Optional, so that a mock may leave it out; answers always have it. */
  readonly attempts?: number;
}

/** What an attempt means to the call. */
export type Reading =
  | { readonly kind: 'success'; readonly data: unknown; readonly head: AnswerHead }
  | { readonly kind: 'failure'; readonly error: AgentChatClientError };

/** What is needed to judge an attempt. */
export interface ReadingContext {
  /** How messages call the request: method and path, without base and query. */
  readonly label: string;
  /** Where it went: what a failure to get there comes down to depends on it. */
  readonly url: string;
  /** The key that was sent, or what a signed URL holds: masked wherever the other side may have echoed it. */
  readonly secrets: readonly string[];
  /** Whether a key was sent. */
  readonly hasKey: boolean;
  /** Whether a redirect is what was asked for. */
  readonly returnsRedirect: boolean;
  /** Whether a redirect is gone after, as far as it can be. */
  readonly followsRedirects: boolean;
  /** False for a request to another place, such as where files are stored, which has a form of its own. */
  readonly isOfService: boolean;
  /** It was a HEAD: its answers have no body, refusals neither. */
  readonly isHead: boolean;
  /** True when an earlier attempt of the call may have been carried out: no later refusal takes that back. */
  readonly mayHaveHappened: boolean;
  /** Asked for the time only where a hint is a date. */
  readonly clock: Pick<Clock, 'wallNow'>;
}

/** A body of this kind that does not parse was cut off. Anything else was never meant to be JSON. */
const JSON_TYPE = /^application\/(?:[\w.+-]*\+)?json\b/i;
/** How much of an unreadable success is quoted, in characters. */
const QUOTED_LENGTH = 120;

/** Judges what came of an attempt. The status alone decides between success and failure. */
export function readAttempt(result: AttemptResult, context: ReadingContext): Reading {
  switch (result.kind) {
    case 'answered':
      return readAnswer(result, context);
    case 'redirected':
      return readRedirect(result, context);
    case 'interrupted':
      return interrupted(result, context);
    case 'failed':
      return { kind: 'failure', error: connectionError(result.cause, result.phase, context, result.head) };
    case 'no_response':
      return { kind: 'failure', error: noResponse(result.given, context) };
  }
}

function readRedirect(result: AttemptResult & { kind: 'redirected' }, context: ReadingContext): Reading {
  const { head, hidden } = result;
  if (context.returnsRedirect && !hidden) return { kind: 'success', data: undefined, head };
  return protocolFailure(
    context.returnsRedirect
      ? `${context.label} was answered with a redirect, and a browser does not show where it leads. Make this call on a server ` +
          'of your own, and hand the address to the page: it is good for one fetch without the key.'
      : context.followsRedirects
        ? `${context.label} was redirected to where it is not followed: in a circle, from https to http, with a body that can be sent only once, or to no web address. Check "baseUrl".`
        : `${context.label} was answered with a redirect, which is not followed` +
          (context.hasKey ? ' because it would carry the key to another place. Check "baseUrl".' : '.'),
    head,
    context,
    // 307 and 308 say "ask there instead": nothing was done here. The others may follow a deed.
    head.status === 307 || head.status === 308 ? 'rejected' : 'unknown',
  );
}

function readAnswer(result: AttemptResult & { kind: 'answered' }, context: ReadingContext): Reading {
  const { head, body } = result;
  if (head.status < 200 || head.status > 299) return readRefusal(result, context);
  if (body.kind === 'too_large') {
    return protocolFailure(
      `The answer to ${context.label} is larger than is taken here ("maxBodyBytes" of the client, "maxBytes" of a download). Ask for less at a time.`,
      head,
      context,
    );
  }
  if (body.kind === 'bytes') return { kind: 'success', data: body.bytes, head };
  if (body.kind === 'nothing') return { kind: 'success', data: undefined, head };
  try {
    return { kind: 'success', data: JSON.parse(body.text), head };
  } catch {
    if (body.text.trim() === '') return { kind: 'success', data: undefined, head };
    const type = head.headers.get('content-type') ?? 'no content type';
    const meantAsJson = JSON_TYPE.test(type);
    return protocolFailure(
      `${context.label} was answered ${head.status} with a body that is not JSON ` +
        (meantAsJson
          ? `although it says so (${type}, ${body.text.length} characters): it looks cut off.`
          : `(${type}): ${quote(body.text, context.secrets)}. Check "baseUrl", and what stands between you and the service.`),
      head,
      context,
      'unknown',
      meantAsJson,
    );
  }
}

function readRefusal(result: AttemptResult & { kind: 'answered' }, context: ReadingContext): Reading {
  const { head, body } = result;
  const text = redactText(textOf(body), context.secrets);
  const { code, message, details, recognised: hasForm } = readErrorBody(parseJson(text) ?? text, head.status);
  const recognised = hasForm || context.isHead;
  const error = createAgentChatError(
    {
      code,
      message: hasForm ? message : `${context.label}: ${message}`,
      ...(recognised || isForNow(head.status) ? {} : { advice: NOT_THE_SERVICE }),
      ...(recognised ? {} : { foreign: true }),
      // CATCH-3: a proxy that does not know where to send it, in the middle of a deploy perhaps, knows in a moment.
      ...(!recognised && context.isOfService && STRANGERS.has(head.status) ? { retryable: true } : {}),
      ...(details === undefined ? {} : { details }),
      retryAfterMs: retryAfterOf(head, context.clock.wallNow()),
      ...(context.mayHaveHappened ? { outcome: 'unknown' as const } : {}),
    },
    head.status,
    head.headers,
  );
  return { kind: 'failure', error };
}

/** What to do about a refusal in which the service's own form is not seen: its codes' advice would mislead. */
const NOT_THE_SERVICE =
  'This is not how AgentChat refuses: check "baseUrl", and what stands between you and the service.';

/** Refusals that a proxy gives for the service, and that pass. Others are about the request itself, whoever answers. */
const STRANGERS: ReadonlySet<number> = new Set([401, 403, 404, 410]);

/** A gateway that is overloaded or restarting says so in its own form. */
function isForNow(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429;
}

/** The text of a refusal, which is never read as bytes. */
function textOf(body: BodyContent): string {
  return body.kind === 'bytes' || body.kind === 'nothing' ? '' : body.text;
}

/** The hint of the header, read against the service's own clock where it tells it. */
export function retryAfterOf(head: AnswerHead, wallNow: number): number | undefined {
  const serverNow = parseHttpDate(head.headers.get('date') ?? '', wallNow);
  return parseRetryAfter(head.headers.get('retry-after'), serverNow ?? wallNow) ?? undefined;
}

function interrupted(result: AttemptResult & { kind: 'interrupted' }, context: ReadingContext): Reading {
  const { why, phase, head } = result;
  const error = interruptionError(why, {
    label: context.label,
    secrets: context.secrets,
    outcome: outcomeOf(phase, context.mayHaveHappened, head),
    waitedFor: WAITED_FOR[phase],
    head,
  });
  return { kind: 'failure', error };
}

const WAITED_FOR: Readonly<Record<AttemptPhase, string>> = {
  key: 'the "apiKey" function gave no key',
  request: 'no answer came',
  body: 'the answer began and stopped coming',
};

/** What there is to say about a call that had to end. */
export interface InterruptedCall {
  readonly label: string;
  readonly secrets: readonly string[];
  readonly outcome: Outcome;
  /** What had not happened when one attempt took too long. */
  readonly waitedFor?: string;
  readonly head?: AnswerHead | undefined;
  /** What the attempt before had failed with. */
  readonly previous?: AgentChatClientError | undefined;
}

/** The error for a call that had to end, in an attempt or in a pause between two. */
export function interruptionError(why: Interruption, call: InterruptedCall): AgentChatClientError {
  const about = { ...aboutHead(call.head), outcome: call.outcome };
  switch (why.kind) {
    case 'aborted':
      return new AbortedError({
        ...about,
        message: `${call.label} was aborted by its signal.`,
        cause: redactCause(why.reason, call.secrets),
      });
    case 'deadline':
      return new TimeoutError({
        ...about,
        message: `${call.label} was not done within its deadline of ${why.deadlineMs} ms ("deadlineMs").`,
        // There is no time left in which it could be repeated.
        retryable: false,
        cause: call.previous,
      });
    case 'timeout':
      return new TimeoutError({
        ...about,
        message: why.endless
          ? `${call.label}: the answer did not end in ${TIMEOUTS_IN_ALL} times ${why.timeoutMs} ms ("timeoutMs"), although it kept coming. Ask for less at a time.`
          : `${call.label}: ${call.waitedFor ?? 'nothing came'} within ${why.timeoutMs} ms ("timeoutMs").`,
        // The same again would take as long.
        retryable: !why.endless,
      });
  }
}

function connectionError(
  cause: unknown,
  phase: AttemptPhase,
  context: ReadingContext,
  head: AnswerHead | undefined,
): AgentChatClientError {
  const never = phase === 'request' && neverLeft(cause);
  const why = whyUnreachable(cause, phase === 'request' ? context.url : undefined, context.secrets);
  return new ConnectionError({
    ...aboutHead(head),
    message: `${context.label}: ${failedAt(phase)} ${why}`,
    outcome: never && !context.mayHaveHappened ? 'not_sent' : outcomeOf(phase, context.mayHaveHappened, head),
    retryable: !asksForBlockedPort(cause),
    cause: redactCause(cause, context.secrets),
  });
}

function noResponse(given: unknown, context: ReadingContext): AgentChatClientError {
  const what = given === null ? 'null' : typeof given;
  return new ConnectionError({
    message: `${context.label}: "fetch" gave no Response (but ${what}). Check the function that was passed as "fetch".`,
    outcome: 'unknown',
    retryable: false,
  });
}

function failedAt(phase: AttemptPhase): string {
  switch (phase) {
    case 'key':
      return 'the "apiKey" function failed';
    case 'request':
      return 'the service could not be reached';
    case 'body':
      return 'the connection broke before the answer was complete';
  }
}

function outcomeOf(phase: AttemptPhase, mayHaveHappened: boolean, head: AnswerHead | undefined): Outcome {
  if (mayHaveHappened) return 'unknown';
  if (phase === 'key') return 'not_sent';
  const refused = head !== undefined && head.status >= 400 && head.status < 500 && head.status !== 408;
  return refused ? 'rejected' : 'unknown';
}

function protocolFailure(
  message: string,
  head: AnswerHead,
  context: ReadingContext,
  outcome: Outcome = 'unknown',
  retryable = false,
): Reading {
  const error = new ProtocolError({
    ...aboutHead(head),
    message,
    details: { contentType: head.headers.get('content-type') },
    outcome: context.mayHaveHappened ? 'unknown' : outcome,
    retryable,
  });
  return { kind: 'failure', error };
}

function aboutHead(head: AnswerHead | undefined): { status?: number; requestId?: string | null } {
  return head === undefined ? {} : { status: head.status, requestId: head.headers.get('x-request-id') };
}

function quote(text: string, secrets: readonly string[]): string {
  const start = redactText(text.trimStart(), secrets).slice(0, QUOTED_LENGTH);
  return JSON.stringify(start);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

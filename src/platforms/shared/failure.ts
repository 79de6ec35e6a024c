import type { Clock } from '../../clock/index.js';
import { AbortedError, redactText as blankShapes, type Outcome } from '../../errors/index.js';
import {
  type AnswerHead,
  type AttemptResult,
  type Interruption,
  neverLeft,
  redactCause,
  redactText,
  retryAfterOf,
  whyUnreachable,
} from '../../http/index.js';
import type { Dialect } from './dialect.js';
import { kindOf, type PlatformError, type PlatformErrorInit } from './platform-error.js';

/** What is needed to say what went wrong. */
export interface FailureContext {
  readonly dialect: Dialect;
  /** How messages call the call. */
  readonly label: string;
  readonly url: string;
  readonly secrets: readonly string[];
  /** An earlier attempt may have been carried out: no later refusal takes that back. */
  readonly mayHaveHappened: boolean;
  readonly clock: Clock;
}

/** A failed attempt. */
export interface Failure {
  readonly error: PlatformError | AbortedError;
  /** False when it is certain that nothing of the request arrived. */
  readonly sent: boolean;
}

/** The reason of a client that was closed, where a caller's signal has its own. */
export const CLOSED = /* @__PURE__ */ Symbol('closed');

/** A text of a refusal that is no JSON is kept so far, in characters. */
const LONGEST_TEXT = 2_000;
/** How much of an answer that cannot be read is quoted, in characters. */
const QUOTED_LENGTH = 120;

/** Says what an attempt failed with. Total. */
export function failureOf(
  result: Exclude<AttemptResult, { kind: 'answered' }>,
  context: FailureContext,
): Failure {
  const { label, dialect, mayHaveHappened, secrets, url } = context;
  switch (result.kind) {
    case 'redirected':
      return failure(context, result.head, {
        kind: 'protocol',
        message: `${label} was answered with a redirect, which is not followed because it would carry the key to another place. Check "baseUrl".`,
      });
    case 'interrupted':
      return { error: interruptionOf(result.why, result.head, result.phase !== 'key', context), sent: true };
    case 'failed': {
      const sent = result.phase !== 'request' || !neverLeft(result.cause);
      const error = dialect.error({
        platform: dialect.platform,
        kind: 'network',
        ...aboutHead(result.head, context),
        message:
          `${label}: ${sent && result.head !== undefined ? 'the connection broke before the answer was complete' : 'the platform could not be reached'} ` +
          whyUnreachable(result.cause, result.head === undefined ? url : undefined, secrets),
        outcome: sent || mayHaveHappened ? 'unknown' : 'not_sent',
        cause: redactCause(result.cause, secrets),
      });
      return { error, sent };
    }
    case 'no_response':
      return failure(context, undefined, {
        kind: 'network',
        message: `${label}: "fetch" gave no Response. Check the function that was passed as "fetch".`,
        retryable: false,
        outcome: 'unknown',
      });
  }
}

/** An answer that says no. */
export function refusalOf(head: AnswerHead, text: string, context: FailureContext): Failure {
  const { label, clock } = context;
  return failure(context, head, {
    kind: kindOf(head.status),
    message: `${label} was refused with status ${head.status}`,
    body: bodyOf(text, context.secrets),
    retryAfterMs: retryAfterOf(head, clock.wallNow()) ?? null,
  });
}

/** An answer that says yes and cannot be read. @param why Goes on after the label. */
export function unreadable(head: AnswerHead, text: string, why: string, context: FailureContext): Failure {
  const { label, secrets } = context;
  const start = redactText(text.trimStart(), secrets).slice(0, QUOTED_LENGTH);
  const quoted = start === '' ? '' : `: ${JSON.stringify(start)}`;
  return failure(context, head, {
    kind: 'protocol',
    message: `${label} ${why}${quoted}. Check "baseUrl", and what stands between you and the platform.`,
    outcome: 'unknown',
  });
}

/** A call that had to end, in an attempt, a pause, or a stream. */
export function interruptionOf(
  why: Interruption,
  head: AnswerHead | undefined,
  sent: boolean,
  context: FailureContext,
): PlatformError | AbortedError {
  const { dialect, label, mayHaveHappened, secrets } = context;
  const outcome = sent || mayHaveHappened ? 'unknown' : 'not_sent';
  if (why.kind !== 'aborted') {
    const limit = why.kind === 'timeout' ? why.timeoutMs : why.deadlineMs;
    const endless = why.kind === 'timeout' && why.endless;
    return dialect.error({
      platform: dialect.platform,
      kind: 'timeout',
      ...aboutHead(head, context),
      message: endless
        ? `${label}: the answer kept coming and did not end in ten times ${limit} ms ("timeoutMs"). Ask for less at a time.`
        : `${label}: nothing came within ${limit} ms ("timeoutMs").`,
      outcome,
    });
  }
  return why.reason === CLOSED
    ? closedError(label, outcome)
    : new AbortedError({
        message: `${label} was aborted by its signal.`,
        ...(head === undefined ? {} : { status: head.status }),
        outcome,
        cause: redactCause(why.reason, secrets),
      });
}

/** What a call of a closed client ends with. */
export function closedError(label: string, outcome: Outcome): AbortedError {
  return new AbortedError({ message: `${label}: the client was closed. Make a new one.`, outcome });
}

/** The id that the platform gave an answer. */
export function requestIdOf(headers: Headers, { requestIdHeader = 'x-request-id' }: Dialect): string | null {
  return headers.get(requestIdHeader) ?? null;
}

function failure(
  context: FailureContext,
  head: AnswerHead | undefined,
  init: Omit<PlatformErrorInit, 'platform'>,
): Failure {
  const { dialect, mayHaveHappened } = context;
  const error = dialect.error({
    platform: dialect.platform,
    ...aboutHead(head, context),
    ...init,
    ...(mayHaveHappened ? { outcome: 'unknown' as const } : {}),
  });
  return { error, sent: true };
}

/** What stands in between may echo the headers of the request. */
function aboutHead(
  head: AnswerHead | undefined,
  { dialect, secrets }: FailureContext,
): Partial<PlatformErrorInit> {
  if (head === undefined) return {};
  const headers = new Headers();
  for (const [name, value] of head.headers) headers.append(name, redactText(value, secrets));
  return { status: head.status, headers, requestId: requestIdOf(headers, dialect) };
}

/** The body of a refusal, as it may be shown. */
function bodyOf(text: string, secrets: readonly string[]): unknown {
  const shown = blankShapes(redactText(text, secrets));
  if (shown.trim() === '') return undefined;
  try {
    return JSON.parse(shown);
  } catch {
    return shown.slice(0, LONGEST_TEXT);
  }
}

import { BrandedError } from './branded-error.js';
import { printable, textOf } from './cause.js';
import type { AgentChatErrorCode } from './codes.js';
import { redact, redactText } from './redact.js';

/** Under this Node's `console.log` asks an object how it wants to be shown. */
const INSPECT = /* @__PURE__ */ Symbol.for('nodejs.util.inspect.custom');

/**
 * What is known about the effect of the call that failed. `not_sent`: it never left. `rejected`: the service refused it,
 * nothing happened. `unknown`: it may have been carried out; repeat it only with the same idempotency key or
 * `client_msg_id`.
 */
export type Outcome = 'not_sent' | 'rejected' | 'unknown';

/** What an error can be told. Only the message is needed. */
export interface AgentChatClientErrorInit {
  /** Default: the code of the class. */
  code?: AgentChatErrorCode | undefined;
  /** What happened and what to do about it. */
  message: string;
  /** The HTTP status, if there was an answer. */
  status?: number | null | undefined;
  requestId?: string | null | undefined;
  details?: Record<string, unknown> | undefined;
  retryAfterMs?: number | null | undefined;
  /** Default: what the class says. */
  retryable?: boolean | undefined;
  /** Default: told from the class and the status. */
  outcome?: Outcome | undefined;
  /** The answer was not in the service's own form. */
  foreign?: boolean | undefined;
  cause?: unknown;
}

/** What a class says of an error that is told nothing else. */
export interface ClassDefaults {
  readonly code: AgentChatErrorCode;
  /** Whether such an error passes by itself. */
  readonly retryable: boolean;
}

/**
 * The root of everything that this package throws or reports. What the service answered is an `AgentChatError`; what never
 * had an answer of its own (`ConnectionError`, `TimeoutError`, `AbortedError`, `ProtocolError`, `HandlerError`) stands beside
 * it. Branch on a class with `instanceof` (which also recognises an error of the other module format) or on `code`; the
 * message is for people and may change. What is not known is `null`.
 *
 * @example
 * try {
 *   await client.sendMessage({ to: 'alice', content: { text: 'hi' } });
 * } catch (error) {
 *   if (error instanceof AwaitingReplyError) return; // alice has not answered yet
 *   if (error instanceof AgentChatClientError && error.outcome === 'unknown') repeatWithTheSameClientMsgId();
 *   else throw error;
 * }
 */
export class AgentChatClientError extends BrandedError {
  static override get kind(): string {
    return 'AgentChatClientError';
  }

  protected static get defaults(): ClassDefaults {
    return { code: 'INTERNAL_ERROR', retryable: false };
  }

  readonly code: AgentChatErrorCode;
  /** The HTTP status, or `null` when there was no answer. */
  readonly status: number | null;
  /** The service's `x-request-id`, or `null` without one. Quote it when you ask for help. */
  readonly requestId: string | null;
  /** Whether the same call could succeed later. */
  readonly retryable: boolean;
  readonly outcome: Outcome;
  /**
   * `true` when the refusal was not in the service's own form: a proxy's page, say. It says nothing about what was asked for,
   * and passes; `undefined` otherwise.
   */
  readonly foreign?: true | undefined;
  /** How long the service asked to wait, in milliseconds; `null` when it did not say. */
  readonly retryAfterMs: number | null;
  /** What the service added; its shape depends on `code`. Secrets are blanked out. */
  readonly details: Record<string, unknown> | undefined;

  constructor(init: AgentChatClientErrorInit | string) {
    const { code, message, status, requestId, details, retryAfterMs, retryable, outcome, foreign, cause } =
      typeof init === 'string' ? ({ message: init } as AgentChatClientErrorInit) : init;
    // A mock may leave the message out.
    super(
      redactText(typeof message === 'string' ? message : ''),
      cause === undefined ? undefined : { cause },
    );
    const { defaults } = new.target;
    this.code = code ?? defaults.code;
    this.status = status ?? null;
    this.requestId = requestId ?? null;
    this.foreign = foreign === true ? true : undefined;
    this.retryAfterMs = retryAfterMs ?? null;
    this.details = details === undefined ? undefined : (redact(details) as Record<string, unknown>);
    this.retryable = retryable ?? defaults.retryable;
    this.outcome = outcome ?? outcomeOf(this.status);
    // No method: bundlers keep a class that has one with a computed name, used or not.
    Object.defineProperty(this, INSPECT, { value: show });
  }

  /** What `JSON.stringify` shows: the message, the fields that are known, and the cause's message. No stack, no secrets. */
  override toJSON(): Record<string, unknown> {
    const { cause } = this;
    const known = Object.entries(super.toJSON()).filter(([, value]) => value !== undefined && value !== null);
    if (cause !== undefined) known.push(['cause', textOf(cause)]);
    return Object.fromEntries(known);
  }
}

/**
 * What Node's `console.log` shows: the cause with its own stack, but not as it is. A foreign error may hold a request and its
 * headers.
 */
function show(
  this: AgentChatClientError,
  _depth: unknown,
  options: unknown,
  inspect: (value: unknown, options: unknown) => string,
): string {
  return inspect(printable(this), options);
}

/** No answer, a 5xx, or a request that timed out on the way in: it may have been carried out. Other answers are refusals. */
function outcomeOf(status: number | null): Outcome {
  return status !== null && status >= 400 && status < 500 && status !== 408 ? 'rejected' : 'unknown';
}

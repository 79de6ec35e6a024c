import { BrandedError } from './branded-error.js';
import { textOf } from './cause.js';
import type { AgentChatErrorCode } from './codes.js';
import { redact, redactText } from './redact.js';

/**
 * What is known about the effect of the call that failed. `not_sent`: it never left. `rejected`: the service refused it,
 * nothing happened. `unknown`: it may have been carried out; repeat it only with the same idempotency key or
 * `client_msg_id`.
 */
export type Outcome = 'not_sent' | 'rejected' | 'unknown';

/** What an error can be told. Only the message is needed. */
export interface AgentChatErrorInit {
  /** Default: the code of the class. */
  code?: AgentChatErrorCode | undefined;
  /** What happened and what to do about it. */
  message: string;
  /** The HTTP status, if there was an answer. */
  status?: number | undefined;
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

/**
 * The root of everything that this package throws. Branch on a class with `instanceof` (which also recognises an error
 * of the other module format) or on `code`; the message is for people and may change.
 *
 * @example
 * try {
 *   await client.sendMessage({ to: 'alice', content: { text: 'hi' } });
 * } catch (error) {
 *   if (error instanceof AwaitingReplyError) return; // alice has not answered yet
 *   if (error instanceof AgentChatError && error.outcome === 'unknown') repeatWithTheSameClientMsgId();
 *   else throw error;
 * }
 */
export class AgentChatError extends BrandedError {
  static override readonly kind: string = 'AgentChatError';
  /** The code of an error that is given none. */
  protected static readonly defaultCode: AgentChatErrorCode = 'INTERNAL_ERROR';
  /** The outcome of an error that came without an answer. */
  protected static readonly defaultOutcome: Outcome = 'unknown';
  /** Whether such an error passes by itself, where nothing more is known. */
  protected static readonly defaultRetryable: boolean = false;

  readonly code: AgentChatErrorCode;
  /** The HTTP status, or `undefined` when there was no answer. */
  readonly status: number | undefined;
  /** The service's `x-request-id`. Quote it when you ask for help. */
  readonly requestId: string | undefined;
  /** Whether the same call could succeed later. */
  readonly retryable: boolean;
  readonly outcome: Outcome;
  /**
   * `true` when the refusal was not in the service's own form: a proxy's page, say. It says nothing about what was asked for,
   * and passes; `undefined` otherwise.
   */
  readonly foreign?: true | undefined;
  /** How long the service asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** What the service added; its shape depends on `code`. Secrets are blanked out. */
  readonly details: Record<string, unknown> | undefined;

  constructor(init: AgentChatErrorInit | string) {
    const { code, message, status, requestId, details, retryAfterMs, retryable, outcome, foreign, cause } =
      typeof init === 'string' ? ({ message: init } as AgentChatErrorInit) : init;
    super(redactText(message), cause === undefined ? undefined : { cause });
    const errorClass: typeof AgentChatError = new.target;
    this.code = code ?? errorClass.defaultCode;
    this.status = status;
    this.requestId = requestId ?? undefined;
    this.foreign = foreign === true ? true : undefined;
    this.retryAfterMs = retryAfterMs ?? undefined;
    this.details = details === undefined ? undefined : (redact(details) as Record<string, unknown>);
    this.retryable = retryable ?? errorClass.defaultRetryable;
    this.outcome = outcome ?? (status === undefined ? errorClass.defaultOutcome : outcomeOf(status));
  }

  /** What `JSON.stringify` shows: the message, the fields that are set, and the cause's message. No stack, no secrets. */
  override toJSON(): Record<string, unknown> {
    const { cause } = this;
    const fields = Object.entries(super.toJSON()).filter(([, value]) => value !== undefined);
    if (cause !== undefined) fields.push(['cause', textOf(cause)]);
    return Object.fromEntries(fields);
  }
}

/** A 5xx, or a request that timed out on the way in, may have been carried out; other answers are refusals. */
function outcomeOf(status: number): Outcome {
  return status >= 400 && status < 500 && status !== 408 ? 'rejected' : 'unknown';
}

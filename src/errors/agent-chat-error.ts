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
  cause?: unknown;
}

/** Carries the names of an error's classes, so that the other copy of this package (ESM or CJS) knows it too. */
const BRAND = /* @__PURE__ */ Symbol.for('agentchat-client.error');
const INSPECT = /* @__PURE__ */ Symbol.for('nodejs.util.inspect.custom');

type ErrorClass = { readonly kind?: string };

/** The kinds of a class and of those that it extends. */
function kindsOf(errorClass: unknown): string[] {
  const kinds: string[] = [];
  for (let at = errorClass; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, 'kind')) kinds.push(String((at as ErrorClass).kind));
  }
  return kinds;
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
export class AgentChatError extends Error {
  /** The name by which `instanceof` knows the class, however it was bundled. */
  static readonly kind: string = 'AgentChatError';
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
  /** How long the service asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** What the service added; its shape depends on `code`. Secrets are blanked out. */
  readonly details: Record<string, unknown> | undefined;

  constructor(init: AgentChatErrorInit | string) {
    const { code, message, status, requestId, details, retryAfterMs, retryable, outcome, cause } =
      typeof init === 'string' ? ({ message: init } as AgentChatErrorInit) : init;
    super(redactText(message), cause === undefined ? undefined : { cause });
    const errorClass: typeof AgentChatError = new.target;
    Object.defineProperty(this, 'name', { value: errorClass.kind, configurable: true, writable: true });
    Object.defineProperty(this, BRAND, { value: kindsOf(errorClass) });
    this.code = code ?? errorClass.defaultCode;
    this.status = status;
    this.requestId = requestId ?? undefined;
    this.retryAfterMs = retryAfterMs ?? undefined;
    this.details = details === undefined ? undefined : (redact(details) as Record<string, unknown>);
    this.retryable = retryable ?? errorClass.defaultRetryable;
    this.outcome = outcome ?? (status === undefined ? errorClass.defaultOutcome : outcomeOf(status));
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    try {
      // A class that a user derives has no kind of its own: the prototype chain decides, as for any class.
      // biome-ignore lint/complexity/noThisInStatic: every derived class inherits this, and asks about itself.
      if (!Object.hasOwn(this, 'kind')) return super[Symbol.hasInstance](value);
      if (typeof value !== 'object' || value === null) return false;
      const kinds: unknown = (value as { [BRAND]?: unknown })[BRAND];
      // biome-ignore lint/complexity/noThisInStatic: as above.
      return Array.isArray(kinds) && kinds.includes(this.kind);
    } catch {
      // Anything can be thrown, also a proxy that throws when it is looked at. Whoever asks about it is in a `catch`.
      return false;
    }
  }

  /** What `JSON.stringify` shows: the message, the fields that are set, and the cause's message. No stack, no secrets. */
  toJSON(): Record<string, unknown> {
    const { name, message, cause } = this;
    const fields = Object.entries(this).filter(([, value]) => value !== undefined);
    return {
      name,
      message,
      ...Object.fromEntries(fields),
      ...(cause === undefined ? {} : { cause: causeText(cause) }),
    };
  }

  /** What Node's `console.log` shows. The cause is cut to its message: a foreign error may hold a request and its headers. */
  [INSPECT](
    _depth: unknown,
    options: unknown,
    inspect?: (value: unknown, options: unknown) => string,
  ): string {
    const { name, message, ...fields } = this.toJSON();
    const shown = inspect === undefined ? JSON.stringify(fields) : inspect(fields, options);
    return `${this.stack ?? `${name}: ${message}`} ${shown}`;
  }
}

/** A 5xx, or a request that timed out on the way in, may have been carried out; other answers are refusals. */
function outcomeOf(status: number): Outcome {
  return status >= 400 && status < 500 && status !== 408 ? 'rejected' : 'unknown';
}

function causeText(cause: unknown): string {
  try {
    return redactText(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause));
  } catch {
    return 'a value that cannot be shown';
  }
}

import type { AgentChatClientError } from '../../errors/index.js';
import { checkDuration, checkFunction, checkInteger, checkOptionNames, invalid } from '../../http/index.js';
import type { DedupeStore } from '../../stores/index.js';
import type { WebhookPayload } from '../../wire/index.js';
import { readTolerance, type WebhookVerification } from '../request.js';
import { readSecrets } from '../secrets.js';

/** What a handler is told beside the event. */
export interface WebhookContext {
  /** Which of the secrets it was signed with, counted from 0. As long as it is the old one, keep that. */
  readonly secretIndex: number;
  /** When it was signed, in seconds since 1970; null when the signature does not say. */
  readonly signedAt: number | null;
  /** Aborts when the receiver is closed and its deadline has passed: pass it to what the handler waits for. */
  readonly signal: AbortSignal;
}

/** How a receiver is closed. */
export interface WebhookCloseOptions {
  /** How long the events in hand may take, in milliseconds; then their `context.signal` aborts. Default 10,000. */
  readonly deadlineMs?: number | undefined;
}

/** An event counts as handled when the handler has returned, or its promise has fulfilled. */
export type WebhookHandler = (event: WebhookPayload, context: WebhookContext) => unknown;

/** Options of every receiver, whatever it is built into. */
export interface WebhookReceiverOptions extends WebhookVerification {
  /** Called with each authentic event. */
  onEvent: WebhookHandler;
  /**
   * Remembers what was handled, so that what comes twice is handled once. Share it with a `RealtimeClient` and with your
   * other processes. Default: nothing is remembered, and a sender's retry is handled again.
   */
  dedupe?: DedupeStore | undefined;
  /**
   * When the dedupe store fails: `'refuse'` (default) answers 503, and the service sends the event again; `'handle'` goes
   * on, at the price of handling some events twice.
   */
  onDedupeFailure?: 'refuse' | 'handle' | undefined;
  /**
   * `'at-once'` (default) answers as soon as an event is known to be authentic, and handles it then: no slow handler makes
   * the service give up on you; a failing one is yours to notice (`onError`), and what a crash interrupts does not come
   * again. `'when-handled'` answers 500 when the handler fails, so that the service sends the event again; it waits about
   * ten seconds. What takes longer than 30 s is answered 503, and goes on.
   */
  respond?: 'at-once' | 'when-handled' | undefined;
  /**
   * Longer bodies are refused (413) while they are read. Bytes. Default 1,048,576 (1 MiB). Bodies that take longer than
   * 30 s are refused, too (408).
   */
  maxBodyBytes?: number | undefined;
  /** Events that are being handled at the same time. More are answered 503, and come again. Default 1,000. */
  maxPending?: number | undefined;
  /**
   * Told of requests that were refused, handlers and stores that failed, and of what is wrong with the receiver itself.
   * Default: what is yours to mend goes to `console.error`.
   */
  onError?: ((error: AgentChatClientError) => void) | undefined;
}

/** The options, checked and complete. */
export interface ReceiverSettings {
  readonly verification: WebhookVerification;
  readonly onEvent: WebhookHandler;
  readonly dedupe: DedupeStore | undefined;
  readonly onDedupeFailure: 'refuse' | 'handle';
  readonly respond: 'at-once' | 'when-handled';
  readonly maxBodyBytes: number;
  readonly maxPending: number;
  readonly onError: ((error: AgentChatClientError) => void) | undefined;
}

/** As long as the realtime client's handlers have. */
const CLOSE_DEADLINE_MS = 10_000;

const OPTION_NAMES: Record<keyof WebhookReceiverOptions, true> = {
  secret: true,
  toleranceSeconds: true,
  now: true,
  allowUntimestamped: true,
  onEvent: true,
  dedupe: true,
  onDedupeFailure: true,
  respond: true,
  maxBodyBytes: true,
  maxPending: true,
  onError: true,
};

/**
 * Checks the options before any request comes.
 *
 * @throws ValidationError that names the option; WebhookVerificationError for a missing secret or a bad tolerance.
 */
export function receiverSettings(options: WebhookReceiverOptions): ReceiverSettings {
  checkOptionNames(options, Object.keys(OPTION_NAMES), 'webhook receiver option');
  const { secret, toleranceSeconds, now, allowUntimestamped } = options;
  const { onEvent, dedupe, onDedupeFailure = 'refuse', respond = 'at-once', onError } = options;
  const verification = { secret: readSecrets(secret), toleranceSeconds, now, allowUntimestamped };
  readTolerance(toleranceSeconds);
  checkFunction(onEvent ?? null, 'onEvent');
  checkFunction(now, 'now');
  checkFunction(onError, 'onError');
  checkDedupe(dedupe);
  checkChoice(onDedupeFailure, 'onDedupeFailure', ['refuse', 'handle']);
  checkChoice(respond, 'respond', ['at-once', 'when-handled']);
  checkInteger(options.maxBodyBytes, 'maxBodyBytes', 1, Number.MAX_SAFE_INTEGER);
  checkInteger(options.maxPending, 'maxPending', 1, Number.MAX_SAFE_INTEGER);
  return {
    verification,
    onEvent,
    dedupe,
    onDedupeFailure,
    respond,
    maxBodyBytes: options.maxBodyBytes ?? 1_048_576,
    maxPending: options.maxPending ?? 1_000,
    onError,
  };
}

/** @throws ValidationError. */
export function readCloseDeadline(options: WebhookCloseOptions): number {
  checkOptionNames(options, ['deadlineMs'], 'close() option');
  checkDuration(options.deadlineMs, 'deadlineMs');
  return options.deadlineMs ?? CLOSE_DEADLINE_MS;
}

function checkDedupe(dedupe: unknown): void {
  if (dedupe === undefined) return;
  for (const method of ['claim', 'commit', 'release']) {
    if (typeof (dedupe as Record<string, unknown> | null)?.[method] !== 'function') {
      throw invalid(
        'dedupe',
        `"dedupe" must be a dedupe store such as MemoryDedupeStore; it has no ${method}()`,
      );
    }
  }
}

function checkChoice(value: unknown, name: string, choices: readonly string[]): void {
  if (!choices.includes(value as string)) {
    throw invalid(name, `"${name}" must be ${choices.map((choice) => `"${choice}"`).join(' or ')}`);
  }
}

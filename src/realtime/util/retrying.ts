import type { Clock } from '../../clock/index.js';
import { AgentChatClientError, ConnectionError, isServicesWord, statusOf } from '../../errors/index.js';
import { TIMING } from '../bounds.js';
import type { ErrorListener } from '../listeners.js';
import { doubled, jittered } from './backoff.js';
import { type Life, timeLimit } from './life.js';

/** Resolves after `ms`, or when `life` ends. */
export function pause(clock: Clock, ms: number, life: Life): Promise<void> {
  return new Promise((resolve) => {
    timeLimit(clock, ms, life, () => resolve());
  });
}

export interface Failure {
  /** Asking again would get the same answer (GAP-2: 403, 404, 410, and any other refusal). */
  readonly final: boolean;
  /** The service's `Retry-After`, or 0. Never undercut. */
  readonly retryAfterMs: number;
}

/** CATCH-3: what somebody else answers for so long is not about a deploy. Only where nothing else ends the asking. */
const STRANGERS_LAST_MS = 600_000;

/**
 * Reads an error of a `RealtimeSource`, which may be anybody's. Unknown ones count as passing, and so do refusals that are
 * not the service's own word (CATCH-3), until `askingMs` says that it has been going on for long.
 */
export function failureOf(error: unknown, askingMs = 0): Failure {
  const status = statusOf(error);
  const stands = isServicesWord(error) || askingMs >= STRANGERS_LAST_MS;
  const refused = stands && (status === 403 || status === 404 || status === 410);
  if (!(error instanceof AgentChatClientError)) return { final: refused, retryAfterMs: 0 };
  const invalid = status === 400 || status === 422 || error.code === 'VALIDATION_ERROR';
  return { final: refused || invalid, retryAfterMs: error.retryAfterMs ?? 0 };
}

/** The service does not have what was asked for, and will not get it in this session. */
export function isAbsent(error: unknown, askingMs = 0): boolean {
  const status = statusOf(error);
  const absent = status === 404 || status === 405 || status === 501;
  return absent && (isServicesWord(error) || askingMs >= STRANGERS_LAST_MS);
}

/** Tries again what has failed: after pauses that double, with jitter, and never before the service's `Retry-After`. */
export class Retrying {
  failures = 0;

  constructor(
    private readonly clock: Clock,
    private readonly firstMs: number = TIMING.syncBackoffMin,
    private readonly mostMs: number = TIMING.syncBackoffMax,
  ) {}

  succeeded(): void {
    this.failures = 0;
  }

  /** Counts one more failure. Returns how long to wait before the next try. */
  failed(retryAfterMs = 0): number {
    const ms = jittered(doubled(this.firstMs, this.failures, this.mostMs), this.clock.random());
    this.failures += 1;
    return Math.max(ms, retryAfterMs);
  }

  /** Counts one more failure. Resolves when it is time for the next try, or when `life` ends. */
  pause(life: Life, retryAfterMs = 0): Promise<void> {
    return pause(this.clock, this.failed(retryAfterMs), life);
  }

  /** Tries until it works. Resolves with null when `life` ends before that, or `judge` finds a failure final. */
  async until<T>(
    life: Life,
    attempt: () => Promise<T>,
    judge: (error: unknown, askingMs: number) => Failure = failureOf,
  ): Promise<T | null> {
    const startedAt = this.clock.now();
    while (!life.ended) {
      try {
        return await attempt();
      } catch (error) {
        if (life.ended) return null;
        const { final, retryAfterMs } = judge(error, this.clock.now() - startedAt);
        if (final) return null;
        await this.pause(life, retryAfterMs);
      }
    }
    return null;
  }
}

/** Why something that is read again and again cannot be read at present. Each kind is told once, until it works again. */
export class Trouble {
  /** A code or a few words; null while it works. */
  kind: string | null = null;

  /** `what` is the sentence for errors that do not speak for themselves. */
  constructor(
    private readonly what: string,
    private readonly listener: ErrorListener,
  ) {}

  /** Tells of an error. Returns what it means. */
  failed(error: unknown): Failure {
    const kind = error instanceof AgentChatClientError ? error.code : 'unknown';
    const news = this.kind !== kind;
    this.kind = kind;
    if (news) {
      const told = { message: this.what, outcome: 'unknown', cause: error } as const;
      this.listener.onError(error instanceof AgentChatClientError ? error : new ConnectionError(told));
    }
    return failureOf(error);
  }

  over(): void {
    this.kind = null;
  }
}

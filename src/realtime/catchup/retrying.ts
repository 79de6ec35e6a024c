import type { Clock } from '../../clock/index.js';
import { AgentChatError, ConnectionError } from '../../errors/index.js';
import type { Life } from '../util/life.js';
import type { ErrorListener } from './rest-ports.js';

/** Resolves after `ms`, or when `life` ends. */
export function pause(clock: Clock, ms: number, life: Life): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimer(() => {
      off();
      resolve();
    }, ms);
    const off = life.onEnd(() => {
      clock.clearTimer(timer);
      resolve();
    });
  });
}

/** The wait before attempt `n` (from 0) at something that failed: doubling, jittered, never before the hint. */
export function backoff(
  clock: Clock,
  attempt: number,
  bounds: { min: number; max: number },
  hintMs: number,
): number {
  const exponential = Math.min(bounds.min * 2 ** Math.min(attempt, 20), bounds.max);
  return Math.max(exponential * (0.75 + clock.random() / 2), hintMs);
}

/** What a failed background read means for what waits on it. */
export interface Verdict {
  /** Asking again would get the same answer (GAP-2: 403, 404, 410, and any other refusal). */
  readonly final: boolean;
  /** The service's `Retry-After`, or 0. Never undercut. */
  readonly retryAfterMs: number;
}

/** Reads an error of a `RealtimeSource`, which may be anybody's. Unknown ones count as passing. */
export function verdictOf(error: unknown): Verdict {
  const status = statusOf(error);
  const refused = status === 403 || status === 404 || status === 410;
  if (!(error instanceof AgentChatError)) return { final: refused, retryAfterMs: 0 };
  const invalid = status === 400 || status === 422 || error.code === 'VALIDATION_ERROR';
  return { final: refused || invalid, retryAfterMs: error.retryAfterMs ?? 0 };
}

/** The service does not have what was asked for, and will not get it in this session. */
export function isAbsent(error: unknown): boolean {
  const status = statusOf(error);
  return status === 404 || status === 405 || status === 501;
}

/** A source that is no `AgentChatClient` may still put a status on its errors. */
function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  try {
    const { status } = error as { status?: unknown };
    return typeof status === 'number' ? status : undefined;
  } catch {
    // Anything can be thrown, also what throws when it is read.
    return undefined;
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

  failed(error: unknown): void {
    const kind = error instanceof AgentChatError ? error.code : 'unknown';
    const news = this.kind !== kind;
    this.kind = kind;
    if (news) this.listener.onError(error instanceof AgentChatError ? error : this.wrap(error));
  }

  over(): void {
    this.kind = null;
  }

  private wrap(cause: unknown): ConnectionError {
    return new ConnectionError({ message: this.what, outcome: 'unknown', cause });
  }
}

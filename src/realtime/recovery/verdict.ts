import { AgentChatError } from '../../errors/index.js';

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
    // Anything can be thrown, also what throws when it is looked at.
    return undefined;
  }
}

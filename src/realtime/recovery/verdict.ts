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
  if (!(error instanceof AgentChatError)) return { final: statusOf(error), retryAfterMs: 0 };
  const refused = error.status === 403 || error.status === 404 || error.status === 410;
  const invalid = error.status === 400 || error.status === 422 || error.code === 'VALIDATION_ERROR';
  return { final: refused || invalid, retryAfterMs: error.retryAfterMs ?? 0 };
}

/** A source that is no `AgentChatClient` may still put a status on its errors. */
function statusOf(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { status } = error as { status?: unknown };
  return status === 403 || status === 404 || status === 410;
}

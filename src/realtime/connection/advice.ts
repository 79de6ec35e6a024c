import { diagnose } from '../../http/index.js';
import type { Ending } from './endings.js';

/** What to do about an attempt that ended so; `null` when nothing better is known than to try again. Total. */
export function adviceFor(ending: Ending, url: string): string | null {
  if (ending.kind === 'http') return adviceForStatus(ending.status);
  return 'cause' in ending ? (diagnose(ending.cause, url)?.advice ?? null) : null;
}

/** Our words for a reason whose own help nobody; `null` when the platform's are good. */
export function wordsFor(cause: unknown, url: string): string | null {
  return diagnose(cause, url)?.words ?? null;
}

function adviceForStatus(status: number): string | null {
  if (status >= 300 && status < 400) {
    return 'it redirects, and redirects are not followed: set `baseUrl` to where it leads';
  }
  if (status < 300 || [400, 404, 405, 426].includes(status)) {
    return 'there is no AgentChat WebSocket at this address: check `baseUrl`, and that a proxy in between passes upgrades on';
  }
  return null;
}

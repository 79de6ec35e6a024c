import { messageOf, PlatformError, type PlatformErrorInit } from '../shared/platform-error.js';

/** Where the words of a refusal may be, the best first. */
const WORDS: readonly string[] = ['detail', 'message', 'error', 'error.message'];

/**
 * Phoson refused a call, could not be reached, or broke off.
 *
 * @example
 * try {
 *   await client.agents.get('agt_1');
 * } catch (error) {
 *   if (error instanceof PhosonApiError && error.statusCode === 404) console.log(error.detail);
 *   else throw error;
 * }
 */
export class PhosonApiError extends PlatformError {
  static override get kind(): string {
    return 'PhosonApiError';
  }

  /** The HTTP status; `null` when there was no answer. */
  readonly statusCode: number | null;
  /** What Phoson said; our own words where it said nothing. `body` is its whole answer. */
  readonly detail: string;

  constructor(init: PlatformErrorInit) {
    const said = messageOf(withDetail(init.body), WORDS, '');
    super({ ...init, message: said === '' ? init.message : `${init.message}: ${said}` });
    this.statusCode = this.status;
    this.detail = said === '' ? this.message : said;
  }
}

/** A refusal of a body lists what is wrong with it; the list reads as a line. */
function withDetail(body: unknown): unknown {
  const detail = (body as { readonly detail?: unknown } | null | undefined)?.detail;
  if (!Array.isArray(detail)) return body;
  const lines = detail.map((entry: unknown) => {
    if (typeof entry === 'string') return entry;
    const { loc, msg } = (entry ?? {}) as { readonly loc?: unknown; readonly msg?: unknown };
    const place = Array.isArray(loc) ? loc.join('.') : undefined;
    return [place, typeof msg === 'string' ? msg : undefined].filter((part) => part !== undefined).join(': ');
  });
  return { detail: lines.filter((line) => line !== '').join('; ') };
}

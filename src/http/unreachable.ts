import { diagnose } from './diagnosis.js';
import { redactText } from './redact.js';

/** Causes may go in a circle. */
const DEEPEST_CAUSE = 6;

/**
 * Why a server could not be reached, in brackets, and what to do about it.
 *
 * @param url Where the request went; `undefined` once an answer had begun: then the address is not to blame.
 */
export function whyUnreachable(cause: unknown, url: string | undefined, secrets: readonly string[]): string {
  const diagnosis = url === undefined ? undefined : diagnose(cause, url);
  const words = diagnosis?.words ?? redactText(describe(cause), secrets);
  return `(${words}).${diagnosis === undefined ? '' : ` ${capitalised(diagnosis.advice)}.`}`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The innermost message: `fetch failed` alone helps nobody. */
function describe(cause: unknown, depth = 1): string {
  try {
    const { message, cause: inner, code } = cause as { message?: unknown; cause?: unknown; code?: unknown };
    if (inner !== undefined && inner !== null && inner !== cause && depth < DEEPEST_CAUSE)
      return describe(inner, depth + 1);
    if (typeof message === 'string' && message !== '') return message;
    return typeof code === 'string' ? code : String(cause);
  } catch {
    return 'an error that cannot be shown';
  }
}

/** Long enough for any clock; a larger number of seconds is a mistake somewhere, and still means "not soon". */
const LONGEST_SECONDS = Number.MAX_SAFE_INTEGER / 1_000;

const HTTP_DATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Reads a `Retry-After` header into milliseconds from now: whole seconds, or a date as RFC 9110 writes it (0 when it is
 * past). Anything else, such as `1.5` or `60s`, is `null`.
 *
 * @param now The wall clock, in milliseconds since 1970. A date can only be read against it.
 */
export function parseRetryAfter(header: string | null | undefined, now: number = Date.now()): number | null {
  const value = header?.trim();
  if (value === undefined || value === '') return null;
  if (/^\d+$/.test(value)) return Math.min(Number(value), LONGEST_SECONDS) * 1_000;
  if (!HTTP_DATE.test(value)) return null;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

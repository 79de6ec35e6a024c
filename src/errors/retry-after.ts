/**
 * The longest hint that is passed on: anything beyond is "never" to every caller, and still an exact number. It is
 * `Number.MAX_SAFE_INTEGER`, written out because bundlers keep that for everybody who imports an error class.
 */
const LONGEST_HINT_MS = 9_007_199_254_740_991;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

// The three spellings of an HTTP-date (RFC 9110, section 5.6.7). Case matters, white space is exactly one space.
const IMF_FIXDATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const RFC_850 =
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const ASCTIME = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/;

/**
 * Reads an HTTP-date in any of its three spellings (RFC 9110, section 5.6.7).
 *
 * `Date.parse` is of no use here: it also takes `1.5`, `2026` and local times, each of them something else on another
 * runtime.
 *
 * @param text The header's value.
 * @param wallNow Milliseconds since 1970: settles the century of a two-digit year.
 * @returns Milliseconds since 1970, or `null` when it is no HTTP-date.
 */
export function parseHttpDate(text: string, wallNow: number): number | null {
  const fixdate = IMF_FIXDATE.exec(text);
  if (fixdate !== null) {
    const [, day, month, year, hour, minute, second] = fixdate;
    return instant(Number(year), month, Number(day), Number(hour), Number(minute), Number(second));
  }
  const rfc850 = RFC_850.exec(text);
  if (rfc850 !== null) {
    const [, day, month, year, hour, minute, second] = rfc850;
    return instant(
      centuryOf(Number(year), wallNow),
      month,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
    );
  }
  const asctime = ASCTIME.exec(text);
  if (asctime !== null) {
    const [, month, day, hour, minute, second, year] = asctime;
    return instant(Number(year), month, Number(day), Number(hour), Number(minute), Number(second));
  }
  return null;
}

/** A two-digit year more than 50 years ahead means the past century (RFC 9110, section 5.6.7). */
function centuryOf(twoDigits: number, wallNow: number): number {
  const thisYear = new Date(wallNow).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + twoDigits;
  return year > thisYear + 50 ? year - 100 : year;
}

function instant(
  year: number,
  monthName: string | undefined,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | null {
  const month = MONTHS.indexOf(monthName ?? '');
  // 60 is a leap second, which the grammar allows.
  if (month < 0 || hour > 23 || minute > 59 || second > 60) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  // 31 February would otherwise quietly be 3 March.
  if (date.getUTCMonth() !== month || date.getUTCDate() !== day) return null;
  date.setUTCHours(hour, minute, second, 0);
  return date.getTime();
}

/**
 * Reads a `Retry-After` header into milliseconds from now: whole seconds, or an HTTP-date (0 when it is past).
 *
 * @param now The clock that a date is read against, in milliseconds since 1970: ours, or better the answer's own `Date`
 * ({@link parseHttpDate}), so that a wrong clock here does no harm.
 * @returns `null` when the header is missing or is neither (`1.5`, `60s`, `-1`): a malformed hint is no hint.
 * @example
 * parseRetryAfter('120'); // 120000
 * parseRetryAfter('soon'); // null
 */
export function parseRetryAfter(header: string | null | undefined, now: number = Date.now()): number | null {
  if (typeof header !== 'string') return null;
  // Optional white space around a field value is no part of it.
  const text = header.replace(/^[ \t]+|[ \t]+$/g, '');
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, LONGEST_HINT_MS);
  const until = parseHttpDate(text, now);
  return until === null ? null : Math.max(0, until - now);
}

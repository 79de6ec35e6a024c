import { invalid } from '../../../http/index.js';

/** The platform takes no token that lives longer than a day. */
export const LONGEST_LIFETIME_S = 86_400;

/**
 * So many hours as the seconds that `expiresIn` and `tokenExpire` take.
 *
 * @param hours More than 0. Beyond 24 a warning is written and 24 hours are taken: the platform allows no more.
 * @throws ValidationError when it is no number above 0.
 * @example
 * agent.createSession(client, { channel: 'support', agentUid: '1', remoteUids: ['100'], expiresIn: expiresInHours(12) });
 */
export function expiresInHours(hours: number): number {
  return lifetimeOf(hours, 3_600, 'hours');
}

/**
 * So many minutes as seconds; see {@link expiresInHours}.
 *
 * @throws ValidationError when it is no number above 0.
 */
export function expiresInMinutes(minutes: number): number {
  return lifetimeOf(minutes, 60, 'minutes');
}

/**
 * Seconds as a token's lifetime: a day where there are more, with a warning.
 *
 * @throws ValidationError that names `field` when they are no number above 0.
 */
export function checkLifetime(seconds: unknown, field: string): number {
  return lifetimeOf(seconds, 1, field);
}

function lifetimeOf(amount: unknown, unitSeconds: number, field: string): number {
  if (typeof amount !== 'number' || !(amount > 0)) {
    throw invalid(field, `"${field}" must be a number above 0, not ${shown(amount)}`);
  }
  const seconds = Math.round(amount * unitSeconds);
  if (seconds < 1) throw invalid(field, `"${field}" must come to a second at least`);
  if (seconds <= LONGEST_LIFETIME_S) return seconds;
  console.warn(
    `agentchat-client: a token lives for 24 hours at most; "${field}" asked for more and got 24 hours`,
  );
  return LONGEST_LIFETIME_S;
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : `a ${typeof value}`;
}

import { parseHttpDate, parseRetryAfter } from '../../errors/index.js';
import { readErrorBody } from '../../wire/index.js';
import type { Ending } from './endings.js';
import type { UpgradeAnswer } from './socket.js';

/** No hint is believed for longer: what asks for more is broken, or will have changed its mind. */
export const LONGEST_RETRY_AFTER_MS = 24 * 60 * 60_000;

/**
 * RCN-3: what an ordinary answer to the upgrade comes to. Only what is in the service's own form is its word; and a hint
 * when to come back counts whoever gives it.
 *
 * @param wallNow Milliseconds since 1970, for a `Retry-After` that is a date and comes without the answer's own `Date`.
 */
export function readUpgradeAnswer(answer: UpgradeAnswer, wallNow: number): Ending & { kind: 'http' } {
  const { status, headers = {}, body = '' } = answer;
  const said = isJson(headerOf(headers, 'content-type')) ? wordsIn(body, status) : undefined;
  const serviceNow = parseHttpDate(headerOf(headers, 'date'), wallNow) ?? wallNow;
  const hint = parseRetryAfter(headerOf(headers, 'retry-after'), serviceNow);
  return {
    kind: 'http',
    status,
    ...(said === undefined ? {} : { said }),
    ...(hint === null ? {} : { retryAfterMs: Math.min(hint, LONGEST_RETRY_AFTER_MS) }),
  };
}

/** A refusal that is written to a bare socket may go without a type. */
function isJson(contentType: string): boolean {
  return contentType === '' || /\bjson\b/i.test(contentType);
}

function wordsIn(body: string, status: number): string | undefined {
  try {
    const { recognised, message } = readErrorBody(JSON.parse(body), status);
    return recognised ? message : undefined;
  } catch {
    return undefined;
  }
}

function headerOf(headers: NonNullable<UpgradeAnswer['headers']>, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

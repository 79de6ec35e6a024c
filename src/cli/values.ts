import { UsageError } from './failure.js';

/** A whole number that was typed for an option. @throws UsageError that names the option. */
export function wholeNumber(
  text: string | undefined,
  name: string,
  bounds: { readonly from: number; readonly to: number },
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= bounds.from && value <= bounds.to) return value;
  throw new UsageError(`--${name} must be a whole number from ${bounds.from} to ${bounds.to}.`);
}

export function portIn(text: string | undefined): number | undefined {
  return wholeNumber(text, 'port', { from: 0, to: 65_535 });
}

/** Seconds that were typed for an option, in milliseconds. @throws UsageError that names the option. */
export function seconds(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,6}(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value > 0) return value * 1_000;
  throw new UsageError(`--${name} must be a number of seconds above 0.`);
}

/** An object of JSON that was typed. @throws UsageError that says what stands there instead. */
export function jsonObject(text: string, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${name} must be JSON, such as '{"answer": 42}'.`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new UsageError(`${name} must be an object of JSON, such as '{"answer": 42}'.`);
}

/** An address to post to. @throws UsageError. */
export function httpUrl(text: string, name: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && `${url.username}${url.password}` !== '') {
    throw new UsageError(`${name} must not hold a name or a password: nothing could be posted there.`);
  }
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text;
  throw new UsageError(`${name} must be a URL such as http://127.0.0.1:3000/webhooks.`);
}

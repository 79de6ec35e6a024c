import { invalid } from './invalid.js';
import { secretsAmong } from './redact.js';

const NAME = /^[!#$%&'*+.^_`|~\w-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Adds headers of the user's to those of the transport. They win.
 *
 * @param option What errors name.
 * @param hasKey The transport sends a key: then `Authorization` is its own.
 */
export function addHeaders(
  target: Record<string, string>,
  headers: Readonly<Record<string, string>>,
  option: 'headers' | 'defaultHeaders',
  hasKey: boolean,
): void {
  for (const [name, value] of Object.entries(headers)) {
    if (hasKey && name.toLowerCase() === 'authorization') {
      throw invalid(option, '"Authorization" is set by the transport: pass the key as "apiKey"');
    }
    addHeader(target, name, value, option);
  }
}

/** Takes the place of a header of the same name in another spelling, which would otherwise be sent beside it. */
export function addHeader(target: Record<string, string>, name: string, value: string, option: string): void {
  // `fetch` would quote the value in its error.
  if (!NAME.test(name) || typeof value !== 'string' || !VALUE.test(value)) {
    throw invalid(
      option,
      'a header is no HTTP header: its name or its value holds a character that none may',
    );
  }
  const lower = name.toLowerCase();
  for (const present of Object.keys(target)) {
    if (present !== name && present.toLowerCase() === lower) delete target[present];
  }
  target[name] = value;
}

/** What an `Authorization` of the user's lets somebody in with: the whole value, and what follows its scheme. */
export function secretsOfHeaders(headers: Readonly<Record<string, string>>): readonly string[] {
  const values = Object.entries(headers)
    .filter(([name]) => name.toLowerCase() === 'authorization')
    .map(([, value]) => value);
  return secretsAmong(values.flatMap((value) => [value, value.slice(value.indexOf(' ') + 1)]));
}

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
  for (const [name, value] of entriesOf(headers, option)) {
    if (hasKey && name.toLowerCase() === 'authorization') {
      throw invalid(option, '"Authorization" is set by the transport: pass the key as "apiKey"');
    }
    addHeader(target, name, value, option);
  }
}

/** The platform's own `Headers` are taken too: they show no fields of their own, and would be dropped without a word. */
function entriesOf(headers: unknown, option: string): Iterable<[string, string]> {
  if (typeof headers !== 'object' || headers === null) {
    throw invalid(option, `"${option}" must be an object of names and values`);
  }
  return typeof Headers !== 'undefined' && headers instanceof Headers ? headers : Object.entries(headers);
}

/** Adds what a header is unless the user's own say otherwise, in any spelling. */
export function addDefault(target: Record<string, string>, name: string, value: string): void {
  const lower = name.toLowerCase();
  if (!Object.keys(target).some((present) => present.toLowerCase() === lower)) target[name] = value;
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

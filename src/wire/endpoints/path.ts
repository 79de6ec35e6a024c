import { normalizeHandle } from '../handles.js';
import type { Endpoint } from './endpoint.js';

/** The names in braces: `'handle'` for `/v1/agents/{handle}`. */
type NamesIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

/** The values that the path of an endpoint needs. */
export type PathParams<E extends Pick<Endpoint, 'path'>> = string extends E['path']
  ? Readonly<Record<string, string>>
  : { readonly [Name in NamesIn<E['path']>]: string };

/** Paths without a parameter take no second argument. */
type PathArguments<E extends Pick<Endpoint, 'path'>> = keyof PathParams<E> extends never
  ? [params?: Readonly<Record<never, string>>]
  : [params: PathParams<E>];

const PARAMETER = /\{([a-z_]+)\}/g;

/**
 * The path of an endpoint with its values filled in and percent-encoded. A `handle` is brought into the service's spelling.
 *
 * @example pathOf(endpoints.getAgent, { handle: '@Alice' }) // '/v1/agents/alice'
 * @throws TypeError when a value is missing, is `''`, `.` or `..` (the path would lead somewhere else), or is not valid
 *   Unicode.
 */
export function pathOf<const E extends Pick<Endpoint, 'path'>>(
  endpoint: E,
  ...[params]: PathArguments<E>
): string {
  const values: Readonly<Record<string, unknown>> = params ?? {};
  return endpoint.path.replace(PARAMETER, (_, name: string) => {
    const given = Object.hasOwn(values, name) ? values[name] : undefined;
    const value = name === 'handle' && typeof given === 'string' ? normalizeHandle(given) : given;
    if (typeof value !== 'string' || value === '' || value === '.' || value === '..') {
      throw new TypeError(`"${name}" must be a non-empty string other than "." and ".."`);
    }
    try {
      return encodeURIComponent(value);
    } catch {
      throw new TypeError(`"${name}" must not contain half of a surrogate pair`);
    }
  });
}

/** What may stand in a query. `undefined` and `null` are left out. */
export type QueryValue = string | number | boolean | undefined | null;

/** The query string of a request, with its `?`, or `''` when nothing is asked. */
export function encodeQuery(query: { readonly [name: string]: QueryValue }): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) search.append(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

/** The names in queries whose values are numbers. Everything else (`q`, `after`, ids) is text even if it is all digits. */
const NUMERIC: readonly string[] = ['limit', 'offset', 'before_seq', 'after_seq'];

/** Reads a query for the schema of its endpoint. What is no number where one belongs stays text, and fails the schema. */
export function decodeQuery(search: URLSearchParams): Record<string, string | number> {
  return Object.fromEntries(
    [...search].map(([name, value]) => [
      name,
      NUMERIC.includes(name) && /^-?\d+$/.test(value) ? Number(value) : value,
    ]),
  );
}

import { checkDuration, checkInteger, checkOptionNames, given, invalid } from '../../http/index.js';
import { encodeQuery, type HttpMethod } from '../../wire/index.js';

/** One request to a platform. */
export interface PlatformRequest {
  readonly method: HttpMethod;
  /** Made with {@link pathOf}; appended to the base URL. */
  readonly path: string;
  /** What is `undefined` is left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What must not be shown besides the platform's own secrets: a provider's key in the body, say. */
  readonly secrets?: readonly string[] | undefined;
  /** Names the operation in messages, and decides about repeats: `agents.create`. */
  readonly label: string;
  /** Of a stream: newline-delimited JSON is taken as well. Default false. */
  readonly ndjson?: boolean | undefined;
}

/** What every call takes, last. */
export interface PlatformCallOptions {
  /** Ends the call at once, whatever it is doing. The error is an `AbortedError`. */
  signal?: AbortSignal | undefined;
  /**
   * How long nothing may come, in milliseconds: until the answer begins, and then for each further piece of it, which is the
   * only limit of a stream. Default: the client's. 0 means no limit.
   */
  timeoutMs?: number | undefined;
  /** How often a call that may be repeated is made again when it fails. Default: the client's. */
  maxRetries?: number | undefined;
}

const CALL_OPTION_NAMES: readonly string[] = ['signal', 'timeoutMs', 'maxRetries'];

/** More attempts than this are a mistake. */
export const MOST_RETRIES = 100;

/** The options that are given; `null` is not. @throws ValidationError that names the option. */
export function checkCallOptions(asked: PlatformCallOptions): PlatformCallOptions {
  const options = given(asked);
  checkOptionNames(options, CALL_OPTION_NAMES, 'call option');
  checkDuration(options.timeoutMs, 'timeoutMs');
  checkInteger(options.maxRetries, 'maxRetries', 0, MOST_RETRIES);
  if (options.signal !== undefined && typeof options.signal?.addEventListener !== 'function') {
    throw invalid('signal', '"signal" must be an AbortSignal, such as that of an AbortController');
  }
  return options;
}

/**
 * A path with its ids filled in, each as one segment: a slash in an id is written `%2F`.
 *
 * @throws ValidationError that names the id, when it is empty, `.`, `..` or not a string or whole number.
 *
 * @example pathOf('/agents/{agent_id}', { agent_id: 'a/b' }); // '/agents/a%2Fb'
 */
export function pathOf(template: string, ids: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) =>
    segmentOf(Object.hasOwn(ids, name) ? ids[name] : undefined, name),
  );
}

function segmentOf(id: unknown, name: string): string {
  const text = typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : id;
  if (typeof text !== 'string' || text.trim() === '') {
    throw invalid(name, `"${name}" must be an id: a string that is not empty`);
  }
  // A URL would be shortened by them: another thing would be asked for.
  if (text === '.' || text === '..') throw invalid(name, `"${name}" must be an id, not "${text}"`);
  try {
    return encodeURIComponent(text);
  } catch {
    throw invalid(name, `"${name}" holds half of a character: was it cut?`);
  }
}

/** The query of a URL, with its question mark; empty without a value. @throws ValidationError for a number that is none. */
export function searchOf(query: PlatformRequest['query']): string {
  if (query === undefined) return '';
  for (const [name, value] of Object.entries(query)) checkNumber(value, name);
  return encodeQuery(query);
}

/** A body as JSON. @throws ValidationError for what JSON cannot say: `NaN` would travel as `null`, without a word. */
export function jsonOf(body: unknown): string {
  let text: string | undefined;
  let wrong: { readonly name: string; readonly value: unknown } | undefined;
  try {
    text = JSON.stringify(body, (name, value: unknown) => {
      if (typeof value === 'number' && !Number.isFinite(value)) wrong ??= { name, value };
      return value;
    });
  } catch {
    // A circle or a BigInt; the engine's message may quote the value.
  }
  if (wrong !== undefined) checkNumber(wrong.value, wrong.name);
  if (text === undefined) throw invalid('body', 'the body cannot be written as JSON (a circle, a BigInt?)');
  return text;
}

function checkNumber(value: unknown, name: string): void {
  if (typeof value !== 'number' || Number.isFinite(value)) return;
  throw invalid(name, `"${name}" must be a number, not ${value}`);
}

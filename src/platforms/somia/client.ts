import type { Clock } from '../../clock/index.js';
import {
  checkApiKey,
  checkOptionNames,
  given,
  invalid,
  type RequestHooks,
  readEnvironment,
} from '../../http/index.js';
import { PlatformTransport } from '../shared/platform-transport.js';
import { SomiaDialect } from './dialect.js';
import { SomiaSessions } from './sessions.js';

/** Options of {@link SomiaClient}. */
export interface SomiaClientOptions {
  /** Default: `SOMIA_API_KEY`. */
  apiKey?: string | undefined;
  /**
   * The host alone, or with `/api` at the end of its path. Default: `SOMIA_BASE_URL`, else
   * `https://platform.somiasolutions.com/api`.
   */
  baseUrl?: string | undefined;
  /** The header that carries the key. Default `x-api-key`. */
  apiKeyHeader?: string | undefined;
  /** How long nothing may come, in milliseconds: of an answer, and of a stream. Default 60,000; 0 means no limit. */
  timeoutMs?: number | undefined;
  /** How often a call is made again after a 429, a 502, a 503, or when Somia could not be reached. Default 2. */
  maxRetries?: number | undefined;
  /** In place of the global `fetch`. */
  fetch?: typeof fetch | undefined;
  hooks?: RequestHooks | undefined;
  /** Time itself, for tests. */
  clock?: Clock | undefined;
}

const DEFAULT_BASE_URL = 'https://platform.somiasolutions.com/api';
const DEFAULT_HEADER = 'x-api-key';
const OPTION_NAMES: readonly string[] = [
  'apiKey',
  'baseUrl',
  'apiKeyHeader',
  'timeoutMs',
  'maxRetries',
  'fetch',
  'hooks',
  'clock',
];
/** Headers that have another meaning. */
const TAKEN: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'accept',
  'connection',
  'content-length',
  'content-type',
  'host',
  'transfer-encoding',
  'user-agent',
]);

/**
 * The client of Somia: sessions with agents. Names and fields are those of the official SDK.
 *
 * **Most names of fields are assumed**, because no public source states them: see `extraBody` of a call.
 *
 * @example
 * const client = new SomiaClient(); // the key comes from SOMIA_API_KEY
 * const { message, session_id } = await client.sessions.run(7, { input_data: 'Hello' });
 */
export class SomiaClient {
  readonly sessions: SomiaSessions;
  readonly #transport: PlatformTransport;

  /** @throws ValidationError when there is no key, or an option is unknown or cannot be. */
  constructor(asked: SomiaClientOptions = {}) {
    checkOptionNames(asked, OPTION_NAMES, 'SomiaClient option');
    const { apiKey, baseUrl, apiKeyHeader = DEFAULT_HEADER, ...transport } = given(asked);
    const key = apiKey ?? readEnvironment('SOMIA_API_KEY');
    if (key === undefined) throw invalid('apiKey', 'Somia needs a key: pass "apiKey", or set SOMIA_API_KEY');
    checkHeaderName(apiKeyHeader);
    const dialect = new SomiaDialect(checkApiKey(key), apiKeyHeader);
    this.#transport = new PlatformTransport(dialect, {
      ...transport,
      baseUrl: baseUrl ?? readEnvironment('SOMIA_BASE_URL') ?? DEFAULT_BASE_URL,
    });
    this.sessions = new SomiaSessions(dialect, this.#transport);
  }

  /** Where requests go, without a slash at its end. */
  get baseUrl(): string {
    return this.#transport.baseUrl;
  }

  /** Ends what runs, with an `AbortedError`; later calls are refused. */
  close(): void {
    this.#transport.close();
  }

  /** What `util.inspect` and `JSON.stringify` show. The key is in no field. */
  toJSON(): { baseUrl: string } {
    return { baseUrl: this.baseUrl };
  }
}

function checkHeaderName(name: unknown): void {
  if (typeof name !== 'string' || !/^[\w-]+$/.test(name)) {
    throw invalid('apiKeyHeader', '"apiKeyHeader" must be the name of a header, such as "x-api-key"');
  }
  if (TAKEN.has(name.toLowerCase())) {
    throw invalid('apiKeyHeader', `"apiKeyHeader" must be a header of its own: "${name}" is taken`);
  }
}

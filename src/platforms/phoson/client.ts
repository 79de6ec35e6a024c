import type { Clock } from '../../clock/index.js';
import { checkApiKey, checkOptionNames, given, type RequestHooks } from '../../http/index.js';
import { PlatformTransport } from '../shared/platform-transport.js';
import { PhosonAgents } from './agents.js';
import { PhosonApi } from './api.js';
import { PhosonConversations } from './conversations.js';
import { PhosonDialect } from './dialect.js';
import { PhosonMessages } from './messages.js';
import { type PhosonRoutes, resolveRoutes } from './routes.js';

/** Options of {@link PhosonClient}. */
export interface PhosonClientOptions {
  /** `pk_...` */
  apiKey: string;
  /** Default `https://api.phoson.ai`. Its own path is kept, `/v1` for instance. */
  baseUrl?: string | undefined;
  /** In place of the paths that we assume; see {@link PhosonRoutes}. */
  routes?: Partial<PhosonRoutes> | undefined;
  /** How long nothing may come, in milliseconds: of an answer, and of a stream. Default 60,000; 0 means no limit. */
  timeoutMs?: number | undefined;
  /** How often a call that reads is made again after a failure of the network, a 429 or a 5xx. Default 2. */
  maxRetries?: number | undefined;
  /** In place of the global `fetch`. */
  fetch?: typeof fetch | undefined;
  hooks?: RequestHooks | undefined;
  /** Time itself, for tests. */
  clock?: Clock | undefined;
}

const DEFAULT_BASE_URL = 'https://api.phoson.ai';
const OPTION_NAMES: readonly string[] = [
  'apiKey',
  'baseUrl',
  'routes',
  'timeoutMs',
  'maxRetries',
  'fetch',
  'hooks',
  'clock',
];

/**
 * The client of Phoson: agents, conversations, messages. Names and fields are those of the official SDK.
 *
 * **Its paths are assumed**, because no public source states them: see {@link PhosonRoutes}, and try a call that reads first.
 *
 * @example
 * const client = new PhosonClient({ apiKey: process.env.PHOSON_API_KEY });
 * const agent = await client.agents.create({ name: 'Ada' });
 * const conversation = await client.conversations.create({ agent_id: agent.id });
 * const reply = await client.messages.send(conversation.id, 'Hello');
 */
export class PhosonClient {
  readonly agents: PhosonAgents;
  readonly conversations: PhosonConversations;
  readonly messages: PhosonMessages;
  readonly #transport: PlatformTransport;

  /** @throws ValidationError when an option is missing, unknown, or cannot be. */
  constructor(asked: PhosonClientOptions) {
    checkOptionNames(asked, OPTION_NAMES, 'PhosonClient option');
    const { apiKey, routes, baseUrl = DEFAULT_BASE_URL, ...transport } = given(asked);
    const dialect = new PhosonDialect(checkApiKey(apiKey));
    const table = resolveRoutes(routes);
    this.#transport = new PlatformTransport(dialect, { ...transport, baseUrl });
    const api = new PhosonApi(dialect, this.#transport, table);
    this.agents = new PhosonAgents(api);
    this.conversations = new PhosonConversations(api);
    this.messages = new PhosonMessages(api);
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

import { type ApiKeySource, checkFilled, checkOptionNames, given, invalid } from '../http/index.js';
import type { RealtimeOptions } from '../realtime/index.js';
import { AgentChatClient } from '../rest/index.js';

/** Options of {@link createAgentChatAdapter}. */
export interface AgentChatAdapterOptions {
  /** The agent, as a client that you have already. Default: one that is made of `apiKey` and `baseUrl`. */
  client?: AgentChatClient | undefined;
  /** The agent's key. Default: the environment variable `AGENTCHAT_API_KEY`. Not together with `client`. */
  apiKey?: ApiKeySource | undefined;
  /** Where the service is. Default: the environment variable `AGENTCHAT_BASE_URL`, else the service itself. Not together with `client`. */
  baseUrl?: string | undefined;
  /**
   * Options of the `RealtimeClient` that receives: `store` to remember across restarts, `replicas` for several processes,
   * `concurrency`, `onDeadLetter` and so on. Default: its own defaults.
   */
  realtime?: Omit<RealtimeOptions, 'client' | 'apiKey' | 'baseUrl' | 'deliverOwn'> | undefined;
  /**
   * What thread ids begin with: the name under which the adapter stands in `adapters` of `new Chat()`. Letters, digits, `-` and
   * `_`. Default `agentchat`. Two agents in one `Chat` need two names.
   */
  name?: string | undefined;
}

const NAMES: readonly (keyof AgentChatAdapterOptions)[] = ['client', 'apiKey', 'baseUrl', 'realtime', 'name'];
const CLIENT_METHODS = ['sendMessage', 'getMessages', 'getMe'] as const;
const NAME = /^[\w-]+$/;

/** What the options come to. */
export interface AdapterSettings {
  readonly name: string;
  readonly client: AgentChatClient;
  readonly realtime: RealtimeOptions;
}

/** @throws ValidationError that names the option which cannot be. */
export function adapterSettings(asked: AgentChatAdapterOptions): AdapterSettings {
  checkOptionNames(asked, NAMES, 'createAgentChatAdapter option');
  const { name = 'agentchat', realtime = {}, ...account } = given(asked);
  checkFilled(name, 'name');
  if (!NAME.test(name)) {
    throw invalid(
      'name',
      '"name" may hold letters, digits, "-" and "_": thread ids are cut at the first ":"',
    );
  }
  if (Object.hasOwn(realtime, 'deliverOwn')) {
    throw invalid('deliverOwn', 'a bot must not answer itself: leave "deliverOwn" out of "realtime"');
  }
  const client = clientOf(account);
  return { name, client, realtime: { ...realtime, client } };
}

function clientOf({
  client,
  ...account
}: Omit<AgentChatAdapterOptions, 'name' | 'realtime'>): AgentChatClient {
  if (client === undefined) return new AgentChatClient(account);
  for (const name of Object.keys(account)) {
    throw invalid(name, `"${name}" is that of the client: leave it out, or leave out "client"`);
  }
  for (const method of CLIENT_METHODS) {
    if (typeof client[method] === 'function') continue;
    throw invalid('client', `"client" must be an AgentChatClient; it has no ${method}()`);
  }
  return client;
}

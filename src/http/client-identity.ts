import type { Open } from '../wire/index.js';

/** The names that the service knows in its statistics. They belong to the official packages: give a name of your own. */
export type AgentChatClientKind = Open<
  'typescript_sdk' | 'python_sdk' | 'openclaw' | 'mcp' | 'coding_agents' | 'hermes'
>;

/** How a program built on this package names itself to the service, for its statistics. */
export interface ClientIdentity {
  /** A name of your own, without spaces, such as `weather-bot`. */
  name: AgentChatClientKind;
  version?: string | undefined;
}

/** The official SDK's name for {@link ClientIdentity}. */
export type AgentChatClientIdentity = ClientIdentity;

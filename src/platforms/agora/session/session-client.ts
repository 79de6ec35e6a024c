import type { Agents } from '../operations/agents.js';
import type { TokenScope } from '../operations/token-scope.js';

/** What a session needs of an `AgentClient`. */
export interface SessionClient {
  agentsIn(scope: TokenScope): Agents;
  generateConvoAiToken(options: { channelName: string; account: string; tokenExpire: number }): string;
}

import { checkFilled, checkOptionNames, invalid } from '../../http/index.js';
import { defined } from '../shared/defined.js';
import type { PlatformCallOptions } from '../shared/request.js';
import type { PhosonApi } from './api.js';
import type { PhosonAgent, PhosonMemoryType } from './records.js';

export interface PhosonAgentFields {
  name: string;
  description?: string | undefined;
  /** Default `persistent`. */
  memory_type?: PhosonMemoryType | undefined;
}

export interface PhosonAgentChanges {
  name?: string | undefined;
  description?: string | undefined;
}

const CREATE: readonly string[] = ['name', 'description', 'memory_type'];
const UPDATE: readonly string[] = ['name', 'description'];

/** The agents of the account: `client.agents`. */
export class PhosonAgents {
  readonly #api: PhosonApi;

  constructor(api: PhosonApi) {
    this.#api = api;
  }

  /** @throws ValidationError without a name; PhosonApiError. */
  async create(fields: PhosonAgentFields, options?: PlatformCallOptions): Promise<PhosonAgent> {
    checkOptionNames(fields, CREATE, 'field of an agent');
    checkFilled(fields.name, 'name');
    const body = { memory_type: 'persistent', ...defined(fields) };
    return this.#api.ask('agents.create', { body }, options, (reader, data) => reader.agent(data));
  }

  /** All of them: there are no pages. */
  async list(options?: PlatformCallOptions): Promise<PhosonAgent[]> {
    return this.#api.ask('agents.list', {}, options, (reader, data) => reader.list<PhosonAgent>(data));
  }

  /** @throws PhosonApiError of kind `not_found` when there is no such agent. */
  async get(agentId: string, options?: PlatformCallOptions): Promise<PhosonAgent> {
    const ids = { agent_id: agentId };
    return this.#api.ask('agents.get', { ids }, options, (reader, data) => reader.agent(data));
  }

  /** Changes what is given. */
  async update(
    agentId: string,
    changes: PhosonAgentChanges,
    options?: PlatformCallOptions,
  ): Promise<PhosonAgent> {
    checkOptionNames(changes, UPDATE, 'field of an agent');
    const body = defined(changes);
    if (Object.keys(body).length === 0) throw invalid('changes', 'pass "name" or "description", or both');
    const input = { ids: { agent_id: agentId }, body };
    return this.#api.ask('agents.update', input, options, (reader, data) => reader.agent(data));
  }

  async delete(agentId: string, options?: PlatformCallOptions): Promise<void> {
    await this.#api.ask('agents.delete', { ids: { agent_id: agentId } }, options, () => {});
  }

  /** Lets the agent use the tools of an MCP server. @returns What the platform answers. */
  async attachMcp(agentId: string, mcpId: string, options?: PlatformCallOptions): Promise<unknown> {
    const ids = { agent_id: agentId, mcp_id: mcpId };
    return this.#api.ask('agents.attachMcp', { ids }, options, (_, data) => data);
  }

  async detachMcp(agentId: string, mcpId: string, options?: PlatformCallOptions): Promise<void> {
    const ids = { agent_id: agentId, mcp_id: mcpId };
    await this.#api.ask('agents.detachMcp', { ids }, options, () => {});
  }
}

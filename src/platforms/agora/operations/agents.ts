import type { Dialect } from '../../shared/dialect.js';
import { Pager } from '../../shared/pager.js';
import type { PlatformCallOptions } from '../../shared/request.js';
import { type AgentPage, agentPageOf } from './agent-page.js';
import { type OperationCaller, RawAgents } from './raw-agents.js';
import type { AgentHistory, AgentInfo, AgentTurns, ListedAgent, SpokenTo, StartedAgent } from './records.js';
import { fieldsOf, LIST } from './request-fields.js';
import type {
  ListRequest,
  OfProject,
  SpeakRequest,
  StartRequest,
  ThinkRequest,
  TurnsRequest,
  UpdateRequest,
} from './requests.js';
import type { TokenScope } from './token-scope.js';

/**
 * The operations of the platform, fields as on the wire. An operation's object may name another app (`appid`) than the client's.
 *
 * Every method throws {@link ApiError} for what the platform refuses, `ValidationError` before anything is sent, and
 * `AbortedError` when its signal fires.
 *
 * @example
 * for await (const { agent_id, status } of client.agents.list({ channel: 'support' })) console.log(agent_id, status);
 */
export class Agents {
  /** The same operations with the whole answer: `data`, `status`, `headers`, `requestId`. */
  readonly withRawResponse: RawAgents;
  readonly #dialect: Dialect;

  /** @param scope Of a session: its channel and account are in the tokens of its requests. */
  constructor(caller: OperationCaller, dialect: Dialect, scope?: TokenScope) {
    this.withRawResponse = new RawAgents(caller, scope);
    this.#dialect = dialect;
  }

  /**
   * Starts an agent in a channel. Made again only after 429, 503 and a refused connection; a second start under the same name
   * would be refused with 409.
   */
  async start(request: StartRequest, options?: PlatformCallOptions): Promise<StartedAgent> {
    return (await this.withRawResponse.start(request, options)).data;
  }

  /** Has an agent leave. One that has left already is a 404: `client.stopAgent(id)` takes that for success. */
  async stop(agentId: string, request?: OfProject, options?: PlatformCallOptions): Promise<void> {
    await this.withRawResponse.stop(agentId, request, options);
  }

  /**
   * Agents, those that run by default, page by page as they are needed. Nothing is asked for before the loop begins.
   *
   * @example
   * for await (const page of client.agents.list({ limit: 50 }).pages()) console.log(page.items, page.response.headers);
   */
  list(request: ListRequest = {}, options?: PlatformCallOptions): Pager<ListedAgent, AgentPage> {
    fieldsOf('agents.list', request, LIST);
    return new Pager(this.#dialect, 'agents.list', async (cursor) => {
      const asked = cursor === undefined ? request : { ...request, cursor };
      return agentPageOf(await this.withRawResponse.list(asked, options));
    });
  }

  /** What an agent does. */
  async get(agentId: string, request?: OfProject, options?: PlatformCallOptions): Promise<AgentInfo> {
    return (await this.withRawResponse.get(agentId, request, options)).data;
  }

  /** What was said. Only while the agent runs. */
  async getHistory(
    agentId: string,
    request?: OfProject,
    options?: PlatformCallOptions,
  ): Promise<AgentHistory> {
    const { data } = await this.withRawResponse.getHistory(agentId, request, options);
    return { ...data, contents: data?.contents ?? [] };
  }

  /** Gives an agent another token, or other parameters of its model. `params` replaces all of them. */
  async update(
    agentId: string,
    request: UpdateRequest,
    options?: PlatformCallOptions,
  ): Promise<StartedAgent> {
    return (await this.withRawResponse.update(agentId, request, options)).data;
  }

  /** Has an agent say something: at most 512 bytes. */
  async speak(agentId: string, request: SpeakRequest, options?: PlatformCallOptions): Promise<SpokenTo> {
    return (await this.withRawResponse.speak(agentId, request, options)).data;
  }

  /** Has an agent stop speaking and thinking. */
  async interrupt(agentId: string, request?: OfProject, options?: PlatformCallOptions): Promise<SpokenTo> {
    return (await this.withRawResponse.interrupt(agentId, request, options)).data;
  }

  /** Gives a text to an agent's model, as if somebody had said it. */
  async think(agentId: string, request: ThinkRequest, options?: PlatformCallOptions): Promise<SpokenTo> {
    return (await this.withRawResponse.think(agentId, request, options)).data;
  }

  /** One page of what was said, turn by turn. */
  async getTurns(
    agentId: string,
    request?: TurnsRequest,
    options?: PlatformCallOptions,
  ): Promise<AgentTurns> {
    return (await this.withRawResponse.getTurns(agentId, request, options)).data;
  }
}

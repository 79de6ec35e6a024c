import type { PlatformAnswer } from '../../shared/platform-call.js';
import { type PlatformCallOptions, pathOf } from '../../shared/request.js';
import type { AgentHistory, AgentInfo, AgentList, AgentTurns, SpokenTo, StartedAgent } from './records.js';
import {
  type FieldRules,
  fieldsOf,
  LIST,
  NONE,
  SPEAK,
  START,
  THINK,
  TURNS,
  UPDATE,
} from './request-fields.js';
import type {
  ListRequest,
  OfProject,
  SpeakRequest,
  StartRequest,
  ThinkRequest,
  TurnsRequest,
  UpdateRequest,
} from './requests.js';
import { secretsIn } from './secrets-in.js';
import type { AgoraRequest, TokenScope } from './token-scope.js';

/** What the operations need of a client. */
export interface OperationCaller {
  readonly appId: string;
  request<T>(request: AgoraRequest, options: PlatformCallOptions | undefined): Promise<PlatformAnswer<T>>;
}

/** One operation of the reference. */
interface Operation {
  readonly label: string;
  readonly method: 'GET' | 'POST';
  /** Below the project. */
  readonly path: string;
  readonly fields: FieldRules;
  readonly needed?: readonly string[] | undefined;
  /** What is sent as the body although there are no fields. */
  readonly body?: object | undefined;
}

const OF_AGENT = '/agents/{agent_id}';
const START_AGENT: Operation = {
  label: 'agents.start',
  method: 'POST',
  path: '/join',
  fields: START,
  needed: ['name', 'properties'],
};
const STOP: Operation = { label: 'agents.stop', method: 'POST', path: `${OF_AGENT}/leave`, fields: NONE };
const LIST_AGENTS: Operation = { label: 'agents.list', method: 'GET', path: '/agents', fields: LIST };
const GET: Operation = { label: 'agents.get', method: 'GET', path: OF_AGENT, fields: NONE };
const HISTORY: Operation = {
  label: 'agents.getHistory',
  method: 'GET',
  path: `${OF_AGENT}/history`,
  fields: NONE,
};
const UPDATE_AGENT: Operation = {
  label: 'agents.update',
  method: 'POST',
  path: `${OF_AGENT}/update`,
  fields: UPDATE,
  needed: ['properties'],
};
const SPEAK_TEXT: Operation = {
  label: 'agents.speak',
  method: 'POST',
  path: `${OF_AGENT}/speak`,
  fields: SPEAK,
  needed: ['text'],
};
const INTERRUPT: Operation = {
  label: 'agents.interrupt',
  method: 'POST',
  path: `${OF_AGENT}/interrupt`,
  fields: NONE,
  body: {},
};
const THINK_TEXT: Operation = {
  label: 'agents.think',
  method: 'POST',
  path: `${OF_AGENT}/think`,
  fields: THINK,
  needed: ['text'],
};
const GET_TURNS: Operation = {
  label: 'agents.getTurns',
  method: 'GET',
  path: `${OF_AGENT}/turns`,
  fields: TURNS,
};

/** The account of tokens for requests that belong to no agent. */
const NO_AGENT = '0';

/**
 * The operations with the whole answer: `data`, `status`, `headers`, `requestId`. Each is described at the method of the same
 * name of {@link Agents}.
 */
export class RawAgents {
  readonly #caller: OperationCaller;
  readonly #scope: TokenScope | undefined;

  /** @param scope Of a session; without it tokens are made for the channel `stop`, as the platform's own packages do. */
  constructor(caller: OperationCaller, scope?: TokenScope) {
    this.#caller = caller;
    this.#scope = scope;
  }

  /** See `agents.start`. */
  start(request: StartRequest, options?: PlatformCallOptions): Promise<PlatformAnswer<StartedAgent>> {
    return this.#call(START_AGENT, undefined, request, options);
  }

  /** See `agents.stop`. */
  stop(
    agentId: string,
    request?: OfProject,
    options?: PlatformCallOptions,
  ): Promise<PlatformAnswer<unknown>> {
    return this.#call(STOP, agentId, request, options);
  }

  /** One page. See `agents.list`. */
  list(request?: ListRequest, options?: PlatformCallOptions): Promise<PlatformAnswer<AgentList>> {
    return this.#call(LIST_AGENTS, undefined, request, options);
  }

  /** See `agents.get`. */
  get(
    agentId: string,
    request?: OfProject,
    options?: PlatformCallOptions,
  ): Promise<PlatformAnswer<AgentInfo>> {
    return this.#call(GET, agentId, request, options);
  }

  /** See `agents.getHistory`. */
  getHistory(
    agentId: string,
    request?: OfProject,
    options?: PlatformCallOptions,
  ): Promise<PlatformAnswer<AgentHistory>> {
    return this.#call(HISTORY, agentId, request, options);
  }

  /** See `agents.update`. */
  update(
    agentId: string,
    request: UpdateRequest,
    options?: PlatformCallOptions,
  ): Promise<PlatformAnswer<StartedAgent>> {
    return this.#call(UPDATE_AGENT, agentId, request, options);
  }

  /** See `agents.speak`. */
  speak(
    agentId: string,
    request: SpeakRequest,
    options?: PlatformCallOptions,
  ): Promise<PlatformAnswer<SpokenTo>> {
    return this.#call(SPEAK_TEXT, agentId, request, options);
  }

  /** See `agents.interrupt`. */
  interrupt(
    agentId: string,
    request?: OfProject,
    options?: PlatformCallOptions,
  ): Promise<PlatformAnswer<SpokenTo>> {
    return this.#call(INTERRUPT, agentId, request, options);
  }

  /** See `agents.think`. */
  think(
    agentId: string,
    request: ThinkRequest,
    options?: PlatformCallOptions,
  ): Promise<PlatformAnswer<SpokenTo>> {
    return this.#call(THINK_TEXT, agentId, request, options);
  }

  /** See `agents.getTurns`. */
  getTurns(
    agentId: string,
    request?: TurnsRequest,
    options?: PlatformCallOptions,
  ): Promise<PlatformAnswer<AgentTurns>> {
    return this.#call(GET_TURNS, agentId, request, options);
  }

  async #call<T>(
    { label, method, path, fields: rules, needed, body }: Operation,
    agentId: string | undefined,
    asked: OfProject = {},
    options: PlatformCallOptions | undefined,
  ): Promise<PlatformAnswer<T>> {
    const fields = fieldsOf(label, asked, rules, needed);
    const { appid = this.#caller.appId } = asked;
    const sent = Object.keys(rules).length > 0 ? fields : body;
    const request: AgoraRequest = {
      label,
      method,
      path: pathOf(`/v2/projects/{appid}${path}`, { appid, agent_id: agentId ?? '' }),
      ...(method === 'GET'
        ? { query: fields as Record<string, string | number> }
        : { body: sent, secrets: secretsIn(sent) }),
      tokenScope: this.#scope ?? { channel: 'stop', account: agentId ?? NO_AGENT },
    };
    return await this.#caller.request<T>(request, options);
  }
}

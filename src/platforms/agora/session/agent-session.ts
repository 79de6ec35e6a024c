import { listenerFailed, writeError } from '../../../errors/index.js';
import { invalid } from '../../../http/index.js';
import type { PlatformCallOptions } from '../../shared/request.js';
import { ApiError } from '../client/api-error.js';
import type { Agents } from '../operations/agents.js';
import type { AgentHistory, AgentInfo, AgentTurns, SpokenTo, StartedAgent } from '../operations/records.js';
import type { SpeakRequest, ThinkRequest, TurnsRequest, UpdateRequest } from '../operations/requests.js';
import type { AgentParts } from './agent-parts.js';
import type { SessionClient } from './session-client.js';
import { placeOf, type SessionOptions, type SessionPlace } from './session-options.js';
import { startPropertiesOf, type TokenlessProperties } from './start-properties.js';

/** Where a session stands. `error`: its last start or stop failed. */
export type SessionState = 'idle' | 'starting' | 'running' | 'stopping' | 'stopped' | 'error';

/** What a session tells of itself. */
export interface SessionEventMap {
  started: { readonly agent_id: string };
  stopped: { readonly agent_id: string };
  /** What `start()` or `stop()` failed with. Their caller gets it too. */
  error: Error;
}

type Handlers = { readonly [Name in keyof SessionEventMap]: Set<(event: SessionEventMap[Name]) => unknown> };

const MAY_START: readonly SessionState[] = ['idle', 'stopped', 'error'];

/**
 * One agent in one channel, from `start()` to `stop()`. It may be started again afterwards, as another agent. Made by
 * `agent.createSession()`.
 */
export class AgentSession {
  readonly channel: string;
  readonly agentUid: string;
  readonly #client: SessionClient;
  readonly #agents: Agents;
  readonly #name: string | undefined;
  readonly #place: SessionPlace;
  readonly #properties: TokenlessProperties;
  readonly #handlers: Handlers = { started: new Set(), stopped: new Set(), error: new Set() };
  #state: SessionState = 'idle';
  #agentId: string | null = null;

  /** @throws ValidationError when an agent of these parts cannot speak there. */
  constructor(client: SessionClient, parts: AgentParts, options: SessionOptions) {
    this.#place = placeOf(options);
    this.#properties = startPropertiesOf(parts, this.#place);
    const { channel, agentUid, name } = this.#place;
    this.channel = channel;
    this.agentUid = agentUid;
    this.#name = name ?? parts.name;
    this.#client = client;
    this.#agents = client.agentsIn({ channel, account: agentUid });
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The platform's id of the agent; `null` before the first start. */
  get agentId(): string | null {
    return this.#agentId;
  }

  /** Calls `handler` when it happens. One that throws disturbs nobody. @returns Takes it away again. */
  on<Name extends keyof SessionEventMap>(
    name: Name,
    handler: (event: SessionEventMap[Name]) => unknown,
  ): () => void {
    const handlers = this.#handlers[name];
    if (handlers === undefined || typeof handler !== 'function') {
      throw invalid('on', 'on() takes "started", "stopped" or "error", and a function');
    }
    handlers.add(handler);
    return () => void handlers.delete(handler);
  }

  /**
   * Starts the agent, with a fresh token unless one was given.
   *
   * @returns The platform's id of the agent.
   * @throws ValidationError while it runs, and when a token would have to be made without a certificate; ApiError, of which
   * `outcome: 'unknown'` means that the agent may speak all the same.
   */
  async start(options?: PlatformCallOptions): Promise<string> {
    if (!MAY_START.includes(this.#state)) {
      throw invalid('state', `The session is ${this.#state}: stop it before you start it again`);
    }
    this.#state = 'starting';
    return this.#settle(async () => {
      const { channel, agentUid: account, expiresIn: tokenExpire } = this.#place;
      const token =
        this.#place.token ??
        this.#client.generateConvoAiToken({ channelName: channel, account, tokenExpire });
      const name = this.#name ?? `agent-${Math.floor(Date.now() / 1000)}`;
      const properties = { ...structuredClone(this.#properties), token };
      const started = await this.#agents.start({ name, properties }, options);
      const agentId = idOf(started);
      this.#agentId = agentId;
      this.#state = 'running';
      this.#emit('started', { agent_id: agentId });
      return agentId;
    });
  }

  /**
   * Has the agent leave. One that has left by itself counts as stopped.
   *
   * @throws ValidationError unless it runs; ApiError, after which `client.stopAgent(session.agentId)` may be tried.
   */
  async stop(options?: PlatformCallOptions): Promise<void> {
    const agentId = this.#running('stop()');
    this.#state = 'stopping';
    await this.#settle(async () => {
      try {
        await this.#agents.stop(agentId, {}, options);
      } catch (error) {
        if (!(error instanceof ApiError && error.kind === 'not_found')) throw error;
      }
      this.#state = 'stopped';
      this.#emit('stopped', { agent_id: agentId });
    });
  }

  /** Has the agent say something: at most 512 bytes. @throws ValidationError unless it runs. */
  async say(
    text: string,
    how: Omit<SpeakRequest, 'text' | 'appid'> = {},
    options?: PlatformCallOptions,
  ): Promise<SpokenTo> {
    return this.#agents.speak(this.#running('say()'), { ...how, text }, options);
  }

  /** Has the agent stop speaking. @throws ValidationError unless it runs. */
  async interrupt(options?: PlatformCallOptions): Promise<SpokenTo> {
    return this.#agents.interrupt(this.#running('interrupt()'), {}, options);
  }

  /** Gives a text to the agent's model, as if somebody had said it. @throws ValidationError unless it runs. */
  async think(
    text: string,
    how: Omit<ThinkRequest, 'text' | 'appid'> = {},
    options?: PlatformCallOptions,
  ): Promise<SpokenTo> {
    return this.#agents.think(this.#running('think()'), { ...how, text }, options);
  }

  /** Gives the agent another token, or other parameters of its model. @throws ValidationError unless it runs. */
  async update(
    properties: UpdateRequest['properties'],
    options?: PlatformCallOptions,
  ): Promise<StartedAgent> {
    return this.#agents.update(this.#running('update()'), { properties }, options);
  }

  /** What was said. @throws ValidationError unless it runs. */
  async getHistory(options?: PlatformCallOptions): Promise<AgentHistory> {
    return this.#agents.getHistory(this.#running('getHistory()'), {}, options);
  }

  /** What the platform says of the agent. @throws ValidationError before the first start. */
  async getInfo(options?: PlatformCallOptions): Promise<AgentInfo> {
    return this.#agents.get(this.#known('getInfo()'), {}, options);
  }

  /** What was said, turn by turn. @throws ValidationError before the first start. */
  async getTurns(
    request: Omit<TurnsRequest, 'appid'> = {},
    options?: PlatformCallOptions,
  ): Promise<AgentTurns> {
    return this.#agents.getTurns(this.#known('getTurns()'), request, options);
  }

  /** What `JSON.stringify` shows: no token and no key. */
  toJSON(): { state: SessionState; agentId: string | null; channel: string; agentUid: string } {
    return { state: this.#state, agentId: this.#agentId, channel: this.channel, agentUid: this.agentUid };
  }

  /** A start or a stop. What it fails with is told, and thrown. */
  async #settle<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#state = 'error';
      this.#emit('error', error as Error);
      throw error;
    }
  }

  #running(what: string): string {
    if (this.#state === 'running' && this.#agentId !== null) return this.#agentId;
    throw invalid(
      'state',
      `The session is ${this.#state}: ${what} needs one that runs. Await start() first.`,
    );
  }

  #known(what: string): string {
    if (this.#agentId !== null) return this.#agentId;
    throw invalid('state', `The session was not started yet: await start() before ${what}`);
  }

  #emit<Name extends keyof SessionEventMap>(name: Name, event: SessionEventMap[Name]): void {
    for (const handler of [...this.#handlers[name]]) {
      void (async () => handler(event))().catch((cause: unknown) =>
        writeError(listenerFailed(`listener of "${name}"`, cause)),
      );
    }
  }
}

/** @throws ApiError when the platform gave no id: the agent could not be told to leave. */
function idOf(started: StartedAgent | undefined): string {
  const id: unknown = started?.agent_id;
  if (typeof id === 'string' && id !== '') return id;
  throw new ApiError({
    platform: 'agora',
    kind: 'protocol',
    message: 'agents.start was answered without an "agent_id". Check "baseUrl".',
    outcome: 'unknown',
  });
}

import type { Clock } from '../../../clock/index.js';
import { checkFilled, checkOptionNames, given, type RequestHooks } from '../../../http/index.js';
import { PlatformTransport } from '../../shared/platform-transport.js';
import type { PlatformCallOptions } from '../../shared/request.js';
import { Agents } from '../operations/agents.js';
import type { TokenScope } from '../operations/token-scope.js';
import { checkAppCertificate, checkAppId } from '../token/credentials.js';
import {
  type ConvoAiTokenOptions,
  generateConvoAiToken,
  generateRtcToken,
  type RtcTokenOptions,
} from '../token/tokens.js';
import { AgoraDialect } from './agora-dialect.js';
import { ApiError } from './api-error.js';
import { type Area, basesOf } from './area.js';
import { type AuthorizationOptions, authorizationOf } from './authorization.js';

/** Options of {@link AgentClient}. */
export interface AgentClientOptions extends AuthorizationOptions {
  /** Where requests go. Needed unless `baseUrl` is given. */
  readonly area?: Area | undefined;
  /** 32 hex digits. */
  readonly appId: string;
  /** In place of the hosts of the area. Its own path is kept. */
  readonly baseUrl?: string | undefined;
  /** How long a call may stay without an answer, in milliseconds. Default 60,000; 0 means no limit. */
  readonly timeoutMs?: number | undefined;
  /** How often a call that may be repeated is made again. Default 2. */
  readonly maxRetries?: number | undefined;
  /** In place of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /** Told of requests, answers, failures and repeats. No key and no body reaches them. */
  readonly hooks?: RequestHooks | undefined;
  /** Replaces time and chance. For tests. */
  readonly clock?: Clock | undefined;
}

const NAMES: { readonly [Name in keyof AgentClientOptions]-?: true } = {
  area: true,
  appId: true,
  appCertificate: true,
  authToken: true,
  customerId: true,
  customerSecret: true,
  authorization: true,
  baseUrl: true,
  timeoutMs: true,
  maxRetries: true,
  fetch: true,
  hooks: true,
  clock: true,
};

/**
 * Conversational AI of Shengwang and Agora: voice agents in RTC channels.
 *
 * @example
 * const client = new AgentClient({ area: Area.CN, appId, appCertificate });
 * const session = agent.createSession(client, { channel: 'support-room-123', agentUid: '1', remoteUids: ['100'] });
 * await session.start();
 */
export class AgentClient {
  /** The operations, fields as on the wire. */
  readonly agents: Agents;
  readonly appId: string;
  // Truly private: no way of printing a client shows a certificate.
  readonly #appCertificate: string | undefined;
  readonly #dialect: AgoraDialect;
  readonly #hosts: readonly [PlatformTransport, ...PlatformTransport[]];
  #host = 0;

  /** @throws ValidationError that names the option that is wrong. */
  constructor(asked: AgentClientOptions) {
    const options = given(asked);
    checkOptionNames(options, Object.keys(NAMES), 'AgentClient option');
    const { area, appId, appCertificate, baseUrl, timeoutMs, maxRetries, fetch, hooks, clock } = options;
    checkAppId(appId);
    if (appCertificate !== undefined) checkAppCertificate(appCertificate);
    this.appId = appId;
    this.#appCertificate = appCertificate;
    this.#dialect = new AgoraDialect(authorizationOf(appId, options));
    const bases = baseUrl === undefined ? basesOf(area as Area) : ([baseUrl] as const);
    const hosts = bases.map(
      (base) =>
        new PlatformTransport(this.#dialect, { baseUrl: base, timeoutMs, maxRetries, fetch, hooks, clock }),
    );
    this.#hosts = hosts as [PlatformTransport, ...PlatformTransport[]];
    this.agents = new Agents(this.#caller, this.#dialect);
  }

  /** Where requests go now. */
  get baseUrl(): string {
    return this.#transport.baseUrl;
  }

  /**
   * Goes to the next host of the area, for when one cannot be reached: first the other region, then the spare domain, then the
   * first again. An area with one host, and a `baseUrl`, stay.
   *
   * @returns Where requests go from now on.
   */
  nextRegion(): string {
    this.#host = (this.#host + 1) % this.#hosts.length;
    return this.baseUrl;
  }

  /**
   * The operations with tokens for a channel and an account, as a session's requests have them.
   *
   * @throws ValidationError when one of the two is empty.
   */
  agentsIn(scope: TokenScope): Agents {
    checkFilled(scope?.channel, 'channel');
    checkFilled(scope.account, 'account');
    return new Agents(this.#caller, this.#dialect, { ...scope });
  }

  /** Has an agent leave, without its session. One that has left already counts as stopped. */
  async stopAgent(agentId: string, options?: PlatformCallOptions): Promise<void> {
    try {
      await this.agents.stop(agentId, {}, options);
    } catch (error) {
      if (!(error instanceof ApiError && error.kind === 'not_found')) throw error;
    }
  }

  /** A token for an agent, of this client's app. @throws ValidationError without an `appCertificate`. */
  generateConvoAiToken(options: Omit<ConvoAiTokenOptions, 'appId' | 'appCertificate'>): string {
    return generateConvoAiToken({ ...options, ...this.#app });
  }

  /** A token for a person who joins a channel, of this client's app. @throws ValidationError without an `appCertificate`. */
  generateRtcToken(options: Omit<RtcTokenOptions, 'appId' | 'appCertificate'>): string {
    return generateRtcToken({ ...options, ...this.#app });
  }

  /** Ends what runs, with an `AbortedError`. Agents that speak go on. */
  close(): void {
    for (const host of this.#hosts) host.close();
  }

  /** What `JSON.stringify` shows: no secrets. */
  toJSON(): { appId: string; baseUrl: string } {
    return { appId: this.appId, baseUrl: this.baseUrl };
  }

  get #app(): { appId: string; appCertificate: string } {
    const appCertificate = this.#appCertificate;
    checkAppCertificate(appCertificate);
    return { appId: this.appId, appCertificate };
  }

  get #transport(): PlatformTransport {
    return this.#hosts[this.#host] ?? this.#hosts[0];
  }

  get #caller(): ConstructorParameters<typeof Agents>[0] {
    return {
      appId: this.appId,
      request: (request, options) => this.#transport.request(request, options),
    };
  }
}

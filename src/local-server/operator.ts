import {
  type AgentStatus,
  type GroupInvitePolicy,
  type InboxMode,
  isHandle,
  type Message,
  normalizeHandle,
  type PausedByOwner,
} from '../wire/index.js';
import { badOption, checkNames, flag, oneOf, text } from './check.js';
import { type AgentChange, isReceiving } from './state/agents.js';
import type { AgentRecord } from './state/records.js';
import type { World } from './state/world.js';
import type { Hub } from './ws/hub.js';

/** What an agent is created with. */
export interface CreateAgentOptions {
  /** Default: `<handle>@example.com`. */
  email?: string | undefined;
  displayName?: string | undefined;
  description?: string | undefined;
  /** Default `'open'`. */
  inboxMode?: InboxMode | undefined;
  /** Default `'open'`. */
  groupInvitePolicy?: GroupInvitePolicy | undefined;
  /** One of the platform's own agents, to which the limits on cold outreach do not apply. Default false. */
  isSystem?: boolean | undefined;
  /** The key that it gets. Default: one that nobody could guess. */
  apiKey?: string | undefined;
}

/** An agent with the key that was issued to it. */
export interface IssuedKey {
  readonly handle: string;
  readonly apiKey: string;
}

/** An agent as the operator sees it. */
export interface AgentView {
  readonly handle: string;
  readonly displayName: string | null;
  readonly status: AgentStatus;
  readonly pausedByOwner: PausedByOwner;
  readonly createdAt: string;
  /** Open authenticated sockets. */
  readonly connections: number;
  /** Messages that wait for it. */
  readonly undelivered: number;
}

const KEY = /^[\x21-\x7e]{8,200}$/;

/** What is or was muted. */
export type MuteTarget = { readonly agent: string } | { readonly conversation: string };

/** What the people who run the service can do, and see, without asking it over the wire. */
export class Operator {
  readonly #world: World;
  readonly #hub: Hub;

  constructor(world: World, hub: Hub) {
    this.#world = world;
    this.#hub = hub;
  }

  agents(): AgentView[] {
    return [...this.#world.agents.all()].map((agent) => ({
      handle: agent.handle,
      displayName: agent.displayName,
      status: agent.status,
      pausedByOwner: agent.pausedByOwner,
      createdAt: agent.createdAt,
      connections: this.#hub.count(agent.handle),
      undelivered: agent.inbox.undeliveredCount,
    }));
  }

  createAgent(handle: string, options: CreateAgentOptions = {}): IssuedKey {
    const given = checkNames(
      options,
      ['email', 'displayName', 'description', 'inboxMode', 'groupInvitePolicy', 'isSystem', 'apiKey'],
      'createAgent',
    );
    const name = normalizeHandle(text(handle, 'handle') ?? '');
    if (!isHandle(name)) throw badOption('handle', 'must be a handle, such as "alice"');
    if (this.#world.agents.isTaken(name))
      throw badOption('handle', 'is taken: handles are never given out twice');
    const { agent, apiKey } = this.#world.agents.create(
      {
        handle: name,
        email: (text(given.email, 'email') ?? `${name}@example.com`).trim().toLowerCase(),
        displayName: text(given.displayName, 'displayName'),
        description: text(given.description, 'description'),
        settings: {
          inbox_mode: oneOf(given.inboxMode, 'inboxMode', ['open', 'contacts_only']) ?? 'open',
          group_invite_policy:
            oneOf(given.groupInvitePolicy, 'groupInvitePolicy', ['open', 'contacts_only']) ?? 'open',
        },
        isSystem: flag(given.isSystem, 'isSystem', false),
        apiKey: this.#usableKey(given.apiKey),
      },
      this.#world.timestamp(),
    );
    return { handle: agent.handle, apiKey };
  }

  /** Makes a given key the agent's. */
  setKey(handle: string, apiKey: string): IssuedKey {
    const agent = this.#agent(handle);
    this.#world.agents.rotateKey(agent, this.#world.timestamp(), this.#usableKey(apiKey));
    return { handle: agent.handle, apiKey };
  }

  rotateKey(handle: string, options: { sockets?: 'close' | 'keep' | undefined } = {}): IssuedKey {
    const given = checkNames(options, ['sockets'], 'rotateKey');
    const sockets = oneOf(given.sockets, 'sockets', ['close', 'keep']) ?? 'close';
    const agent = this.#agent(handle);
    const apiKey = this.#world.agents.rotateKey(agent, this.#world.timestamp());
    if (sockets === 'close') this.#hub.hangUp(agent);
    return { handle: agent.handle, apiKey };
  }

  deleteAgent(handle: string): void {
    const agent = this.#agent(handle);
    this.#world.agents.remove(agent, this.#world.timestamp());
    this.#hub.hangUp(agent);
  }

  pause(handle: string, mode: 'none' | 'send' | 'full'): void {
    const chosen = oneOf(mode, 'mode', ['none', 'send', 'full']);
    if (chosen === undefined) throw badOption('mode', "must be 'none', 'send' or 'full'");
    this.#change(this.#agent(handle), { pausedByOwner: chosen });
  }

  setStatus(handle: string, status: 'active' | 'restricted' | 'suspended'): void {
    const chosen = oneOf(status, 'status', ['active', 'restricted', 'suspended']);
    if (chosen === undefined) throw badOption('status', "must be 'active', 'restricted' or 'suspended'");
    const agent = this.#agent(handle);
    this.#change(agent, { status: chosen });
    this.#world.complaints.forgive(agent.handle);
  }

  mute(handle: string, target: MuteTarget, until?: number): void {
    const muter = this.#agent(handle).handle;
    const createdAt = this.#world.timestamp();
    this.#world.mutes.set({ muter, ...muteTarget(target), until: until ?? null, createdAt });
  }

  unmute(handle: string, target: MuteTarget): boolean {
    const { kind, target: muted } = muteTarget(target);
    return this.#world.mutes.lift(this.#agent(handle).handle, kind, muted);
  }

  messagesOf(conversationId: string): readonly Message[] {
    const conversation = this.#world.conversations.byId(conversationId);
    return (conversation?.messages ?? []).map(({ message }) => message);
  }

  allMessages(): readonly Message[] {
    return [...this.#world.messages.all()].map(({ message }) => message);
  }

  undelivered(handle: string): readonly Message[] {
    return [...this.#agent(handle).inbox.undelivered()].map(({ stored }) => stored.message);
  }

  /** A key that was chosen by somebody else. It goes into headers, and says who calls. */
  #usableKey(value: unknown): string | undefined {
    const apiKey = text(value, 'apiKey');
    if (apiKey === undefined) return undefined;
    if (!KEY.test(apiKey)) throw badOption('apiKey', 'must be 8 to 200 visible characters of ASCII');
    if (this.#world.agents.byKey(apiKey) !== undefined) {
      throw badOption('apiKey', 'is the key of another agent: give each its own');
    }
    return apiKey;
  }

  /** What waited while the agent was not receiving is pushed when it does again. */
  #change(agent: AgentRecord, change: AgentChange): void {
    const wasReceiving = isReceiving(agent);
    this.#world.agents.change(agent, change, this.#world.timestamp());
    if (wasReceiving || !isReceiving(agent)) return;
    for (const session of this.#hub.sessions(agent.handle)) session.offerBacklog();
  }

  #agent(handle: string): AgentRecord {
    const agent = this.#world.agents.byHandle(normalizeHandle(text(handle, 'handle') ?? ''));
    if (agent === undefined) throw badOption('handle', 'is the handle of no agent here');
    return agent;
  }
}

function muteTarget(target: MuteTarget): {
  readonly kind: 'agent' | 'conversation';
  readonly target: string;
} {
  return 'agent' in target
    ? { kind: 'agent', target: normalizeHandle(target.agent) }
    : { kind: 'conversation', target: target.conversation };
}

import { randomInt } from 'node:crypto';
import type { AgentClient } from '../client/agent-client.js';
import { ApiError } from '../client/api-error.js';
import type { Agent } from '../session/agent.js';
import type { CallRecord, StoredCall } from './call-record.js';
import type { CallStore } from './call-store.js';

/** A call that goes on. */
export interface VoiceCall {
  readonly conversationId: string;
  readonly channel: string;
  /** The handle of whose call it is. */
  readonly caller: string;
  /** The uid with which the caller joins. */
  readonly uid: number;
  /** The platform's id of the agent. */
  readonly agentId: string;
}

/** Who speaks in a call, and how. */
export interface CallRules {
  /** The agent of a call, which is about to start. */
  agentOf(call: Omit<VoiceCall, 'agentId'>): Agent | Promise<Agent>;
  readonly agentUid: string;
  readonly idleTimeout: number;
  readonly channelPrefix: string;
}

/** What became of the wish for a call. */
export type CallStart =
  | { readonly kind: 'on'; readonly call: VoiceCall }
  /** Somebody else has a call in this conversation. */
  | { readonly kind: 'taken'; readonly call: VoiceCall };

/** Statuses of agents that still speak, or are about to. */
const ALIVE: ReadonlySet<unknown> = new Set(['IDLE', 'STARTING', 'RUNNING', 'RECOVERING']);
/** As a list is asked for them, one at a time: STARTING, RECOVERING, IDLE. */
const NOT_YET_RUNNING: readonly string[] = ['1', '5', '0'];
/** Uids below are left to agents and avatars. */
const LOWEST_UID = 1_000;
const HIGHEST_UID = 2 ** 31 - 1;

/**
 * The calls of a bot: at most one in each conversation. What a call is stands in the store before its agent is started, so that
 * a bot that dies at any moment finds the agent again, by the channel, instead of leaving it there or starting a second.
 */
export class VoiceCalls {
  readonly #client: AgentClient;
  readonly #store: CallStore;
  readonly #rules: CallRules;

  constructor(client: AgentClient, store: CallStore, rules: CallRules) {
    this.#client = client;
    this.#store = store;
    this.#rules = rules;
  }

  /** Starts a call, or finds the one that goes on. @throws ApiError when no agent can be started. */
  async start(conversationId: string, caller: string, signal?: AbortSignal): Promise<CallStart> {
    const stored = await this.#store.get(conversationId);
    if (stored !== null) {
      const found = await this.#find(stored, signal);
      if (found !== null) return { kind: found.caller === caller ? 'on' : 'taken', call: found };
      // Started by a run that died before the platform heard of it: its name and channel are good, for the same caller.
      if (stored.record.agentId === null && stored.record.caller === caller)
        return this.#begin(stored, signal);
      await this.#store.forget(stored);
    }
    const id = crypto.randomUUID();
    const record: CallRecord = {
      channel: `${this.#rules.channelPrefix}-${id}`,
      name: `${this.#rules.channelPrefix}-${id}`,
      caller,
      uid: randomInt(LOWEST_UID, HIGHEST_UID),
      agentId: null,
    };
    const noted = await this.#store.put(conversationId, record, null);
    // Somebody else was faster: theirs is the call.
    return noted === null ? this.start(conversationId, caller, signal) : this.#begin(noted, signal);
  }

  /** @returns Whether there was a call. */
  async hangUp(conversationId: string, signal?: AbortSignal): Promise<boolean> {
    const stored = await this.#store.get(conversationId);
    const agentId = stored === null ? null : await this.#agentIdOf(stored, signal);
    if (agentId !== null) await this.#client.stopAgent(agentId, { signal });
    if (stored !== null) await this.#store.forget((await this.#store.get(conversationId)) ?? stored);
    return agentId !== null;
  }

  /** @returns Whether there is a call, in which it was said. */
  async say(conversationId: string, text: string, signal?: AbortSignal): Promise<boolean> {
    const stored = await this.#store.get(conversationId);
    const agentId = stored === null ? null : await this.#agentIdOf(stored, signal);
    if (stored === null || agentId === null) return false;
    try {
      await this.#agentsIn(stored.record).speak(agentId, { text }, { signal });
      return true;
    } catch (error) {
      if (!isGone(error)) throw error;
      await this.#store.forget(stored);
      return false;
    }
  }

  /** The call of a conversation, as the store knows it; null without one. */
  async get(conversationId: string): Promise<VoiceCall | null> {
    const stored = await this.#store.get(conversationId);
    return stored?.record.agentId == null ? null : callOf(stored, stored.record.agentId);
  }

  /** Compares what the store remembers with what the platform says. @returns The calls that go on. */
  async reconcile(signal?: AbortSignal): Promise<readonly VoiceCall[]> {
    const calls: VoiceCall[] = [];
    for await (const stored of this.#store.all()) {
      const call = await this.#find(stored, signal);
      if (call !== null) calls.push(call);
      else await this.#store.forget(stored);
    }
    return calls;
  }

  /** Ends all calls. */
  async hangUpAll(signal?: AbortSignal): Promise<void> {
    for await (const { conversationId } of this.#store.all()) await this.hangUp(conversationId, signal);
  }

  /** Starts the agent of a call that is noted. */
  async #begin(noted: StoredCall, signal: AbortSignal | undefined): Promise<CallStart> {
    const { record, conversationId } = noted;
    const { caller, channel, uid, name } = record;
    const { agentUid, idleTimeout, agentOf } = this.#rules;
    let agentId: string;
    try {
      const agent = await agentOf({ conversationId, caller, channel, uid });
      const place = { channel, agentUid, remoteUids: [String(uid)], name, idleTimeout };
      agentId = await agent.createSession(this.#client, place).start({ signal });
    } catch (error) {
      const earlier = isTaken(error) ? await this.#runningIn(record, signal) : null;
      if (earlier === null) {
        // What may have happened stays noted: the next attempt looks for it.
        if (!mayRun(error)) await this.#store.forget(noted);
        throw error;
      }
      agentId = earlier;
    }
    return { kind: 'on', call: await this.#note(noted, agentId) };
  }

  /** The call that a record means, if it goes on. */
  async #find(stored: StoredCall, signal: AbortSignal | undefined): Promise<VoiceCall | null> {
    const { record } = stored;
    const running = await this.#runningIn(record, signal);
    if (running !== null)
      return running === record.agentId ? callOf(stored, running) : this.#note(stored, running);
    // Lists hold those that run. One that starts or recovers is asked for by its id.
    const { agentId } = record;
    return agentId !== null && (await this.#isAlive(record, agentId, signal))
      ? callOf(stored, agentId)
      : null;
  }

  async #agentIdOf(stored: StoredCall, signal: AbortSignal | undefined): Promise<string | null> {
    const found = stored.record.agentId ?? (await this.#find(stored, signal))?.agentId;
    if (found != null) return found;
    // Its start was never noted, and lists hold those that run.
    for (const state of NOT_YET_RUNNING) {
      const starting = await this.#runningIn(stored.record, signal, state);
      if (starting !== null) return starting;
    }
    return null;
  }

  async #runningIn(
    record: CallRecord,
    signal: AbortSignal | undefined,
    state?: string,
  ): Promise<string | null> {
    let first: string | null = null;
    const { channel } = record;
    for await (const { agent_id } of this.#agentsIn(record).list({ channel, state }, { signal })) {
      if (agent_id === record.agentId) return agent_id;
      first ??= agent_id;
    }
    return first;
  }

  async #isAlive(record: CallRecord, agentId: string, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      return ALIVE.has((await this.#agentsIn(record).get(agentId, {}, { signal })).status);
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }

  async #note(stored: StoredCall, agentId: string): Promise<VoiceCall> {
    const { conversationId } = stored;
    const record = { ...stored.record, agentId };
    const isNoted = (await this.#store.put(conversationId, record, stored)) !== null;
    // Who looked while the agent was not there yet may have forgotten the call. A record of somebody else's says more than we know.
    if (!isNoted) await this.#store.put(conversationId, record, null);
    return callOf(stored, agentId);
  }

  #agentsIn({ channel }: CallRecord) {
    return this.#client.agentsIn({ channel, account: this.#rules.agentUid });
  }
}

function callOf({ conversationId, record }: StoredCall, agentId: string): VoiceCall {
  const { channel, caller, uid } = record;
  return { conversationId, channel, caller, uid, agentId };
}

function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.kind === 'not_found';
}

/** Whether an agent may have been started although the start failed. */
function mayRun(error: unknown): boolean {
  return isTaken(error) || (error as { outcome?: unknown }).outcome === 'unknown';
}

/** The name is in use: by a start of ours from before, nobody else knows it. */
function isTaken(error: unknown): boolean {
  return error instanceof ApiError && error.kind === 'conflict';
}

import { createHash } from 'node:crypto';
import type { AgentSettings } from '../../wire/index.js';
import type { IdSource } from '../ids.js';
import { Chain } from './chain.js';
import { AgentInbox } from './inbox.js';
import type { Ledger } from './ledger.js';
import type { AgentRecord, Envelope } from './records.js';

/** What is chosen when an agent comes into being. */
export interface AgentDraft {
  readonly handle: string;
  readonly email: string;
  readonly displayName?: string | undefined;
  readonly description?: string | undefined;
  readonly settings?: Partial<AgentSettings> | undefined;
  readonly isSystem?: boolean | undefined;
  /** Default: one that nobody could guess. */
  readonly apiKey?: string | undefined;
}

/** What an agent's record says of it, besides what others have to do with it. */
export type AgentFacts = Omit<AgentRecord, 'inbox' | 'sent' | 'conversations'>;

/** What about an agent may change. Its key and its end have ways of their own. */
export type AgentChange = Partial<
  Pick<AgentRecord, 'displayName' | 'description' | 'avatarUrl' | 'pausedByOwner' | 'settings' | 'status'>
>;

/** How many agents an e-mail address backs, and ever backed. */
export interface AddressUse {
  live: number;
  lifetime: number;
}

/** Every agent that ever was. A handle is never given out twice, so a deleted agent's record stays. */
export class Agents {
  readonly #byHandle = new Map<string, AgentRecord>();
  readonly #byKeyDigest = new Map<string, AgentRecord>();
  readonly #addresses = new Map<string, AddressUse>();
  readonly #ids: IdSource;
  readonly #ledger: Ledger<AgentRecord>;
  readonly #envelopes: Ledger<Envelope>;

  constructor(ids: IdSource, ledger: Ledger<AgentRecord>, envelopes: Ledger<Envelope>) {
    this.#ids = ids;
    this.#ledger = ledger;
    this.#envelopes = envelopes;
  }

  /** Records the agent and issues its key, which is not to be had again. */
  create(draft: AgentDraft, at: string): { agent: AgentRecord; apiKey: string } {
    const apiKey = draft.apiKey ?? this.#ids.apiKey();
    const agent = this.restore({
      id: this.#ids.next('agt_'),
      handle: draft.handle,
      email: draft.email,
      isSystem: draft.isSystem ?? false,
      createdAt: at,
      displayName: draft.displayName ?? null,
      description: draft.description ?? null,
      avatarUrl: null,
      status: 'active',
      pausedByOwner: 'none',
      settings: {
        inbox_mode: draft.settings?.inbox_mode ?? 'open',
        group_invite_policy: draft.settings?.group_invite_policy ?? 'open',
      },
      updatedAt: at,
      keyDigest: digestOf(apiKey),
    });
    this.#ledger.put(agent);
    return { agent, apiKey };
  }

  /** Takes up an agent that has been before. */
  restore(facts: AgentFacts): AgentRecord {
    const agent: AgentRecord = {
      ...facts,
      inbox: new AgentInbox(this.#ids, this.#envelopes),
      sent: new Map(),
      conversations: new Chain(),
    };
    const isLiving = agent.status !== 'deleted';
    this.#byHandle.set(agent.handle, agent);
    if (isLiving) this.#byKeyDigest.set(agent.keyDigest, agent);
    const use = this.addressUse(agent.email);
    const live = use.live + (isLiving ? 1 : 0);
    this.#addresses.set(agent.email, { live, lifetime: use.lifetime + 1 });
    return agent;
  }

  /** Whether the handle is, or ever was, somebody's. */
  isTaken(handle: string): boolean {
    return this.#byHandle.has(handle);
  }

  /** An agent, living or deleted. */
  ever(handle: string): AgentRecord | undefined {
    return this.#byHandle.get(handle);
  }

  /** A living agent. */
  byHandle(handle: string): AgentRecord | undefined {
    const agent = this.#byHandle.get(handle);
    return agent?.status === 'deleted' ? undefined : agent;
  }

  /** Whose key this is; revoked keys and those of deleted agents are nobody's. */
  byKey(apiKey: string): AgentRecord | undefined {
    return this.#byKeyDigest.get(digestOf(apiKey));
  }

  hasKey(agent: AgentRecord, apiKey: string): boolean {
    return agent.keyDigest === digestOf(apiKey);
  }

  change(agent: AgentRecord, change: AgentChange, at: string): void {
    Object.assign(agent, change);
    agent.updatedAt = at;
    this.#ledger.put(agent);
  }

  /** Issues another key, or makes a given one the agent's; the old one stops working at once. */
  rotateKey(agent: AgentRecord, at: string, apiKey = this.#ids.apiKey()): string {
    this.#byKeyDigest.delete(agent.keyDigest);
    agent.keyDigest = digestOf(apiKey);
    this.#byKeyDigest.set(agent.keyDigest, agent);
    agent.updatedAt = at;
    this.#ledger.put(agent);
    return apiKey;
  }

  /** Deletes softly: the handle stays taken, the key is refused. */
  remove(agent: AgentRecord, at: string): void {
    if (agent.status === 'deleted') return;
    agent.status = 'deleted';
    agent.updatedAt = at;
    this.#byKeyDigest.delete(agent.keyDigest);
    this.#ledger.put(agent);
    const use = this.addressUse(agent.email);
    this.#addresses.set(agent.email, { live: use.live - 1, lifetime: use.lifetime });
  }

  addressUse(email: string): AddressUse {
    return this.#addresses.get(email) ?? { live: 0, lifetime: 0 };
  }

  /** The living agents of an e-mail address, in the order in which they were registered. */
  ofAddress(email: string): AgentRecord[] {
    return [...this.#byHandle.values()].filter(
      (agent) => agent.email === email && agent.status !== 'deleted',
    );
  }

  all(): IterableIterator<AgentRecord> {
    return this.#byHandle.values();
  }
}

/** Whether messages may be pushed to the agent, or handed out by sync, at the moment. */
export function isReceiving(agent: AgentRecord): boolean {
  return agent.pausedByOwner !== 'full' && agent.status !== 'suspended' && agent.status !== 'deleted';
}

function digestOf(apiKey: string): string {
  return createHash('sha256').update(apiKey).digest('base64');
}

import { createHash } from 'node:crypto';
import type { AgentSettings } from '../../wire/index.js';
import type { IdSource } from '../ids.js';
import { Chain } from './chain.js';
import { AgentInbox } from './inbox.js';
import type { AgentRecord } from './records.js';

/** What is chosen when an agent comes into being. */
export interface AgentDraft {
  readonly handle: string;
  readonly email: string;
  readonly displayName?: string | undefined;
  readonly description?: string | undefined;
  readonly settings?: Partial<AgentSettings> | undefined;
  readonly isSystem?: boolean | undefined;
}

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

  constructor(ids: IdSource) {
    this.#ids = ids;
  }

  /** Records the agent and issues its key, which is not to be had again. */
  create(draft: AgentDraft, at: string): { agent: AgentRecord; apiKey: string } {
    const apiKey = this.#ids.apiKey();
    const agent: AgentRecord = {
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
      inbox: new AgentInbox(this.#ids),
      sent: new Map(),
      conversations: new Chain(),
    };
    this.#byHandle.set(agent.handle, agent);
    this.#byKeyDigest.set(agent.keyDigest, agent);
    const use = this.addressUse(agent.email);
    this.#addresses.set(agent.email, { live: use.live + 1, lifetime: use.lifetime + 1 });
    return { agent, apiKey };
  }

  /** Whether the handle is, or ever was, somebody's. */
  isTaken(handle: string): boolean {
    return this.#byHandle.has(handle);
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

  /** Issues another key; the old one stops working at once. */
  rotateKey(agent: AgentRecord, at: string): string {
    const apiKey = this.#ids.apiKey();
    this.#byKeyDigest.delete(agent.keyDigest);
    agent.keyDigest = digestOf(apiKey);
    this.#byKeyDigest.set(agent.keyDigest, agent);
    agent.updatedAt = at;
    return apiKey;
  }

  /** Deletes softly: the handle stays taken, the key is refused. */
  remove(agent: AgentRecord, at: string): void {
    if (agent.status === 'deleted') return;
    agent.status = 'deleted';
    agent.updatedAt = at;
    this.#byKeyDigest.delete(agent.keyDigest);
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

import type { ConversationType } from '../../wire/index.js';
import type { IdSource } from '../ids.js';
import type { AgentRecord } from './agents.js';
import { Chain, type Link } from './chain.js';
import type { Envelope } from './envelopes.js';
import type { StoredMessage } from './messages.js';

/** How far two agents have got with each other. `established` is for ever. */
export type ThreadState =
  | { readonly kind: 'cold'; readonly startedBy: string; readonly waitingSince: string }
  | { readonly kind: 'established' };

/** One agent's side of one conversation. */
export interface Membership {
  readonly agent: AgentRecord;
  readonly conversation: Conversation;
  /** What the agent has not read yet, oldest first. */
  readonly unread: Chain<Envelope>;
  /** Where the conversation stands in the agent's list, which is ordered by activity. */
  activity: Link<Membership> | undefined;
}

/** A conversation and everything that was said in it. */
export interface Conversation {
  readonly id: string;
  readonly type: ConversationType;
  readonly members: Map<string, Membership>;
  /** The message with seq n is at index n - 1: numbers are given out without holes. */
  readonly messages: StoredMessage[];
  readonly createdAt: string;
  updatedAt: string;
  thread: ThreadState;
}

/** All conversations, by id and, for direct ones, by pair. */
export class Conversations {
  readonly #byId = new Map<string, Conversation>();
  readonly #byPair = new Map<string, Conversation>();
  readonly #ids: IdSource;

  constructor(ids: IdSource) {
    this.#ids = ids;
  }

  byId(id: string): Conversation | undefined {
    return this.#byId.get(id);
  }

  /** The one conversation that two agents ever have with each other. */
  between(one: string, other: string): Conversation | undefined {
    return this.#byPair.get(pairOf(one, other));
  }

  /** Opens the direct conversation of two agents who have none yet. */
  openDirect(opener: AgentRecord, other: AgentRecord, at: string): Conversation {
    const conversation: Conversation = {
      id: this.#ids.next('conv_'),
      type: 'direct',
      members: new Map(),
      messages: [],
      createdAt: at,
      updatedAt: at,
      thread: { kind: 'cold', startedBy: opener.handle, waitingSince: at },
    };
    for (const agent of [opener, other]) {
      const membership: Membership = { agent, conversation, unread: new Chain(), activity: undefined };
      conversation.members.set(agent.handle, membership);
      membership.activity = agent.conversations.append(membership);
    }
    this.#byId.set(conversation.id, conversation);
    this.#byPair.set(pairOf(opener.handle, other.handle), conversation);
    return conversation;
  }

  /** Records that something happened in the conversation, for everybody's list. */
  touch(conversation: Conversation, at: string): void {
    conversation.updatedAt = at;
    for (const { agent, activity } of conversation.members.values()) {
      if (activity !== undefined) agent.conversations.moveToEnd(activity);
    }
  }
}

/** The other side of a direct conversation. */
export function counterpartOf(conversation: Conversation, handle: string): AgentRecord | undefined {
  for (const member of conversation.members.values()) {
    if (member.agent.handle !== handle) return member.agent;
  }
  return undefined;
}

/** Handles hold no space, so one cannot pose as a pair. */
function pairOf(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

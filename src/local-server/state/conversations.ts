import type { GroupRole } from '../../wire/index.js';
import type { IdSource } from '../ids.js';
import { Chain } from './chain.js';
import type { Ledger } from './ledger.js';
import type {
  AgentRecord,
  Conversation,
  DirectConversation,
  GroupConversation,
  Membership,
  StoredMessage,
} from './records.js';

/** What a group says of itself. */
export type GroupAbout = Pick<GroupConversation, 'name' | 'description' | 'avatarUrl'>;

/** What a membership says of itself. */
export type MembershipFacts = Pick<Membership, 'joinedSeq' | 'joinedAt' | 'role' | 'hiddenThroughSeq'>;

/** All conversations, by id and, for direct ones, by pair. */
export class Conversations {
  readonly #byId = new Map<string, Conversation>();
  readonly #byPair = new Map<string, DirectConversation>();
  readonly #ids: IdSource;

  readonly #ledger: Ledger<Conversation>;
  readonly #memberships: Ledger<Membership>;

  constructor(ids: IdSource, ledger: Ledger<Conversation>, memberships: Ledger<Membership>) {
    this.#ids = ids;
    this.#ledger = ledger;
    this.#memberships = memberships;
  }

  byId(id: string): Conversation | undefined {
    return this.#byId.get(id);
  }

  /** The one conversation that two agents ever have with each other. */
  between(one: string, other: string): DirectConversation | undefined {
    return this.#byPair.get(pairOf(one, other));
  }

  /** A group, deleted ones too. */
  group(id: string): GroupConversation | undefined {
    const conversation = this.#byId.get(id);
    return conversation?.type === 'group' ? conversation : undefined;
  }

  /** Opens the direct conversation of two agents who have none yet. */
  openDirect(opener: AgentRecord, other: AgentRecord, at: string): DirectConversation {
    const conversation: DirectConversation = {
      id: this.#ids.next('conv_'),
      type: 'direct',
      members: new Map(),
      messages: [],
      createdAt: at,
      updatedAt: at,
      thread: { kind: 'cold', startedBy: opener.handle, waitingSince: at },
    };
    this.#keep(conversation);
    for (const agent of [opener, other]) this.join(conversation, agent, 'member', at);
    return conversation;
  }

  /** The first answer was given. */
  establish(conversation: DirectConversation): void {
    conversation.thread = { kind: 'established' };
    this.#ledger.put(conversation);
  }

  /** Creates a group whose creator is its only member. */
  createGroup(creator: AgentRecord, about: GroupAbout, at: string): GroupConversation {
    const group: GroupConversation = {
      ...about,
      id: this.#ids.next('grp_'),
      type: 'group',
      members: new Map(),
      messages: [],
      createdAt: at,
      updatedAt: at,
      createdBy: creator.handle,
      tombstone: undefined,
    };
    this.#keep(group);
    this.join(group, creator, 'admin', at);
    return group;
  }

  describe(group: GroupConversation, about: Partial<GroupAbout>): void {
    Object.assign(group, about);
    this.#ledger.put(group);
  }

  /** The group is no more; what is left of it. */
  bury(group: GroupConversation, tombstone: GroupConversation['tombstone']): void {
    group.tombstone = tombstone;
    this.#ledger.put(group);
  }

  /** Makes an agent a member, who sees what is said from now on. */
  join(conversation: Conversation, agent: AgentRecord, role: GroupRole, at: string): Membership {
    const joinedSeq = conversation.messages.length;
    const facts = { joinedSeq, joinedAt: at, role, hiddenThroughSeq: undefined };
    const membership = this.restoreMembership(conversation, agent, facts);
    this.#memberships.put(membership);
    return membership;
  }

  setRole(membership: Membership, role: GroupRole): void {
    membership.role = role;
    this.#memberships.put(membership);
  }

  /** Keeps the conversation out of the member's list until its next message. */
  hide(membership: Membership): void {
    membership.hiddenThroughSeq = membership.conversation.messages.length;
    this.#memberships.put(membership);
  }

  /** Ends a membership. What is on its way to the agent still arrives. */
  part(membership: Membership): void {
    const { agent, conversation, activity } = membership;
    conversation.members.delete(agent.handle);
    if (activity !== undefined) agent.conversations.remove(activity);
    this.#memberships.remove(membership);
  }

  /** Takes up a conversation that has been before; without its members. */
  restore(conversation: Conversation): void {
    this.#byId.set(conversation.id, conversation);
  }

  /** Takes up a membership that has been before. */
  restoreMembership(conversation: Conversation, agent: AgentRecord, facts: MembershipFacts): Membership {
    const membership = membershipOf(conversation, agent, facts);
    const [other] = conversation.members.keys();
    conversation.members.set(agent.handle, membership);
    membership.activity = agent.conversations.append(membership);
    if (conversation.type === 'direct' && other !== undefined) {
      this.#byPair.set(pairOf(other, agent.handle), conversation);
    }
    return membership;
  }

  all(): IterableIterator<Conversation> {
    return this.#byId.values();
  }

  /** Records that something happened in the conversation, for everybody's list. Follows from its last message. */
  touch(conversation: Conversation, at: string): void {
    conversation.updatedAt = at;
    for (const { agent, activity } of conversation.members.values()) {
      if (activity !== undefined) agent.conversations.moveToEnd(activity);
    }
  }

  #keep(conversation: Conversation): void {
    this.restore(conversation);
    this.#ledger.put(conversation);
  }
}

/** A membership that is in nobody's list: of a member that has left. */
export function membershipOf(
  conversation: Conversation,
  agent: AgentRecord,
  facts: MembershipFacts,
): Membership {
  return { agent, conversation, unread: new Chain(), activity: undefined, ...facts };
}

/** The other side of a direct conversation. */
export function counterpartOf(conversation: DirectConversation, handle: string): AgentRecord | undefined {
  for (const member of conversation.members.values()) {
    if (member.agent.handle !== handle) return member.agent;
  }
  return undefined;
}

/** Whether a message of the conversation is there for the member at all. */
export function isVisibleTo(membership: Membership, { message, hiddenFor }: StoredMessage): boolean {
  return message.seq > membership.joinedSeq && !hiddenFor.has(membership.agent.handle);
}

/** Handles hold no space, so one cannot pose as a pair. */
function pairOf(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

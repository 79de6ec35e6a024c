import type { GroupRole } from '../../wire/index.js';
import type { IdSource } from '../ids.js';
import { Chain } from './chain.js';
import type {
  AgentRecord,
  Conversation,
  DirectConversation,
  GroupConversation,
  Membership,
  StoredMessage,
} from './records.js';

/** All conversations, by id and, for direct ones, by pair. */
export class Conversations {
  readonly #byId = new Map<string, Conversation>();
  readonly #byPair = new Map<string, DirectConversation>();
  readonly #ids: IdSource;

  constructor(ids: IdSource) {
    this.#ids = ids;
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
    for (const agent of [opener, other]) this.join(conversation, agent, 'member', at);
    this.#byId.set(conversation.id, conversation);
    this.#byPair.set(pairOf(opener.handle, other.handle), conversation);
    return conversation;
  }

  /** Creates a group whose creator is its only member. */
  createGroup(
    creator: AgentRecord,
    about: Pick<GroupConversation, 'name' | 'description' | 'avatarUrl'>,
    at: string,
  ): GroupConversation {
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
    this.join(group, creator, 'admin', at);
    this.#byId.set(group.id, group);
    return group;
  }

  /** Makes an agent a member, who sees what is said from now on. */
  join(conversation: Conversation, agent: AgentRecord, role: GroupRole, at: string): Membership {
    const membership: Membership = {
      agent,
      conversation,
      unread: new Chain(),
      joinedSeq: conversation.messages.length,
      joinedAt: at,
      role,
      hiddenThroughSeq: undefined,
      activity: undefined,
    };
    conversation.members.set(agent.handle, membership);
    membership.activity = agent.conversations.append(membership);
    return membership;
  }

  /** Ends a membership. What is on its way to the agent still arrives. */
  part({ agent, conversation, activity }: Membership): void {
    conversation.members.delete(agent.handle);
    if (activity !== undefined) agent.conversations.remove(activity);
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

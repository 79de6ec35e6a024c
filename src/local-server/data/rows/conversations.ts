import * as v from 'valibot';
import { GROUP_ROLES } from '../../../wire/index.js';
import type { Conversation, Membership } from '../../state/records.js';
import { found, RowProblem, refuseSecond, type Table, tableOf } from './table.js';

const base = { id: v.string(), createdAt: v.string(), updatedAt: v.string() };

const direct = v.object({
  ...base,
  type: v.literal('direct'),
  thread: v.variant('kind', [
    v.object({ kind: v.literal('cold'), startedBy: v.string(), waitingSince: v.string() }),
    v.object({ kind: v.literal('established') }),
  ]),
});

const group = v.object({
  ...base,
  type: v.literal('group'),
  createdBy: v.string(),
  name: v.string(),
  description: v.nullable(v.string()),
  avatarUrl: v.nullable(v.string()),
  tombstone: v.nullable(
    v.object({
      info: v.object({ group_id: v.string(), deleted_by_handle: v.string(), deleted_at: v.string() }),
      members: v.array(v.string()),
    }),
  ),
});

export const conversations: Table<Conversation> = tableOf({
  schema: v.variant('type', [direct, group]),
  keyOf: ({ id }) => id,
  rowOf(conversation) {
    if (conversation.type === 'direct') {
      const { members, messages, ...facts } = conversation;
      return facts;
    }
    const { members, messages, tombstone, ...facts } = conversation;
    return {
      ...facts,
      tombstone: tombstone === undefined ? null : { ...tombstone, members: [...tombstone.members] },
    };
  },
  restore(world, row) {
    refuseSecond(world.conversations.byId(row.id) !== undefined, 'a conversation');
    const contents = { members: new Map(), messages: [] };
    if (row.type === 'direct') {
      world.conversations.restore({ ...row, ...contents });
      const { thread } = row;
      // What the daily cap counts follows from the threads that nobody has answered.
      if (world.quotas.kind === 'off' || thread.kind === 'established') return;
      if (world.agents.ever(thread.startedBy)?.isSystem === true) return;
      world.quotas.coldOutreach.opened(thread.startedBy, row.id, Date.parse(thread.waitingSince));
      return;
    }
    const { tombstone } = row;
    const left = tombstone === null ? undefined : { ...tombstone, members: new Set(tombstone.members) };
    world.conversations.restore({ ...row, ...contents, tombstone: left });
  },
  all: (world) => world.conversations.all(),
});

export const memberships: Table<Membership> = tableOf({
  schema: v.object({
    conversation: v.string(),
    agent: v.string(),
    joinedSeq: v.number(),
    joinedAt: v.string(),
    role: v.picklist(GROUP_ROLES),
    hiddenThroughSeq: v.nullable(v.number()),
  }),
  keyOf: ({ agent, conversation }) => `${conversation.id} ${agent.handle}`,
  rowOf: ({ agent, conversation, joinedSeq, joinedAt, role, hiddenThroughSeq }) => ({
    conversation: conversation.id,
    agent: agent.handle,
    joinedSeq,
    joinedAt,
    role,
    hiddenThroughSeq: hiddenThroughSeq ?? null,
  }),
  restore(world, { conversation: id, agent: handle, ...row }) {
    const conversation = found(world.conversations.byId(id), 'a conversation');
    const agent = found(world.agents.ever(handle), 'an agent');
    refuseSecond(conversation.members.has(handle), 'a membership');
    if (conversation.type === 'direct' && conversation.members.size === 2) {
      throw new RowProblem('makes a third member of a direct conversation');
    }
    const hiddenThroughSeq = row.hiddenThroughSeq ?? undefined;
    world.conversations.restoreMembership(conversation, agent, { ...row, hiddenThroughSeq });
  },
  *all(world) {
    for (const { members } of world.conversations.all()) yield* members.values();
  },
});

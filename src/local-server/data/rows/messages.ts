import * as v from 'valibot';
import type { Message } from '../../../wire/index.js';
import { membershipOf } from '../../state/conversations.js';
import { nextSeq } from '../../state/messages.js';
import type { AgentRecord, Envelope, Membership, StoredMessage } from '../../state/records.js';
import { found, RowProblem, refuseSecond, type Table, tableOf } from './table.js';

/** Beside what the server looks at, a message holds what it was sent with. */
const message = v.looseObject({
  id: v.string(),
  conversation_id: v.string(),
  sender: v.string(),
  client_msg_id: v.string(),
  seq: v.number(),
  type: v.string(),
  content: v.looseObject({}),
  created_at: v.string(),
});

export const messages: Table<StoredMessage> = tableOf({
  schema: v.object({ message, hiddenFor: v.array(v.string()) }),
  keyOf: (stored) => stored.message.id,
  rowOf: (stored) => ({
    message: { ...stored.message, content: { ...stored.message.content } },
    hiddenFor: [...stored.hiddenFor],
  }),
  restore(world, row) {
    const conversation = found(world.conversations.byId(row.message.conversation_id), 'a conversation');
    if (row.message.seq !== nextSeq(conversation)) {
      throw new RowProblem(`"message.seq" should be ${nextSeq(conversation)}, the next of its conversation`);
    }
    refuseSecond(world.messages.byId(row.message.id) !== undefined, 'a message');
    // The schema has seen what the server relies on; the rest came from a client and goes to clients.
    const stored = world.messages.restore(row.message as unknown as Message, conversation);
    for (const handle of row.hiddenFor) stored.hiddenFor.add(handle);
    world.conversations.touch(conversation, row.message.created_at);
    world.agents.ever(row.message.sender)?.sent.set(row.message.client_msg_id, stored);
  },
  all: (world) => world.messages.all(),
});

export const envelopes: Table<Envelope> = tableOf({
  schema: v.object({
    message: v.string(),
    to: v.string(),
    position: v.number(),
    state: v.picklist(['stored', 'delivered', 'read', 'expired']),
    deliveredAt: v.nullable(v.string()),
    readAt: v.nullable(v.string()),
    cursor: v.nullable(v.string()),
    isUnread: v.boolean(),
  }),
  keyOf: ({ stored, membership }) => `${stored.message.id} ${membership.agent.handle}`,
  rowOf: ({ stored, membership, position, state, deliveredAt, readAt, cursor, unreadLink }) => ({
    message: stored.message.id,
    to: membership.agent.handle,
    position,
    state,
    deliveredAt,
    readAt,
    cursor: cursor ?? null,
    isUnread: unreadLink !== undefined,
  }),
  restore(world, { message: id, to, ...row }) {
    const stored = found(world.messages.byId(id), 'a message');
    const agent = found(world.agents.ever(to), 'an agent');
    refuseSecond(stored.envelopes.has(to), 'an envelope');
    if (row.position <= agent.inbox.lastPosition) {
      throw new RowProblem('"position" should be behind those of the envelopes before it');
    }
    const facts = { ...row, cursor: row.cursor ?? undefined };
    const envelope = agent.inbox.restore(stored, membershipAt(stored, agent), facts);
    stored.envelopes.set(agent.handle, envelope);
  },
  *all(world) {
    // By recipient, in the order of the inbox.
    const byPosition = (one: Envelope, other: Envelope) => one.position - other.position;
    const inboxes = new Map<string, Envelope[]>();
    for (const { envelopes } of world.messages.all()) {
      for (const [handle, envelope] of envelopes) {
        const inbox = inboxes.get(handle);
        if (inbox === undefined) inboxes.set(handle, [envelope]);
        else inbox.push(envelope);
      }
    }
    for (const inbox of inboxes.values()) yield* inbox.sort(byPosition);
  },
});

/** The membership under which an agent got a message: the one of today, or one that has ended since. */
function membershipAt({ message: { seq }, conversation }: StoredMessage, agent: AgentRecord): Membership {
  const today = conversation.members.get(agent.handle);
  if (today !== undefined && seq > today.joinedSeq) return today;
  const facts = { joinedSeq: 0, joinedAt: '', role: 'member', hiddenThroughSeq: undefined } as const;
  return membershipOf(conversation, agent, facts);
}

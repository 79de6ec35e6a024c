import type { Hook } from './post.js';

const NOBODY = { id: 'msg_sample0000000001', conversation_id: 'conv_sample000000001' };

/** What an event looks like, for receivers that are tried before anything has happened. */
export function sampleOf(event: string, now: Date): Hook | undefined {
  const timestamp = now.toISOString();
  const data = Object.hasOwn(SAMPLES, event) ? SAMPLES[event]?.(timestamp) : undefined;
  return data === undefined ? undefined : { event, timestamp, data };
}

type Sample = (at: string) => Record<string, unknown>;

const SAMPLES: Readonly<Record<string, Sample>> = {
  'message.new': (at) => ({
    ...NOBODY,
    sender: 'alice',
    client_msg_id: 'sample-1',
    seq: 1,
    type: 'text',
    content: { text: 'Hello from agentchat trigger' },
    metadata: {},
    context: {
      sender: { handle: 'alice', display_name: 'Alice', kind: 'agent' },
      conversation: { type: 'direct', group_name: null, member_count: null },
      mentions: [],
    },
    status: 'stored',
    created_at: at,
    delivered_at: null,
    read_at: null,
  }),
  'message.read': (at) => ({
    conversation_id: NOBODY.conversation_id,
    through_seq: 1,
    reader: 'alice',
    at,
  }),
  'presence.update': (at) => ({
    handle: 'alice',
    status: 'online',
    custom_message: null,
    last_seen: at,
  }),
  'contact.blocked': (at) => ({ blocker: 'alice', blocked: 'bot', at }),
  'group.invite.received': (at) => ({
    id: 'gri_sample0000000001',
    group_id: 'grp_sample0000000001',
    group_name: 'Sample group',
    group_description: null,
    group_avatar_url: null,
    group_member_count: 3,
    inviter_handle: 'alice',
    created_at: at,
  }),
  'group.deleted': (at) => ({
    group_id: 'grp_sample0000000001',
    deleted_by_handle: 'alice',
    deleted_at: at,
  }),
};

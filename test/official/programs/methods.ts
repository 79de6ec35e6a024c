import type {
  AddMemberResult,
  Agent,
  AgentChatClient,
  AgentConversationContext,
  AgentProfile,
  AgentSettings,
  AgentStatus,
  Contact,
  ConversationListItem,
  ConversationParticipant,
  ConversationType,
  CreateUploadRequest,
  GroupDetail,
  GroupInvitation,
  GroupRole,
  Message,
  MessageContent,
  MessageStatus,
  MessageType,
  MuteEntry,
  PausedByOwner,
  Presence,
  PresenceStatus,
  SendMessageRequest,
  SyncEnvelope,
  UpdateAgentRequest,
  UpdateGroupRequest,
  WebhookConfig,
} from 'agentchatme';
import { ALLOWED_ATTACHMENT_MIME, MAX_ATTACHMENT_SIZE, paginate } from 'agentchatme';

/** Exhaustive without a default branch: a state that is not named would not compile. */
export function light(status: AgentStatus): string {
  switch (status) {
    case 'active':
      return 'green';
    case 'restricted':
      return 'yellow';
    case 'suspended':
      return 'red';
    case 'deleted':
      return 'off';
  }
}

const PAUSES: Record<PausedByOwner, string> = { none: '', send: 'cannot send', full: 'asleep' };
const PRESENCES: Record<PresenceStatus, number> = { online: 2, busy: 1, offline: 0 };
const ROLES: Record<GroupRole, boolean> = { admin: true, member: false };
const KINDS: Record<ConversationType, string> = { direct: 'DM', group: 'group' };
const TYPES: Record<MessageType, string> = { text: 't', structured: 'd', file: 'f', system: 's' };
const STATES: Record<MessageStatus, number> = { stored: 0, delivered: 1, read: 2, expired: -1 };
const OUTCOMES: Record<AddMemberResult['outcome'], string> = {
  joined: '+',
  invited: '?',
  already_member: '=',
};

export async function profile(client: AgentChatClient): Promise<void> {
  const me: Agent = await client.getMe();
  const mail: string = me.email;
  const id: string = me.id;
  const settings: AgentSettings = me.settings;
  const mode: 'open' | 'contacts_only' = settings.inbox_mode;
  console.log(mail, id, mode, light(me.status), PAUSES[me.paused_by_owner]);

  const other: AgentProfile = await client.getAgent('@alice');
  console.log(light(other.status), other.display_name ?? other.handle);

  const change: UpdateAgentRequest = { display_name: 'Harvester', settings: { inbox_mode: 'contacts_only' } };
  const updated: Record<string, unknown> = await client.updateAgent('harvester', change);
  console.log(updated.updated_at);

  const { pending_id, message } = await client.rotateKey('harvester');
  console.log(message.length);
  const { api_key: key, handle } = await client.rotateKeyVerify('harvester', pending_id, '123456');
  console.log(key.length, handle.length);

  const { avatar_key, avatar_url } = await client.setAvatar('harvester', new Uint8Array([1, 2, 3]), {
    contentType: 'image/png',
  });
  console.log(avatar_key, avatar_url);
  const removed: { ok: true } = await client.removeAvatar('harvester');
  console.log(removed.ok);
  await client.deleteAgent('harvester');
}

export async function messages(client: AgentChatClient): Promise<void> {
  const content: MessageContent = { text: 'Twelve baskets', data: { baskets: 12 } };
  const request: Omit<SendMessageRequest, 'client_msg_id'> = {
    conversation_id: 'grp_1',
    content,
    type: 'structured',
  };
  const sent = await client.sendMessage(request, { idempotencyKey: 'basket-12' });
  await client.sendMessage({ to: 'alice', content, client_msg_id: 'order-4711', metadata: { order: 4711 } });

  const latest: Message[] = await client.getMessages('conv_1', { limit: 50 });
  await client.getMessages('conv_1', { beforeSeq: 10 });
  await client.getMessages('conv_1', { afterSeq: 10, timeoutMs: 5_000 });
  await client.getMessages('conv_1', { aroundMessageId: 'msg_1' });
  for (const { type, status, read_at, delivered_at, metadata, context, seq } of latest) {
    const at: string | null = read_at ?? delivered_at;
    console.log(
      TYPES[type],
      STATES[status],
      at,
      metadata.order,
      seq + 1,
      context?.mentions.includes('harvester'),
    );
    if (context) console.log(KINDS[context.conversation.type], context.sender.kind === 'system');
  }
  const marked: { ok: true } = await client.markAsRead(sent.message.id);
  const { message } = await client.deleteMessage(sent.message.id);
  console.log(marked.ok, message);
}

export async function conversations(client: AgentChatClient): Promise<void> {
  const rows: ConversationListItem[] = await client.listConversations({ limit: 20, offset: 0 });
  let unread = 0;
  for (const row of rows) {
    unread += row.unread_count;
    const preview: string | null = row.last_message_preview;
    const members: number | null = row.group_member_count;
    const newest: number | null = row.newest_unread_seq;
    const own: boolean = row.last_message_is_own;
    const muted: boolean = row.is_muted;
    console.log(KINDS[row.type], preview, members, newest, own, muted, row.last_message_type);
  }
  const people: ConversationParticipant[] = await client.getConversationParticipants('conv_1');
  const context: AgentConversationContext = await client.getConversationContext('conv_1');
  if (context.group) console.log(ROLES[context.group.your_role]);
  const hidden: { ok: true } = await client.hideConversation('conv_1');
  console.log(unread, people.length, context.unread.count, hidden.ok);
}

export async function groups(client: AgentChatClient): Promise<void> {
  const { group, add_results } = await client.createGroup(
    { name: 'Harvest', description: 'Baskets', member_handles: ['@alice', '@bob'] },
    { idempotencyKey: crypto.randomUUID() },
  );
  for (const { handle, outcome, invite_id } of add_results) console.log(handle, OUTCOMES[outcome], invite_id);
  const detail: GroupDetail = await client.getGroup(group.id);
  for (const { role, handle } of detail.members) console.log(handle, ROLES[role]);
  const rule: 'admin' = detail.settings.who_can_invite;
  const change: UpdateGroupRequest = { description: null, settings: { who_can_invite: rule } };
  await client.updateGroup(group.id, change);
  await client.setGroupAvatar(group.id, new ArrayBuffer(8), { contentType: 'image/webp' });
  const removed: { ok: true } = await client.removeGroupAvatar(group.id);
  console.log(removed.ok);

  const added: AddMemberResult = await client.addGroupMember(group.id, 'carol');
  console.log(OUTCOMES[added.outcome]);
  for (const said of [
    await client.promoteGroupMember(group.id, 'carol'),
    await client.demoteGroupMember(group.id, 'carol'),
    await client.removeGroupMember(group.id, 'carol'),
  ]) {
    const text: string = said.message;
    console.log(text);
  }
  const left: { message: string; promoted_handle: string | null } = await client.leaveGroup(group.id);
  const { deleted_at } = await client.deleteGroup(group.id);
  console.log(left.promoted_handle, deleted_at);

  const invites: GroupInvitation[] = await client.listGroupInvites();
  for (const invite of invites) {
    const description: string | null = invite.group_description;
    const avatar: string | null = invite.group_avatar_url;
    console.log(description, avatar, invite.inviter_handle);
    await client.acceptGroupInvite(invite.id);
    const { message } = await client.rejectGroupInvite(invite.id);
    console.log(message);
  }
}

export async function contacts(client: AgentChatClient): Promise<void> {
  const entry = await client.addContact('@alice');
  const notes: string | null = entry.notes;
  const { contacts, total } = await client.listContacts({ limit: 50, offset: 0 });
  const check: { is_contact: boolean; added_at: string | null; notes: string | null } =
    await client.checkContact('alice');
  await client.updateContactNotes('alice', 'grows pears');
  await client.updateContactNotes('alice', null);
  await client.removeContact('alice');
  for await (const contact of client.contacts({ pageSize: 200, max: 1_000 })) console.log(contact.handle);
  await client.blockAgent('mallory');
  await client.unblockAgent('mallory');
  await client.reportAgent('mallory', 'spam');
  console.log(notes, contacts.length, total, check.is_contact);
}

/** A row of a table of theirs, filled from what the client gave. */
export function contactRow(contact: Contact): string {
  const avatar: string | null = contact.avatar_url;
  return `${contact.handle} ${avatar} ${light(contact.status)}`;
}

export async function mutes(client: AgentChatClient): Promise<void> {
  const entry: MuteEntry = await client.muteAgent('mallory', { mutedUntil: '2030-01-01T00:00:00Z' });
  await client.muteConversation('conv_1', { mutedUntil: null });
  await client.unmuteAgent('mallory');
  await client.unmuteConversation('conv_1');
  const { mutes } = await client.listMutes({ kind: 'agent' });
  const kind: 'agent' | 'conversation' = entry.target_kind;
  const status: MuteEntry | null = await client.getAgentMuteStatus('mallory');
  const other: MuteEntry | null = await client.getConversationMuteStatus('conv_1');
  console.log(kind, mutes.length, status?.muted_until, other?.target_id);
}

export async function presence(client: AgentChatClient): Promise<void> {
  const alice: Presence = await client.getPresence('alice');
  const mine: Presence = await client.updatePresence({ status: 'busy', custom_message: 'in the field' });
  const { presences } = await client.getPresenceBatch(['@alice', '@bob']);
  const best = Math.max(...[alice, mine, ...presences].map(({ status }) => PRESENCES[status]));
  console.log(best, mine.custom_message, mine.last_seen, mine.handle);
}

export async function directory(client: AgentChatClient): Promise<void> {
  const { agents, total, limit, offset } = await client.searchAgents('al', { limit: 20, offset: 0 });
  const dates: string[] = agents.map(({ created_at }) => created_at);
  const known: boolean[] = agents.map(({ in_contacts }) => in_contacts);
  console.log(dates, known, total + limit + offset);
  for await (const agent of client.searchAgentsAll('al', { pageSize: 100 })) {
    const since: string = agent.created_at;
    console.log(agent.handle, since);
  }
}

export async function files(client: AgentChatClient, bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  if (bytes.length > MAX_ATTACHMENT_SIZE || !ALLOWED_ATTACHMENT_MIME.includes('text/plain'))
    throw new RangeError();
  const request: CreateUploadRequest = {
    to: 'alice',
    filename: 'harvest.txt',
    content_type: 'text/plain',
    size: bytes.length,
    sha256: '0'.repeat(64),
  };
  const slot = await client.createUpload(request);
  await fetch(slot.upload_url, { method: 'PUT', body: bytes });
  await client.sendMessage({ to: '@alice', type: 'file', content: { attachment_id: slot.attachment_id } });
  const url: string = await client.getAttachmentDownloadUrl(slot.attachment_id);
  console.log(slot.expires_in * 1_000);
  return (await fetch(url)).arrayBuffer();
}

export async function webhooks(client: AgentChatClient): Promise<void> {
  const hook: WebhookConfig = await client.createWebhook({
    url: 'https://bot.example.com/hook',
    events: ['message.new', 'group.deleted'],
  });
  const { webhooks } = await client.listWebhooks();
  const same: WebhookConfig = await client.getWebhook(hook.id);
  console.log(webhooks.length, same.active, same.events.includes('message.read'));
  await client.deleteWebhook(hook.id);
}

export async function catchUp(client: AgentChatClient): Promise<number> {
  const rows: SyncEnvelope[] = await client.sync({ limit: 500 });
  for (const row of rows) console.log(row.content?.text, row.sender ?? row.sender_handle, row.some_new_field);
  const cursor = rows.findLast((row) => row.delivery_id !== null)?.delivery_id;
  if (!cursor) return 0;
  await client.sync({ after: cursor });
  const { acked } = await client.syncAck(cursor);
  return acked;
}

export async function cancelled(client: AgentChatClient): Promise<void> {
  await client.listConversations({ timeoutMs: 5_000 });
  const controller = new AbortController();
  const pending = client.getMessages('conv_1', { signal: controller.signal });
  controller.abort();
  await pending.catch((error: Error) => {
    if (error.name !== 'AbortError') throw error;
  });
}

export async function pages(client: AgentChatClient): Promise<void> {
  const page = async (offset: number, limit: number) => {
    const { contacts, total } = await client.listContacts({ offset, limit });
    return { items: contacts, total, limit, offset };
  };
  for await (const contact of paginate(page, { pageSize: 50, max: 1_000, start: 0 })) {
    if (contact.handle === 'zoe') break;
  }
}

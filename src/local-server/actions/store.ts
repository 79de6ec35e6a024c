import type {
  GroupSystemEvent,
  Message,
  MessageContext,
  SenderKind,
  SendMessageRequest,
} from '../../wire/index.js';
import { nextSeq } from '../state/messages.js';
import type {
  AgentRecord,
  Conversation,
  GroupConversation,
  Membership,
  StoredMessage,
} from '../state/records.js';
import type { World } from '../state/world.js';
import { mentionsIn } from './mentions.js';

/** Who the platform's own messages come from. Nobody can be registered under it. */
export const PLATFORM_HANDLE = 'agentchat-system';

interface Sender {
  readonly handle: string;
  readonly displayName: string | null;
  readonly kind: SenderKind;
}

/** Stores what an agent sends, as the next message of its conversation, on its way to nobody yet. */
export function storeMessage(
  world: World,
  sender: AgentRecord,
  conversation: Conversation,
  request: SendMessageRequest,
  at: string,
): StoredMessage {
  const kind = sender.isSystem ? 'system' : 'agent';
  const { handle, displayName } = sender;
  const stored = store(world, { handle, displayName, kind }, conversation, request, at);
  sender.sent.set(stored.message.client_msg_id, stored);
  return stored;
}

/** Stores what the platform has to say about a group, on its way to all of its members. */
export function storeSystemMessage(
  world: World,
  group: GroupConversation,
  event: GroupSystemEvent,
  at: string,
): StoredMessage {
  const sender: Sender = { handle: PLATFORM_HANDLE, displayName: null, kind: 'system' };
  const client_msg_id = world.ids.next('sys_');
  const request: SendMessageRequest = { client_msg_id, type: 'system', content: { data: { ...event } } };
  const stored = store(world, sender, group, request, at);
  for (const membership of group.members.values()) address(stored, membership);
  return stored;
}

/** Puts a message into a member's inbox. */
export function address(stored: StoredMessage, membership: Membership): void {
  const { agent } = membership;
  stored.envelopes.set(agent.handle, agent.inbox.put(stored, membership));
}

function store(
  world: World,
  sender: Sender,
  conversation: Conversation,
  request: SendMessageRequest,
  at: string,
): StoredMessage {
  // Each recipient has a delivery state of its own (`messageView`): the message has none.
  const message = {
    id: world.ids.next('msg_'),
    conversation_id: conversation.id,
    sender: sender.handle,
    client_msg_id: request.client_msg_id,
    seq: nextSeq(conversation),
    type: request.type ?? 'text',
    content: request.content,
    metadata: request.metadata ?? {},
    ...(world.quirks.messageContext ? { context: contextOf(world, sender, conversation, request) } : {}),
    created_at: at,
  } as Message;
  world.conversations.touch(conversation, at);
  return world.messages.store(message, conversation);
}

function contextOf(
  { agents }: World,
  sender: Sender,
  conversation: Conversation,
  request: SendMessageRequest,
): MessageContext {
  const group = conversation.type === 'group' ? conversation : undefined;
  return {
    sender: { handle: sender.handle, display_name: sender.displayName, kind: sender.kind },
    conversation: {
      type: conversation.type,
      group_name: group?.name ?? null,
      member_count: group?.members.size ?? null,
    },
    mentions: mentionsIn(request.content.text, agents),
  };
}

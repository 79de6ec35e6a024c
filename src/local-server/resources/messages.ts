import {
  BACKLOG_SOFT_LIMIT,
  ErrorCode,
  HISTORY_PAGE_DEFAULT,
  type HistoryQuery,
  MAX_MESSAGE_BYTES,
  type MarkAsReadResponse,
  normalizeHandle,
  type SendMessageRequest,
} from '../../wire/index.js';
import { readMessage } from '../actions/read.js';
import { refusalToWrite, sendDirect } from '../actions/send.js';
import { conversationNotFound, failure, ok, type Reply } from '../http/reply.js';
import type { Conversation } from '../state/conversations.js';
import { type HistoryWindow, historyPage } from '../state/messages.js';
import type { World } from '../state/world.js';
import type { AgentCall, Resource } from './resource.js';
import { messageView } from './views.js';

/** JSON grows at most sixfold when it is parsed and written again: `1e20` becomes 21 digits, nothing grows more. */
const SURELY_SMALL_BYTES = MAX_MESSAGE_BYTES / 6;

export const sendMessage: Resource<'sendMessage'> = {
  admit: refusalToWrite,

  handle(call) {
    const { world, caller, pushes } = call;
    const request = call.body as SendMessageRequest;
    const tooLarge = refusalOfSize(request, call.bodyBytes);
    if (tooLarge !== undefined) return tooLarge;
    const first = caller.sent.get(request.client_msg_id);
    if (first !== undefined) return ok(messageView(first, caller.handle), { 'idempotent-replay': 'true' });
    // There are no groups to be a member of.
    if (request.to === undefined) return conversationNotFound();

    const outcome = sendDirect(world, caller, normalizeHandle(request.to), request);
    if (outcome.kind === 'refused') return outcome.reply;
    const { stored, recipient } = outcome;
    return {
      status: 201,
      body: stored.message,
      headers: backlogWarning(world, recipient.handle, recipient.inbox.undeliveredCount),
      afterwards: () => pushes.messageStored(stored),
    };
  },
};

export const getMessages: Resource<'getMessages'> = {
  handle({ world, caller, params, query }) {
    const conversation = world.conversations.byId(params.conversation_id ?? '');
    if (conversation?.members.has(caller.handle) !== true) return conversationNotFound();
    const asked = query as HistoryQuery;
    const window = windowOf(world, conversation, asked);
    if (window === undefined) return messageNotFound();
    const page = historyPage(conversation, window, asked.limit ?? HISTORY_PAGE_DEFAULT);
    return ok(page.map((stored) => messageView(stored, caller.handle)));
  },
};

export const markAsRead: Resource<'markAsRead'> = {
  handle({ world, caller, params, pushes }: AgentCall) {
    const outcome = readMessage(world, caller, params.message_id ?? '');
    switch (outcome.kind) {
      case 'unknown':
        return messageNotFound();
      case 'own':
        return failure(403, ErrorCode.FORBIDDEN, 'It is your own message.');
      case 'read': {
        const body: MarkAsReadResponse = { ok: true };
        const { receipt } = outcome;
        return receipt === undefined
          ? ok(body)
          : { status: 200, body, afterwards: () => pushes.messageRead(receipt) };
      }
    }
  },
};

function refusalOfSize(request: SendMessageRequest, bodyBytes: number): Reply | undefined {
  if (bodyBytes <= SURELY_SMALL_BYTES) return undefined;
  const { content, metadata } = request;
  const bytes =
    Buffer.byteLength(JSON.stringify(content)) +
    (metadata === undefined ? 0 : Buffer.byteLength(JSON.stringify(metadata)));
  if (bytes <= MAX_MESSAGE_BYTES) return undefined;
  const message = `content and metadata are ${bytes} bytes, of ${MAX_MESSAGE_BYTES}.`;
  return failure(413, ErrorCode.PAYLOAD_TOO_LARGE, message);
}

function windowOf(world: World, conversation: Conversation, query: HistoryQuery): HistoryWindow | undefined {
  if (query.before_seq !== undefined) return { kind: 'before', seq: query.before_seq };
  if (query.after_seq !== undefined) return { kind: 'after', seq: query.after_seq };
  if (query.around_message_id === undefined) return { kind: 'latest' };
  const stored = world.messages.byId(query.around_message_id);
  return stored?.conversation === conversation ? { kind: 'around', seq: stored.message.seq } : undefined;
}

function backlogWarning(world: World, handle: string, undelivered: number): Readonly<Record<string, string>> {
  if (world.quotas.kind === 'off' || undelivered < BACKLOG_SOFT_LIMIT) return {};
  return { 'x-backlog-warning': `${handle}=${undelivered}` };
}

function messageNotFound(): Reply {
  return failure(404, ErrorCode.MESSAGE_NOT_FOUND, 'There is no such message, or you cannot see it.');
}

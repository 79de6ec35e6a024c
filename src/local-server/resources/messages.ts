import {
  BACKLOG_SOFT_LIMIT,
  ErrorCode,
  HISTORY_PAGE_DEFAULT,
  type HistoryQuery,
  MAX_MESSAGE_BYTES,
  type MarkAsReadResponse,
  normalizeHandle,
  type SendMessageRequest,
  type TextResponse,
} from '../../wire/index.js';
import { accessTo } from '../actions/groups.js';
import { hideMessage } from '../actions/hide.js';
import { readMessage, visibleMessage } from '../actions/read.js';
import { refusalToWrite, sendDirect } from '../actions/send.js';
import { sendToGroup } from '../actions/send-group.js';
import { failure, ok, type Reply } from '../http/reply.js';
import { type HistoryWindow, historyPage } from '../state/messages.js';
import type { Membership } from '../state/records.js';
import type { World } from '../state/world.js';
import type { AgentCall, Resource } from './resource.js';
import { messageView } from './views.js';

/** JSON grows at most sixfold when it is parsed and written again: `1e20` becomes 21 digits, nothing grows more. */
const SURELY_SMALL_BYTES = MAX_MESSAGE_BYTES / 6;

export const sendMessage: Resource<'sendMessage'> = {
  admit: refusalToWrite,

  handle(call) {
    const { caller } = call;
    const request = call.body as SendMessageRequest;
    const tooLarge = refusalOfSize(request, call.bodyBytes);
    if (tooLarge !== undefined) return tooLarge;
    const first = caller.sent.get(request.client_msg_id);
    if (first !== undefined) return ok(messageView(first, caller.handle), { 'idempotent-replay': 'true' });
    // The schema has seen to it that one of the two is there.
    return request.to === undefined
      ? toGroup(call, request.conversation_id ?? '', request)
      : toAgent(call, request.to, request);
  },
};

function toAgent({ world, caller, pushes }: AgentCall, to: string, request: SendMessageRequest): Reply {
  const outcome = sendDirect(world, caller, normalizeHandle(to), request);
  if (outcome.kind === 'refused') return outcome.reply;
  const { stored, recipient } = outcome;
  return {
    status: 201,
    body: stored.message,
    headers: backlogWarning(world, recipient.handle, recipient.inbox.undeliveredCount),
    afterwards: () => pushes.messageStored(stored),
  };
}

/** Says who gets nothing because of a full inbox. What an entry of that list looks like is not documented. */
function toGroup({ world, caller, pushes }: AgentCall, groupId: string, request: SendMessageRequest): Reply {
  const outcome = sendToGroup(world, caller, groupId, request);
  if (outcome.kind === 'refused') return outcome.reply;
  const { stored, skipped } = outcome;
  return {
    status: 201,
    body: { ...stored.message, skipped_recipients: skipped.map((handle) => ({ handle })) },
    afterwards: () => pushes.messageStored(stored),
  };
}

export const getMessages: Resource<'getMessages'> = {
  handle({ world, caller, params, query }) {
    const access = accessTo(world, caller, params.conversation_id ?? '');
    if (access.kind === 'refused') return access.reply;
    const asked = query as HistoryQuery;
    const window = windowOf(world, access.membership, asked);
    if (window === undefined) return messageNotFound();
    const page = historyPage(access.membership, window, asked.limit ?? HISTORY_PAGE_DEFAULT);
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
        const { receipts } = outcome;
        return {
          status: 200,
          body,
          afterwards: () => {
            for (const receipt of receipts) pushes.messageRead(receipt);
          },
        };
      }
    }
  },
};

export const deleteMessage: Resource<'deleteMessage'> = {
  handle({ world, caller, params }) {
    if (!hideMessage(world, caller, params.message_id ?? '')) return messageNotFound();
    const body: TextResponse = { message: 'The message is hidden from you. Nobody else notices.' };
    return ok(body);
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

function windowOf(
  world: World,
  { agent, conversation }: Membership,
  query: HistoryQuery,
): HistoryWindow | undefined {
  if (query.before_seq !== undefined) return { kind: 'before', seq: query.before_seq };
  if (query.after_seq !== undefined) return { kind: 'after', seq: query.after_seq };
  if (query.around_message_id === undefined) return { kind: 'latest' };
  const stored = visibleMessage(world, agent, query.around_message_id);
  return stored?.conversation === conversation ? { kind: 'around', seq: stored.message.seq } : undefined;
}

function backlogWarning(world: World, handle: string, undelivered: number): Readonly<Record<string, string>> {
  if (world.quotas.kind === 'off' || undelivered < BACKLOG_SOFT_LIMIT) return {};
  return { 'x-backlog-warning': `${handle}=${undelivered}` };
}

function messageNotFound(): Reply {
  return failure(404, ErrorCode.MESSAGE_NOT_FOUND, 'There is no such message, or you cannot see it.');
}

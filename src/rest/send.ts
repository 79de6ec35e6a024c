import { type CallOptions, checkOptionNames, type HttpTransport, invalid } from '../http/index.js';
import {
  type BacklogWarning,
  isConversationId,
  MAX_MESSAGE_BYTES,
  type Message,
  type MessageContent,
  normalizeHandle,
  parseBacklogWarning,
  type SendMessageRequest,
} from '../wire/index.js';
import { expectField, isObject } from './answers.js';
import { newClientMsgId } from './client-msg-id.js';

/** What {@link sendMessage} takes: the wire's request, with two things that it fills in. */
export type SendMessageInput = Omit<SendMessageRequest, 'client_msg_id' | 'content'> & {
  /** What to say. A plain string is short for `{ text }`. */
  content: MessageContent | string;
  /** 1 to 128 characters. Default: a random UUID, the same one on every retry of this call. */
  client_msg_id?: string | undefined;
};

/** What came of a send. */
export interface SendMessageResult {
  /** The message as the service stored it. Its `status` and delivery times may be absent in the sender's copy. */
  message: Message;
  /** Set when the recipient has thousands of undelivered messages. The send succeeded all the same; slow down. */
  backlogWarning: BacklogWarning | null;
  /**
   * True when the service already had a message with this `client_msg_id`: that one is returned, and nothing was sent. This
   * client always says; the official one has no such field, and neither need what you mock.
   */
  replayed?: boolean;
}

const REQUEST_FIELDS: readonly string[] = [
  'to',
  'conversation_id',
  'client_msg_id',
  'type',
  'content',
  'metadata',
];

/** `sendMessage('alice', 'Hello')`, as other libraries have it. @throws ValidationError that says what the call looks like. */
export function checkIsMessage(input: unknown): void {
  if (typeof input !== 'string') return;
  throw invalid(
    'message',
    "sendMessage takes one object, and call options after it: sendMessage({ to: 'alice', content: 'Hello' })",
  );
}

/** The request as it goes out. @throws ValidationError for what the service would refuse, naming the field. */
export function prepareSend(input: SendMessageInput): SendMessageRequest {
  checkOptionNames(input, REQUEST_FIELDS, 'sendMessage field');
  const { to, conversation_id, type, metadata } = input;
  const content = typeof input.content === 'string' ? { text: input.content } : input.content;
  if (content === undefined || content === null) {
    throw invalid(
      'content',
      'sendMessage: `content` must be given: a text, or an object with text, data or attachment_id',
    );
  }
  // No handle holds a "_", so this is a mix-up, which the service would only answer with "no such agent".
  if (typeof to === 'string' && isConversationId(to)) {
    throw invalid(
      'to',
      'sendMessage: `to` takes the handle of who is to read it; only a group (`grp_...`) goes into `conversation_id`',
    );
  }
  const request = {
    // A handle of another type is left to the check against the contract, which names the field.
    ...(to === undefined ? {} : { to: typeof to === 'string' ? normalizeHandle(to) : to }),
    ...(conversation_id === undefined ? {} : { conversation_id }),
    client_msg_id: input.client_msg_id ?? newClientMsgId(),
    ...(type === undefined ? {} : { type }),
    content,
    ...(metadata === undefined ? {} : { metadata }),
  };
  checkSize(content, metadata);
  return request;
}

/** The service counts content and metadata together, as JSON in UTF-8. */
function checkSize(content: unknown, metadata: unknown): void {
  if (metadata === undefined && isShortText(content)) return;
  const bytes =
    jsonBytes(content, 'content') + (metadata === undefined ? 0 : jsonBytes(metadata, 'metadata'));
  if (bytes <= MAX_MESSAGE_BYTES) return;
  throw invalid(
    'content',
    `sendMessage: \`content\` and \`metadata\` take ${bytes} bytes as JSON, more than the ${MAX_MESSAGE_BYTES} of a message. ` +
      'Split the text, or send an attachment.',
  );
}

/** Whether it is a text and nothing else, too short to be too long however it is written: a unit takes six bytes at most. */
function isShortText(content: unknown): boolean {
  if (!isObject(content)) return false;
  for (const name in content) if (name !== 'text') return false;
  const { text } = content;
  return typeof text === 'string' && text.length * 6 + '{"text":""}'.length <= MAX_MESSAGE_BYTES;
}

function jsonBytes(value: unknown, field: string): number {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // A circle or a BigInt. The engine's message may quote the content.
  }
  if (text === undefined) throw invalid(field, `sendMessage: \`${field}\` cannot be written as JSON`);
  // Only a text that might be too long is worth encoding: a UTF-16 unit takes at most three bytes.
  return text.length * 3 <= MAX_MESSAGE_BYTES / 2 ? text.length : new TextEncoder().encode(text).length;
}

/** Sends a message through the transport. */
export async function performSend(
  transport: HttpTransport,
  request: SendMessageRequest,
  options: CallOptions,
): Promise<SendMessageResult> {
  const addressee = request.conversation_id ?? request.to;
  const response = await transport.call('sendMessage', { body: request, addressee }, options);
  const message = expectField<Message>(response, 'sendMessage', 'id');
  const { headers, status } = response;
  return {
    message,
    backlogWarning: parseBacklogWarning(headers.get('x-backlog-warning')),
    replayed: status === 200 || headers.get('idempotent-replay') === 'true',
  };
}

import { Refusal } from './refusal.js';

/** A message of a request. The platform adds `turn_id` and `timestamp`; whatever else comes is kept. */
export interface CompletionMessage {
  readonly role: string;
  readonly content: string;
  readonly [field: string]: unknown;
}

/** A request for a completion, read. */
export interface CompletionRequest {
  readonly model: string;
  /** All of them, oldest first; contents in several parts are put together. */
  readonly messages: readonly CompletionMessage[];
  /** What the person has said last. */
  readonly text: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  /** OpenAI's field `user`. */
  readonly user: string | undefined;
  /** The whole body. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** More is no conversation. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** @throws Refusal when it is no request for a completion, or too large. */
export async function readCompletionRequest(request: Request): Promise<CompletionRequest> {
  if (request.method !== 'POST') {
    throw new Refusal(405, `Use POST, not ${request.method}.`, { headers: { allow: 'POST' } });
  }
  const body = parsed(await textOf(request));
  const { model, stream, user, stream_options: options } = body;
  if (model !== undefined && typeof model !== 'string') throw wrong('model', 'must be a string');
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') {
    throw wrong('stream', 'must be true or false');
  }
  const messages = messagesOf(body.messages);
  const last = messages.findLast(({ role }) => role === 'user');
  if (last === undefined || last.content.trim() === '') {
    throw wrong('messages', 'must hold a message of the user with a text');
  }
  return {
    model: model ?? 'agentchat',
    messages,
    text: last.content,
    stream: stream === true,
    includeUsage: (options as { include_usage?: unknown } | null | undefined)?.include_usage === true,
    user: typeof user === 'string' && user.trim() !== '' ? user : undefined,
    body,
  };
}

function wrong(param: string, what: string): Refusal {
  return new Refusal(400, `"${param}" ${what}.`, { param });
}

function parsed(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as never;
  } catch {
    // Said below.
  }
  throw new Refusal(400, 'The body must be a JSON object.');
}

async function textOf({ body }: Request): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const reader = body?.getReader();
  let text = '';
  let bytes = 0;
  try {
    for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) {
      bytes += piece.value.length;
      if (bytes > MAX_BODY_BYTES) throw new Refusal(413, `The body is larger than ${MAX_BODY_BYTES} bytes.`);
      text += decoder.decode(piece.value, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    await reader?.cancel().catch(() => {});
    throw error instanceof Refusal ? error : new Refusal(400, 'The body could not be read.');
  }
}

function messagesOf(messages: unknown): readonly CompletionMessage[] {
  if (!Array.isArray(messages) || messages.length === 0)
    throw wrong('messages', 'must be an array of messages');
  return messages.map((message: unknown, at) => {
    const { role, content } = (message ?? {}) as { role?: unknown; content?: unknown };
    if (typeof role !== 'string') throw wrong(`messages[${at}].role`, 'must be a string');
    return { ...(message as object), role, content: contentOf(content, at) };
  });
}

/** A content may be a text, or parts of which some are texts. That of an assistant's tool call is null. */
function contentOf(content: unknown, at: number): string {
  if (content === null || content === undefined) return '';
  if (typeof content === 'string') return content;
  if (!Array.isArray(content))
    throw wrong(`messages[${at}].content`, 'must be a string or an array of parts');
  const texts = content.flatMap((part: unknown) => {
    const { text } = (part ?? {}) as { text?: unknown };
    return typeof text === 'string' ? [text] : [];
  });
  return texts.join('\n');
}

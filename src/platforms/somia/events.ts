import type { Frame } from '../../http/index.js';
import type { Dialect } from '../shared/dialect.js';
import type { FrameStream } from '../shared/frame-stream.js';
import { messageOf } from '../shared/platform-error.js';
import { isFields } from './fields.js';
import { firstText, replyIn, sessionIdIn } from './result.js';
import { SomiaStreamParseError } from './somia-error.js';

/** A piece of the reply. */
export interface SomiaChunkEvent {
  type: 'chunk';
  /** As it came: a text, or an object. */
  data: unknown;
  /** The text in it; empty without one. */
  text: string;
  /** `null` until Somia names it. */
  session_id: string | null;
}

/** The run failed. The last event; nothing is thrown. */
export interface SomiaErrorEvent {
  type: 'error';
  data: unknown;
  message: string;
  session_id: string | null;
}

/** The reply is complete. The last event. */
export interface SomiaEndEvent {
  type: 'end';
  /** `null` where the stream ended without a word. */
  data: unknown;
  /** The reply, where `data` holds one; else it is the sum of the chunks. */
  message: string | null;
  /** The session is over. */
  finished: boolean;
  session_id: string | null;
}

/** What happens while an agent replies. */
export type SomiaEvent = SomiaChunkEvent | SomiaErrorEvent | SomiaEndEvent;

/** Where a frame without an `event:` line names what it is. */
const KINDS: readonly string[] = ['event_type', 'event', 'type'];
/** Where the text of a chunk may be. */
const TEXTS: readonly string[] = ['content', 'text', 'delta', 'chunk', 'message'];
/** Where the words of a failure may be. */
const WORDS: readonly string[] = ['message', 'detail', 'error', 'error.message'];
/** The name of events that have none. */
const NAMELESS = 'message';
/** Ends a stream as `end` does. */
const END = '[DONE]';

/** What is known when a stream begins. */
export interface StreamContext {
  readonly dialect: Dialect;
  /** Names the operation in messages. */
  readonly label: string;
  /** `undefined` of a session that is being made. */
  readonly sessionId: string | undefined;
}

/**
 * The events of a stream, `end` or `error` the last. Frames that are not known are skipped.
 *
 * @throws SomiaStreamParseError for a frame that is half of an object, SomiaTransportError of kind `interrupted` when the stream ends
 * within a frame, or before there was any text.
 */
export async function* readEvents(
  frames: FrameStream,
  context: StreamContext,
): AsyncGenerator<SomiaEvent, void, undefined> {
  let sessionId = frames.headers.get('x-session-id') ?? context.sessionId ?? null;
  let hasText = false;
  for await (const frame of frames) {
    const payload = payloadOf(frame, frames, context);
    sessionId = payload.sessionId ?? sessionId;
    const event = eventOf(payload, sessionId);
    if (event === undefined) continue;
    yield event;
    if (event.type !== 'chunk') return;
    hasText ||= event.text !== '';
  }
  if (!hasText) throw interrupted(frames, context, 'the stream ended before there was a reply');
  yield endOf(null, sessionId);
}

/** What a frame carries. */
interface Payload {
  /** `chunk`, `error`, `end`, or something that is not known. */
  readonly kind: string;
  readonly data: unknown;
  readonly sessionId: string | undefined;
}

function payloadOf(frame: Frame, frames: FrameStream, context: StreamContext): Payload {
  const { data: text } = frame;
  if (text.trim() === END) return { kind: 'end', data: null, sessionId: undefined };
  const value = parsed(text);
  if (value === undefined) throw broken(frame, frames, context);
  if (frame.event !== undefined && frame.event !== NAMELESS) {
    return { kind: frame.event, data: value, sessionId: sessionIdIn(value) };
  }
  if (!isFields(value)) return { kind: 'chunk', data: value, sessionId: undefined };
  const data = value.data ?? value;
  return {
    kind: firstText(value, KINDS) ?? 'chunk',
    data,
    sessionId: sessionIdIn(data) ?? sessionIdIn(value),
  };
}

/** An object, a list or a text; `undefined` for half of an object. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    // A reply may begin with a number.
    return typeof value === 'string' || (typeof value === 'object' && value !== null) ? value : text;
  } catch {
    return text.trimStart().startsWith('{') ? undefined : text;
  }
}

function eventOf({ kind, data }: Payload, session_id: string | null): SomiaEvent | undefined {
  switch (kind) {
    case 'chunk':
      return {
        type: 'chunk',
        data,
        text: typeof data === 'string' ? data : (firstText(data, TEXTS) ?? ''),
        session_id,
      };
    case 'error':
      return { type: 'error', data, message: messageOf(data, WORDS, 'no reason was given'), session_id };
    case 'end':
      return endOf(data, session_id);
    default:
      return undefined;
  }
}

function endOf(data: unknown, session_id: string | null): SomiaEndEvent {
  const finished = isFields(data) && data.finished === true;
  return { type: 'end', data, message: replyIn(data), finished, session_id };
}

function broken(frame: Frame, frames: FrameStream, context: StreamContext): Error {
  if (!frame.complete) return interrupted(frames, context, 'the stream ended within a frame');
  const { status, headers, requestId } = frames;
  return new SomiaStreamParseError({
    platform: 'somia',
    kind: 'protocol',
    message: `${context.label}: a frame of the stream begins as a JSON object, and does not parse. Check "baseUrl", and what stands between you and Somia.`,
    status,
    headers,
    requestId,
    outcome: 'unknown',
  });
}

function interrupted(frames: FrameStream, { dialect, label }: StreamContext, what: string): Error {
  const { status, headers, requestId } = frames;
  const message = `${label}: ${what}.`;
  return dialect.error({
    platform: 'somia',
    kind: 'interrupted',
    message,
    status,
    headers,
    requestId,
    outcome: 'unknown',
  });
}

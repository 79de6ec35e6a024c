import { EventStream } from '../../shared/event-stream.js';
import type { FrameStream } from '../../shared/frame-stream.js';
import type { ChatEvent } from './chat-event.js';
import type { ChatReader } from './chat-reader.js';
import type { ChatReply } from './chat-reply.js';

/**
 * A chat as it comes: the frames of the wire, each with its `kind`. The call is made when the loop begins; leaving the loop closes the
 * connection. The loop throws a `StreamError` when the platform gives the chat up, and a `SonzaiError` of kind `interrupted` when the
 * stream ends too early.
 *
 * @example
 * const stream = sonzai.agents.chat('luna', { messages, user_id: 'alice', stream: true });
 * for await (const event of stream) {
 *   if (event.kind === 'delta') process.stdout.write(event.content);
 * }
 * console.log(stream.reply.usage);
 */
export class ChatStream extends EventStream<ChatEvent> {
  readonly #reader: ChatReader;

  /**
   * @param open Makes the call.
   * @param signal The caller's.
   */
  constructor(
    reader: ChatReader,
    open: (signal: AbortSignal) => Promise<FrameStream>,
    signal: AbortSignal | undefined,
  ) {
    super(open, (frames) => reader.events(frames), signal);
    this.#reader = reader;
  }

  /** The session that the chat belongs to; `null` until the platform has said it. */
  get sessionId(): string | null {
    return this.#reader.sessionId;
  }

  /** Which message of the reply is being said, from 0. */
  get messageIndex(): number {
    return this.#reader.messageIndex;
  }

  /** The reply as far as it has come: the whole reply when the loop has ended by itself. */
  get reply(): ChatReply {
    return this.#reader.reply;
  }
}

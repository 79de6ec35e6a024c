import { checkFilled, checkOptionNames } from '../../http/index.js';
import { defined } from '../shared/defined.js';
import { EventStream } from '../shared/event-stream.js';
import { checkCallOptions, type PlatformCallOptions } from '../shared/request.js';
import type { PhosonApi, PhosonInput } from './api.js';
import { type PhosonEvent, readEvents } from './events.js';
import type { PhosonMessage } from './records.js';

/** How an agent is to reply. What is left out is the agent's own. */
export interface PhosonReplyOptions {
  /** The id of a model. */
  model?: string | undefined;
  provider?: 'anthropic' | 'openai' | 'openrouter' | (string & Record<never, never>) | undefined;
  temperature?: number | undefined;
  max_tokens?: number | undefined;
  reasoning_effort?: 'low' | 'medium' | 'high' | (string & Record<never, never>) | undefined;
}

export const REPLY_OPTION_NAMES: readonly string[] = [
  'model',
  'provider',
  'temperature',
  'max_tokens',
  'reasoning_effort',
];

/** What is said in conversations: `client.messages`. */
export class PhosonMessages {
  readonly #api: PhosonApi;

  constructor(api: PhosonApi) {
    this.#api = api;
  }

  /**
   * Says something, and gives the reply as it comes. The request is made when the first event is asked for. `run_done` or `error`
   * is the last event: a run that fails there is not thrown.
   *
   * @throws ValidationError right away for an empty text, an id or an option that cannot be; out of the loop PhosonApiError for
   * everything else, of kind `interrupted` where the stream ends before the reply, and AbortedError.
   * @example
   * for await (const event of client.messages.stream(conversation.id, 'Hello', { model: 'gpt-4o' })) {
   *   if (event.type === 'token') process.stdout.write(event.content);
   * }
   */
  stream(
    conversationId: string,
    text: string,
    reply: PhosonReplyOptions = {},
    options: PlatformCallOptions = {},
  ): EventStream<PhosonEvent> {
    const input = inputOf(conversationId, text, reply);
    const request = { ...this.#api.request('messages.stream', input), ndjson: true };
    const checked = checkCallOptions(options);
    return new EventStream(
      (signal) => this.#api.stream(request, { ...checked, signal }),
      (frames) => readEvents(frames, this.#api.dialect),
      checked.signal,
    );
  }

  /** Says something, and waits for the whole reply. */
  async send(
    conversationId: string,
    text: string,
    reply: PhosonReplyOptions = {},
    options?: PlatformCallOptions,
  ): Promise<PhosonMessage> {
    const input = inputOf(conversationId, text, reply);
    return this.#api.ask('messages.send', input, options, (reader, data) => reader.message(data));
  }

  /** What was said, all of it: there are no pages. */
  async list(conversationId: string, options?: PlatformCallOptions): Promise<PhosonMessage[]> {
    const ids = { conversation_id: conversationId };
    return this.#api.ask('messages.list', { ids }, options, (reader, data) =>
      reader.list<PhosonMessage>(data),
    );
  }
}

function inputOf(conversationId: string, text: string, reply: PhosonReplyOptions): PhosonInput {
  checkFilled(text, 'text');
  checkOptionNames(reply, REPLY_OPTION_NAMES, 'reply option');
  return { ids: { conversation_id: conversationId }, body: { content: text, ...defined(reply) } };
}

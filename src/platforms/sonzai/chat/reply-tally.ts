import { asRecord } from '../records/as-record.js';
import type { OpenRecord } from '../records/open-record.js';
import type { ChatEvent, CompleteEvent } from './chat-event.js';
import type { ChatReply, ChatUsage } from './chat-reply.js';
import { deltaOf } from './read-event.js';

/** Adds up the events of a chat: what has been said, in which message, and what it has cost. */
export class ReplyTally {
  readonly #texts: string[] = [''];
  #usage: ChatUsage | null = null;
  #sessionId: string | null = null;
  #completion: CompleteEvent | null = null;
  #fullContent: string | null = null;
  #messageIndex = 0;

  /** The number of the message that is being written, from 0. */
  get messageIndex(): number {
    return this.#messageIndex;
  }

  /** The session, as far as a frame has named it. */
  get sessionId(): string | null {
    return this.#sessionId;
  }

  get usage(): ChatUsage | null {
    return this.#usage;
  }

  get isComplete(): boolean {
    return this.#completion !== null;
  }

  add(event: ChatEvent): void {
    this.#usage = usageIn(event) ?? this.#usage;
    this.#sessionId = sessionIn(event) ?? this.#sessionId;
    switch (event.kind) {
      case 'delta':
        this.#write(event.content, event.replacement === true);
        break;
      case 'message_boundary':
        this.#texts.push('');
        this.#messageIndex = indexIn(event.message_index) ?? this.#messageIndex + 1;
        break;
      case 'complete':
        // A completion may carry the last piece.
        this.#write(deltaOf(event), event.replacement === true);
        this.#completion = event;
        if (typeof event.full_content === 'string') this.#fullContent = event.full_content;
        break;
    }
  }

  /** @param sessionId What the head of the answer said; it wins over the frames. */
  reply(sessionId: string | null): ChatReply {
    const messages = this.#texts.filter((text) => text !== '');
    return {
      content: this.#fullContent ?? messages.join('\n\n'),
      messages,
      session_id: sessionId ?? this.#sessionId,
      usage: this.#usage,
      external_tool_calls: this.#completion?.external_tool_calls ?? [],
      completion: this.#completion,
    };
  }

  #write(text: string, isReplacement: boolean): void {
    const last = this.#texts.length - 1;
    if (isReplacement) this.#texts[last] = text;
    else this.#texts[last] += text;
  }
}

/** Usage travels in camelCase, and in snake_case where a platform version says so. */
function usageIn(frame: OpenRecord): ChatUsage | null {
  const usage = asRecord(frame.usage);
  if (usage === undefined) return null;
  return {
    prompt_tokens: countOf(usage.promptTokens ?? usage.prompt_tokens),
    completion_tokens: countOf(usage.completionTokens ?? usage.completion_tokens),
    total_tokens: countOf(usage.totalTokens ?? usage.total_tokens),
  };
}

function sessionIn(frame: OpenRecord): string | null {
  const named = frame.session_id ?? frame.sessionId;
  return typeof named === 'string' && named !== '' ? named : null;
}

function indexIn(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

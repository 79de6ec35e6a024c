import type { CompleteEvent, ExternalToolCall } from './chat-event.js';

/** What a chat has cost. */
export interface ChatUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/** A whole reply. */
export interface ChatReply {
  /** What the agent says: the platform's own version of the whole where it gives one, else the messages with a blank line between them. */
  readonly content: string;
  /** The messages that the reply came in, one or more; those without a text are left out. */
  readonly messages: readonly string[];
  /** The session that the chat belongs to; pass it with the next one. `null` where the platform does not say. */
  readonly session_id: string | null;
  /** `null` where the platform does not say. */
  readonly usage: ChatUsage | null;
  /** Tools of yours that the agent wants to use. Answer each in the next chat, with a `tool` message. */
  readonly external_tool_calls: readonly ExternalToolCall[];
  /** The completion as it came, with `continuation_token` and the like; `null` when the stream ended without one. */
  readonly completion: CompleteEvent | null;
}

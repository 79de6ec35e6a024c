import type { PlatformError } from './platform-error.js';

/** A piece of the reply. */
export interface TokenThought {
  readonly type: 'token';
  readonly text: string;
  /** Which message of the reply it belongs to, where a platform splits replies. Default 0. */
  readonly messageIndex?: number | undefined;
}

/** A piece of what the model considers before it replies. */
export interface ReasoningThought {
  readonly type: 'reasoning';
  readonly text: string;
}

/** A tool is used. */
export interface ToolStartThought {
  readonly type: 'tool_start';
  readonly tool: string;
  readonly input?: unknown;
  readonly callId?: string | undefined;
}

/** A tool was used. */
export interface ToolEndThought {
  readonly type: 'tool_end';
  readonly tool: string;
  readonly result?: unknown;
  readonly callId?: string | undefined;
}

/** The reply is complete. Always the last. */
export interface DoneThought {
  readonly type: 'done';
  /** The whole reply. It wins over the sum of the tokens. */
  readonly text: string;
  /** The platform's id of the conversation. */
  readonly remoteId?: string | undefined;
  readonly runId?: string | undefined;
  /** What it cost, as the platform counts. */
  readonly usage?: unknown;
  /** The tokens of `usage`, in and out, where the platform says: what a bot's budgets count. */
  readonly tokens?: number | undefined;
  /** The conversation is over; the next turn begins a new one. */
  readonly finished?: boolean | undefined;
  /** Tools that the caller is to run. */
  readonly externalToolCalls?: readonly unknown[] | undefined;
  /** The platform's own last frame. */
  readonly raw?: unknown;
}

/** There will be no reply, or no more of it. Always the last. */
export interface ErrorThought {
  readonly type: 'error';
  readonly error: PlatformError;
}

/** What happens while a platform thinks. */
export type ThoughtEvent =
  | TokenThought
  | ReasoningThought
  | ToolStartThought
  | ToolEndThought
  | DoneThought
  | ErrorThought;

/** Whom a platform talks with, and how. */
export interface ThoughtAsk {
  /** The conversation, by the caller's own name. */
  conversationKey: string;
  /** The person, by the caller's own id. */
  userId?: string | undefined;
  userName?: string | undefined;
  /** Ends it at once: no further event comes, and no error. */
  signal?: AbortSignal | undefined;
  /** Fields for the platform's own call, as on its wire. */
  hints?: Readonly<Record<string, unknown>> | undefined;
}

/** What a platform can tell. The same for all of its conversations. */
export interface ThoughtCapabilities {
  /** There are `reasoning` events. */
  readonly reasoning: boolean;
  /** There are `tool_start` and `tool_end` events. */
  readonly toolEvents: boolean;
  /** `done` has a `usage`. */
  readonly usage: boolean;
  /** A reply may consist of several messages. */
  readonly multiMessage: boolean;
  /** The platform remembers the conversation, so that only the new text is sent. */
  readonly serverHistory: boolean;
}

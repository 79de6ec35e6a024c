import type { OpenRecord } from '../records/open-record.js';

/** A piece of the reply. */
export interface DeltaEvent extends OpenRecord {
  readonly kind: 'delta';
  readonly content: string;
  /** `true`: the piece replaces what the current message has said so far. */
  readonly replacement?: boolean | undefined;
}

/** A tool of yours that the agent wants to use. Answer in the next chat, with a `tool` message. */
export interface ExternalToolCall extends OpenRecord {
  readonly id: string;
  readonly name: string;
  readonly parameters: unknown;
}

/** The reply is complete. */
export interface CompleteEvent extends OpenRecord {
  readonly kind: 'complete';
  /** The whole reply, where the platform repeats it. */
  readonly full_content?: string | undefined;
  readonly continuation_token?: string | undefined;
  readonly response_cookie?: string | undefined;
  readonly message_count?: number | undefined;
  readonly external_tool_calls: readonly ExternalToolCall[];
  readonly side_effects?: unknown;
}

/** The platform has put together what the agent knows. */
export interface ContextReadyEvent extends OpenRecord {
  readonly kind: 'context_ready';
  readonly build_duration_ms?: number | undefined;
  readonly used_fast_path?: boolean | undefined;
  readonly enriched_context?: unknown;
}

/** What the chat has changed in the agent. May come after the completion. */
export interface SideEffectsEvent extends OpenRecord {
  readonly kind: 'side_effects';
  readonly data?: unknown;
}

/** The reply goes on as another message. */
export interface MessageBoundaryEvent extends OpenRecord {
  readonly kind: 'message_boundary';
  readonly message_index?: number | undefined;
  readonly is_follow_up?: boolean | undefined;
}

/** What the agent is doing. */
export interface PhaseEvent extends OpenRecord {
  readonly kind: 'phase';
  readonly phase:
    | 'planning'
    | 'tool_call'
    | 'composing'
    | 'verifying'
    | 'complete'
    | (string & Record<never, never>);
  readonly tool?: string | undefined;
}

/** A frame that this client does not know. Its text, if it has one, is not part of the reply. */
export interface OtherEvent extends OpenRecord {
  readonly kind: 'other';
}

/** A frame of a chat: the fields of the wire, and what it is. */
export type ChatEvent =
  | DeltaEvent
  | CompleteEvent
  | ContextReadyEvent
  | SideEffectsEvent
  | MessageBoundaryEvent
  | PhaseEvent
  | OtherEvent;

import type { AgentContext } from './context.js';
import type { OpenRecord } from './open-record.js';

export interface ToolDefinition {
  /** Names that begin with `sonzai_` are the platform's. */
  readonly name: string;
  readonly description: string;
  /** A JSON Schema. */
  readonly parameters: unknown;
}

/** A message of a session that you run yourself. */
export interface SessionMessage {
  readonly role: 'user' | 'assistant' | 'tool' | 'system';
  readonly content?: string | undefined;
  readonly tool_call_id?: string | undefined;
  readonly tool_calls?:
    | readonly { readonly id: string; readonly type: string; readonly function: unknown }[]
    | undefined;
}

/** `provider` and `model` go together, or not at all. */
interface ModelChoice {
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
}

export interface StartSession extends ModelChoice {
  readonly user_id: string;
  /** Chosen by you. */
  readonly session_id: string;
  readonly instance_id?: string | undefined;
  readonly user_display_name?: string | undefined;
  readonly tool_definitions?: readonly ToolDefinition[] | undefined;
}

/** What the end of a session is told, when a handle knows whose session it is. */
export interface SessionEndDetails extends ModelChoice {
  /** Default 0. */
  readonly total_messages?: number | undefined;
  /** Default 0. */
  readonly duration_seconds?: number | undefined;
  readonly messages?: readonly SessionMessage[] | undefined;
  /** Also asks, for at most ten minutes, until the platform has worked the session off. */
  readonly wait?: boolean | undefined;
  /** Travels in the query. */
  readonly force_sync?: boolean | undefined;
  readonly user_display_name?: string | undefined;
  readonly user_timezone?: string | undefined;
}

export interface EndSession extends SessionEndDetails {
  readonly user_id: string;
  readonly session_id: string;
  readonly instance_id?: string | undefined;
}

/** What the platform answers to the end of a session. */
export interface SessionEnded extends OpenRecord {
  readonly success: boolean;
  readonly async?: boolean | undefined;
  /** Present where the platform works the session off later. */
  readonly processing_id?: string | undefined;
  readonly session_id?: string | undefined;
  readonly status_url?: string | undefined;
  readonly enqueued_at?: string | undefined;
}

/** How far the platform is with a session that has ended: what `wait` gives. */
export interface SessionEndState extends OpenRecord {
  readonly state: 'queued' | 'running' | 'done' | 'failed' | (string & Record<never, never>);
  readonly session_id: string;
  readonly agent_id: string;
  readonly enqueued_at: string;
  readonly started_at?: string | null | undefined;
  readonly finished_at?: string | null | undefined;
  readonly attempt?: number | undefined;
  readonly error?: unknown;
}

export interface FetchNextContext {
  readonly query?: string | undefined;
  readonly language?: string | undefined;
  readonly timezone?: string | undefined;
}

/** A turn that your own model has done, as you write it. On the wire the names are in camelCase. */
export interface SessionTurn extends ModelChoice {
  readonly messages: readonly SessionMessage[];
  /** Asks for the context of the next turn in the same call. */
  readonly fetch_next_context?: FetchNextContext | undefined;
  readonly user_display_name?: string | undefined;
  readonly user_timezone?: string | undefined;
}

export interface TurnMood extends OpenRecord {
  readonly valence: number;
  readonly arousal: number;
  readonly tension: number;
  readonly affiliation: number;
  readonly reason?: string | undefined;
  readonly trigger_type?: string | undefined;
}

export interface TurnAnswer extends OpenRecord {
  readonly success: boolean;
  /** Ask `status` of the session's handle with it. */
  readonly extraction_id: string;
  readonly extraction_status: string;
  readonly mood?: TurnMood | undefined;
  readonly next_context?: AgentContext | undefined;
}

export interface TurnStatus extends OpenRecord {
  readonly extraction_id: string;
  readonly state: 'queued' | 'running' | 'done' | 'failed' | (string & Record<never, never>);
  readonly error?: unknown;
}

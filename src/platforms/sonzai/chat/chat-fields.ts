import type { ToolDefinition } from '../records/session.js';

export interface ChatMessage {
  readonly role: 'user' | 'assistant' | 'system' | 'tool';
  readonly content: string;
  /** The id of the external tool call that a `tool` message answers. */
  readonly tool_call_id?: string | undefined;
  readonly [field: string]: unknown;
}

/** What a chat is asked with. Fields that are not named here travel as they are. */
export interface ChatFields {
  /** The new messages. The platform keeps the earlier ones. */
  readonly messages: readonly ChatMessage[];
  /** Whom the agent talks to. The platform takes everybody without one for the same person. */
  readonly user_id?: string | undefined;
  readonly user_display_name?: string | undefined;
  /** Chosen by you. The platform makes one when it is left out. */
  readonly session_id?: string | undefined;
  readonly instance_id?: string | undefined;
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  readonly language?: string | undefined;
  /** An IANA zone such as `Europe/Berlin`. */
  readonly timezone?: string | undefined;
  readonly compiled_system_prompt?: string | undefined;
  readonly interaction_role?: 'owner' | 'non_owner' | undefined;
  readonly tool_capabilities?:
    | {
        readonly web_search?: boolean;
        readonly remember_name?: boolean;
        readonly image_generation?: boolean;
      }
    | undefined;
  /** Tools of yours. The platform does not run them: see `external_tool_calls` of the reply. */
  readonly tool_definitions?: readonly ToolDefinition[] | undefined;
  readonly max_turns?: number | undefined;
  /** 0 is sent; what is left out is not. */
  readonly temperature?: number | undefined;
  /** As the last completion gave it. */
  readonly continuation_token?: string | undefined;
  /** The `response_cookie` of the last completion. */
  readonly ai_service_cookie?: string | undefined;
  readonly request_type?: string | undefined;
  readonly skip_context_build?: boolean | undefined;
  readonly skip_server_history_cache?: boolean | undefined;
  readonly retrieval_sync?: boolean | undefined;
  readonly game_context?: unknown;
  readonly skill_levels?: unknown;
  readonly capabilities?: readonly string[] | undefined;
  readonly [field: string]: unknown;
}

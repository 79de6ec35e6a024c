import type { LlmConfig, MllmConfig, StartProperties } from './properties.js';

/** What every operation takes. */
export interface OfProject {
  /** Another app than the client's. */
  appid?: string | undefined;
}

export interface StartRequest extends OfProject {
  /** No two agents that run may have the same. */
  name: string;
  properties: StartProperties;
}

export interface ListRequest extends OfProject {
  channel?: string | undefined;
  /** Epoch seconds. */
  from_time?: number | undefined;
  /** Epoch seconds. */
  to_time?: number | undefined;
  /** Numbers of statuses, IDLE 0 to FAILED 6, separated by commas. Default `'2'`: those that run. */
  state?: string | number | undefined;
  /** Agents per page. Default 20. */
  limit?: number | undefined;
  /** Where to go on: `meta.cursor` of an earlier page. */
  cursor?: string | undefined;
}

export interface UpdateRequest extends OfProject {
  properties: {
    token?: string;
    /** `params` replaces all of them. */
    llm?: Pick<LlmConfig, 'system_messages' | 'params'>;
    mllm?: Pick<MllmConfig, 'params'>;
    [field: string]: unknown;
  };
}

export interface SpeakRequest extends OfProject {
  /** At most 512 bytes. */
  text: string;
  /** `INTERRUPT` (default) says it at once, `APPEND` after what is being said, `IGNORE` only when the agent is silent. */
  priority?: 'INTERRUPT' | 'APPEND' | 'IGNORE' | undefined;
  /** Whether somebody may cut it off. Default true. */
  interruptable?: boolean | undefined;
}

export interface ThinkRequest extends OfProject {
  text: string;
  /** What becomes of the text while the agent hears. Default in China `inject`, elsewhere `interrupt`. */
  on_listening_action?: 'inject' | 'interrupt' | 'ignore' | undefined;
  /** While it thinks. Default `interrupt`. */
  on_thinking_action?: 'interrupt' | 'ignore' | undefined;
  /** While it speaks. Default `ignore`. */
  on_speaking_action?: 'interrupt' | 'ignore' | undefined;
  interruptable?: boolean | undefined;
  metadata?: Record<string, unknown> | undefined;
}

export interface TurnsRequest extends OfProject {
  page_index?: number | undefined;
  /** At most 50. */
  page_size?: number | undefined;
}

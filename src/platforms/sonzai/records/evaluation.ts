import type { OpenRecord } from './open-record.js';

/**
 * Who talks to the agent in a simulation. The platform's own form is `name, description, style`; the form of its SDK documents is
 * taken too: `background` and `personality_traits` become part of the description, `communication_style` the style.
 */
export interface UserPersona {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly style?: string | undefined;
  readonly background?: string | undefined;
  readonly personality_traits?: readonly string[] | string | undefined;
  readonly communication_style?: string | undefined;
}

/** Travels as you give it. The platform's own description requires all of these fields. */
export interface SimulationConfig {
  readonly max_sessions?: number | undefined;
  readonly max_turns_per_session?: number | undefined;
  readonly simulated_duration_hours?: number | undefined;
  readonly enable_proactive?: boolean | undefined;
  readonly enable_diary?: boolean | undefined;
  readonly enable_consolidation?: boolean | undefined;
}

export interface Evaluate {
  readonly messages: readonly {
    readonly role: string;
    readonly content: string;
    readonly session_index?: number | undefined;
  }[];
  readonly template_id: string;
  readonly adaptation_template_id?: string | undefined;
  readonly config_override?: unknown;
  readonly model?: string | undefined;
  readonly provider?: string | undefined;
  readonly quality_only?: boolean | undefined;
  readonly simulation_config?: SimulationConfig | undefined;
  readonly simulation_state?: unknown;
  readonly user_persona?: UserPersona | undefined;
}

export interface Simulate {
  readonly sessions?: unknown;
  readonly user_persona?: UserPersona | undefined;
  readonly config?: SimulationConfig | undefined;
  readonly model?: string | undefined;
  readonly config_override?: unknown;
  readonly user_id?: string | undefined;
}

export interface RunEval {
  readonly template_id: string;
  readonly sessions?: unknown;
  readonly user_persona?: UserPersona | undefined;
  readonly simulation_config?: SimulationConfig | undefined;
  readonly model?: string | undefined;
  readonly config_override?: unknown;
  readonly adaptation_template_id?: string | undefined;
  readonly quality_only?: boolean | undefined;
}

export interface EvalOnly {
  readonly template_id: string;
  readonly source_run_id: string;
  readonly [field: string]: unknown;
}

/** A run that has begun. Read its events with `evalRuns.streamEvents`, its result with `evalRuns.get`. */
export interface RunStarted extends OpenRecord {
  readonly run_id: string;
  readonly status: string;
}

/** A result that came at once. */
export interface EvaluationResult extends OpenRecord {
  readonly run_id?: undefined;
  readonly score: number;
  readonly feedback: string;
  readonly categories?: unknown;
}

/** The sources disagree on what `evaluate` gives. Where `run_id` is there, the result comes later. */
export type Evaluation = RunStarted | EvaluationResult;

/** One step of a run. Only `type` is certain. */
export interface EvalEvent extends OpenRecord {
  readonly type: string;
  readonly status?: string | undefined;
  readonly evaluation_result?: unknown;
  readonly adaptation_result?: unknown;
  readonly error_reason?: string | undefined;
  readonly message?: unknown;
  readonly session_index?: number | undefined;
  readonly total_sessions?: number | undefined;
  readonly total_turns?: number | undefined;
  readonly total_cost_usd?: number | undefined;
  readonly eval_result?: unknown;
  readonly error?: unknown;
}

export interface EvalRun extends OpenRecord {
  readonly run_id: string;
  readonly agent_id: string;
  readonly agent_name: string;
  readonly status: string;
  readonly template_id: string;
  readonly started_at: string;
  readonly created_at: string;
  readonly completed_at: string | null;
  readonly total_turns: number;
  readonly total_sessions: number;
  readonly total_cost_usd: number;
  readonly simulation_model: string;
  readonly transcript: unknown;
  readonly evaluation_result: unknown;
  readonly adaptation_result: unknown;
  readonly error_reason?: string | undefined;
}

export interface EvalRunsQuery {
  readonly agent_id?: string | undefined;
  /** At most 100. The platform's default is 20. */
  readonly page_size?: number | undefined;
  /** The `next_cursor` of the page before. */
  readonly cursor?: string | undefined;
}

/** One page of runs. */
export interface EvalRunPage extends OpenRecord {
  readonly runs: readonly EvalRun[];
  readonly next_cursor?: string | null | undefined;
  readonly has_more: boolean;
}

export interface EventsQuery {
  /** The number of events that you have seen already. Default 0. Travels as `from`. */
  readonly from_index?: number | undefined;
}

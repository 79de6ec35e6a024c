import type { OpenRecord } from './open-record.js';

/** What to give the context of, as you write it. On the wire the names are in camelCase. */
export interface ContextQuery {
  readonly user_id: string;
  readonly session_id?: string | undefined;
  readonly instance_id?: string | undefined;
  /** What the context should help to answer. */
  readonly query?: string | undefined;
  readonly language?: string | undefined;
  /** An IANA zone such as `Europe/Berlin`. */
  readonly timezone?: string | undefined;
}

export interface RecentTurn extends OpenRecord {
  readonly role: string;
  readonly content: string;
  readonly timestamp?: string | undefined;
}

/** All that a model of your own needs to speak as the agent. Only `recent_turns` has a form that the platform states. */
export interface AgentContext extends OpenRecord {
  readonly recent_turns?: readonly RecentTurn[] | null | undefined;
  readonly loaded_facts?: unknown;
  readonly long_term_summaries?: unknown;
  readonly proactive_memories?: unknown;
  readonly active_goals?: unknown;
  readonly habits?: unknown;
  readonly current_mood?: unknown;
  readonly emotional_state?: unknown;
  readonly relationship_narrative?: unknown;
  readonly relationship_status?: unknown;
  readonly love_from_agent?: unknown;
  readonly love_from_user?: unknown;
  readonly chemistry_score?: unknown;
  readonly days_since_last_chat?: unknown;
  readonly significant_moments?: unknown;
  readonly recent_personality_shifts?: unknown;
  readonly constellation_patterns?: unknown;
  readonly knowledge?: unknown;
  readonly capabilities?: unknown;
  /** Older servers call it `game_context`. */
  readonly backend_context?: unknown;
}

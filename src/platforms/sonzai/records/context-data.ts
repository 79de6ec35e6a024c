import type { OpenRecord } from './open-record.js';

/** Whose part of an agent's inner life is asked for. */
export interface OfUser {
  readonly user_id?: string | undefined;
  readonly instance_id?: string | undefined;
}

/** Numbers from 0 to 100. */
export interface Mood extends OpenRecord {
  readonly valence: number;
  readonly arousal: number;
  readonly tension: number;
  readonly affiliation: number;
  readonly label?: string | undefined;
}

export interface MoodAnswer extends OpenRecord {
  readonly mood: Mood;
}

export interface Relationship extends OpenRecord {
  readonly user_id: string;
  readonly love_score: number;
  readonly chemistry_score?: number | undefined;
  readonly narrative?: string | undefined;
  readonly updated_at?: string | undefined;
}

export interface RelationshipList extends OpenRecord {
  readonly relationships: readonly Relationship[];
}

export interface Habit extends OpenRecord {
  readonly name: string;
  readonly display_name: string;
  readonly description: string;
  readonly category: string;
  readonly strength: number;
  readonly formed: boolean;
  readonly observation_count: number;
}

export interface HabitList extends OpenRecord {
  readonly habits: readonly Habit[];
}

export interface Goal extends OpenRecord {
  readonly goal_id: string;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly priority: unknown;
  readonly status: string;
}

export interface GoalList extends OpenRecord {
  readonly goals: readonly Goal[];
}

export interface GoalsQuery {
  readonly user_id?: string | undefined;
}

export interface Interest extends OpenRecord {
  readonly topic: string;
  readonly category: string;
  readonly confidence: number;
  readonly engagement_level: unknown;
  readonly mention_count: number;
  readonly research_status: string;
}

export interface InterestList extends OpenRecord {
  readonly interests: readonly Interest[];
}

export interface DiaryQuery extends OfUser {
  /** The entry of one day, `YYYY-MM-DD`. Without it the latest come. */
  readonly date?: string | undefined;
  /** Entries to give at most, up to 100. The platform's default is 30. */
  readonly limit?: number | undefined;
}

export interface DiaryEntry extends OpenRecord {
  readonly entry_id: string;
  readonly date: string;
  readonly content: string;
  readonly title?: string | undefined;
  readonly mood?: unknown;
  readonly tags?: readonly string[] | null | undefined;
  readonly topics?: readonly string[] | null | undefined;
  readonly body_lines?: readonly string[] | null | undefined;
}

export interface Diary extends OpenRecord {
  /** With a `date`: the entry of that day, if there is one. */
  readonly entry?: DiaryEntry | null | undefined;
  /** Without a `date`: the latest. Empty with one. */
  readonly entries: readonly DiaryEntry[];
}

export interface UsersQuery {
  /** At most 500. The platform's default is 100. */
  readonly page_size?: number | undefined;
  /** The `next_cursor` of the page before. */
  readonly cursor?: string | undefined;
}

export interface AgentUser extends OpenRecord {
  readonly user_id: string;
  readonly role: string;
  readonly display_name?: string | undefined;
  readonly mood?: unknown;
  readonly metadata?: unknown;
}

/** One page of the people whom an agent knows. */
export interface UserPage extends OpenRecord {
  readonly users: readonly AgentUser[];
  readonly next_cursor?: string | null | undefined;
  readonly has_more: boolean;
}

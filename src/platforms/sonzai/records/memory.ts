import type { OpenRecord } from './open-record.js';

export interface MemoryNode extends OpenRecord {
  readonly node_id: string;
  readonly agent_id: string;
  readonly name: string;
  readonly description: string;
  readonly path: string;
  readonly memory_type: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly importance?: number | undefined;
  readonly recency?: number | undefined;
  readonly depth?: number | undefined;
  readonly parent_id?: string | undefined;
  readonly user_id?: string | undefined;
  readonly child_count?: number | undefined;
  readonly content_count?: number | undefined;
}

/** Something that an agent knows. Its text is `atomic_text`. */
export interface Fact extends OpenRecord {
  readonly fact_id: string;
  readonly agent_id: string;
  readonly node_id: string;
  readonly atomic_text: string;
  readonly fact_type: string;
  readonly confidence: number;
  readonly mention_count: number;
  readonly retention_strength: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly last_confirmed: string;
  readonly last_retrieved_at: string;
  readonly importance?: number | undefined;
  readonly entities?: readonly string[] | null | undefined;
  readonly session_id?: string | undefined;
  readonly source_type?: string | undefined;
  readonly topic_tags?: readonly string[] | null | undefined;
  readonly metadata?: unknown;
}

export interface ListMemory {
  readonly user_id?: string | undefined;
  readonly instance_id?: string | undefined;
  readonly parent_id?: string | undefined;
  /** Gives the facts of each node in `contents`. */
  readonly include_contents?: boolean | undefined;
  readonly scope?: string | undefined;
  /** 1 to 200. The platform's default is 50. */
  readonly limit?: number | undefined;
  readonly memory_type?: string | undefined;
}

export interface MemoryList extends OpenRecord {
  readonly nodes: readonly MemoryNode[];
  /** The facts by `node_id`, where they were asked for. */
  readonly contents?: Readonly<Record<string, readonly Fact[]>> | null | undefined;
}

export interface SearchMemory {
  /** Travels as `q`. */
  readonly query: string;
  readonly user_id?: string | undefined;
  readonly instance_id?: string | undefined;
  readonly mode?: 'auto' | 'semantic' | 'bm25' | undefined;
  /** 1 to 100. The platform's default is 20. */
  readonly limit?: number | undefined;
  readonly include_verbatim?: boolean | undefined;
}

/** A hit of a search. Its text is `content`. */
export interface MemoryHit extends OpenRecord {
  readonly fact_id: string;
  readonly content: string;
  readonly fact_type: string;
  readonly score: number;
  readonly session_id?: string | undefined;
}

export interface MemoryHits extends OpenRecord {
  readonly results: readonly MemoryHit[];
}

export interface MemoryTimelineQuery {
  readonly user_id?: string | undefined;
  readonly instance_id?: string | undefined;
  /** A date, `YYYY-MM-DD`. The platform's default is thirty days ago. */
  readonly start?: string | undefined;
  /** A date, `YYYY-MM-DD`. */
  readonly end?: string | undefined;
}

export interface TimelineSession extends OpenRecord {
  readonly session_id: string;
  readonly facts: readonly Fact[];
  readonly fact_count: number;
  readonly first_fact_at: string;
  readonly last_fact_at: string;
}

export interface MemoryTimeline extends OpenRecord {
  readonly sessions: readonly TimelineSession[];
  readonly total_facts: number;
}

export interface NewFact {
  readonly content: string;
  readonly fact_type?: string | undefined;
  readonly importance?: number | undefined;
  readonly confidence?: number | undefined;
  readonly entities?: readonly string[] | undefined;
  readonly node_id?: string | undefined;
  readonly metadata?: unknown;
  readonly user_id?: string | undefined;
}

export interface BulkCreateFacts {
  /** 1 to 1,000. */
  readonly facts: readonly NewFact[];
  readonly user_id?: string | undefined;
  /** Travels in the query. */
  readonly instance_id?: string | undefined;
}

/** What was stored. A fact that the platform could not store is left out without a word: compare the numbers. */
export interface CreatedFacts extends OpenRecord {
  readonly facts: readonly Fact[];
  readonly facts_created: number;
}

import type { OpenRecord } from './open-record.js';

/** A trait of a personality: how strong, and how sure. */
export interface BigFiveTrait extends OpenRecord {
  readonly score: number;
  readonly confidence: number;
  readonly level?: string | undefined;
  readonly facets?: unknown;
}

/** The five traits, each as a number. */
export interface BigFiveScores {
  readonly openness?: number | undefined;
  readonly conscientiousness?: number | undefined;
  readonly extraversion?: number | undefined;
  readonly agreeableness?: number | undefined;
  readonly neuroticism?: number | undefined;
}

/** Numbers by name: `assertiveness`, `compassion`, `warmth`. The sources disagree on the names, so none is refused here. */
export type Dimensions = Readonly<Record<string, number>>;

export interface AgentPreferences extends OpenRecord {
  readonly conversation_pace?: string | undefined;
  readonly emotional_expression?: string | undefined;
  readonly formality?: string | undefined;
  readonly humor_style?: string | undefined;
}

export interface AgentBehaviors extends OpenRecord {
  readonly conflict_approach?: string | undefined;
  readonly empathy_style?: string | undefined;
  readonly question_frequency?: string | undefined;
  readonly response_length?: string | undefined;
}

export interface SeedMemory {
  readonly content: string;
  readonly fact_type?: string | undefined;
  readonly importance?: number | undefined;
  readonly entities?: readonly string[] | undefined;
}

export interface InitialGoal {
  readonly title: string;
  readonly description?: string | undefined;
  readonly type?: string | undefined;
  readonly priority?: number | string | undefined;
  readonly related_traits?: readonly string[] | undefined;
}

export interface LoreContext {
  readonly world_description: string;
  readonly entity_terminology?: string | undefined;
  readonly origin_prompt_instructions?: string | undefined;
}

/** Tools of an agent. Once the object is given, the platform requires the first three. */
export interface AgentToolCapabilities {
  readonly web_search: boolean;
  readonly remember_name: boolean;
  readonly image_generation: boolean;
  readonly inventory?: boolean | undefined;
  readonly knowledge_base?: boolean | undefined;
  readonly knowledge_base_write?: boolean | undefined;
  readonly knowledge_base_scope_mode?: KnowledgeBaseScopeMode | undefined;
  readonly memory_mode?: MemoryMode | undefined;
  readonly composio?: boolean | undefined;
  readonly wisdom?: boolean | undefined;
  readonly shared_memory?: boolean | undefined;
  readonly skills?: boolean | undefined;
  readonly auto_learn_skills?: boolean | undefined;
  readonly catalog_booking?: boolean | undefined;
  readonly catalog_grounding?: boolean | undefined;
  readonly mcp_enabled?: readonly string[] | undefined;
}

export type MemoryMode = 'sync' | 'async';
export type KnowledgeBaseScopeMode = 'project_only' | 'org_only' | 'cascade' | 'union';
export type ProactiveMode = 'full' | 'scheduled_only' | 'off';

/** What an agent is created with. Only the name is needed. */
export interface CreateAgent {
  readonly name: string;
  readonly agent_id?: string | undefined;
  readonly user_id?: string | undefined;
  readonly user_display_name?: string | undefined;
  readonly gender?: string | undefined;
  readonly bio?: string | undefined;
  readonly avatar_url?: string | undefined;
  readonly project_id?: string | undefined;
  readonly personality_prompt?: string | undefined;
  readonly language?: string | undefined;
  readonly speech_patterns?: readonly string[] | undefined;
  readonly true_interests?: readonly string[] | undefined;
  readonly true_dislikes?: readonly string[] | undefined;
  readonly primary_traits?: readonly string[] | undefined;
  readonly big5?: BigFiveScores | undefined;
  readonly dimensions?: Dimensions | undefined;
  readonly preferences?: AgentPreferences | undefined;
  readonly behaviors?: AgentBehaviors | undefined;
  readonly seed_memories?: readonly SeedMemory[] | undefined;
  readonly initial_goals?: readonly InitialGoal[] | undefined;
  readonly lore_generation_context?: LoreContext | undefined;
  readonly generate_origin_story?: boolean | undefined;
  readonly generate_personalized_memories?: boolean | undefined;
  readonly generate_avatar?: boolean | undefined;
  readonly capabilities?: { readonly image_generation?: boolean; readonly inventory?: boolean } | undefined;
  /** Travels as `proactiveMode`. */
  readonly proactive_mode?: ProactiveMode | undefined;
  readonly tool_capabilities?: AgentToolCapabilities | undefined;
}

/** An agent as the platform keeps it. */
export interface AgentDetail extends OpenRecord {
  readonly agent_id: string;
  readonly created_at: string;
  readonly instance_count: number;
  readonly is_active: boolean;
  readonly owner_user_id: string;
  readonly tenant_id: string;
  readonly name?: string | undefined;
  readonly bio?: string | undefined;
  readonly gender?: string | undefined;
  readonly big5?: Readonly<Record<string, BigFiveTrait>> | undefined;
  readonly dimensions?: Dimensions | undefined;
  readonly mcp_enabled?: readonly string[] | null | undefined;
  readonly proactive_mode?: ProactiveMode | undefined;
  readonly project_id?: string | undefined;
  readonly last_seen_at?: string | null | undefined;
}

/** A copy of an agent with memories of its own. */
export interface Instance extends OpenRecord {
  readonly instance_id: string;
  readonly agent_id: string;
  readonly name: string;
  readonly status: string;
  readonly is_default: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  readonly description?: string | undefined;
}

export interface InstanceList extends OpenRecord {
  readonly instances: readonly Instance[];
}

export interface CreateInstance {
  readonly name: string;
  readonly description?: string | undefined;
}

import type { KnowledgeBaseScopeMode, MemoryMode, ProactiveMode } from './agent.js';
import type { OpenRecord } from './open-record.js';

/** What an agent can do, as you write it. On the wire the names are in camelCase. */
export interface CapabilitiesUpdate {
  /** Default on the platform: `sync`. */
  readonly memory_mode?: MemoryMode | undefined;
  readonly knowledge_base?: boolean | undefined;
  readonly knowledge_base_write?: boolean | undefined;
  readonly knowledge_base_scope_mode?: KnowledgeBaseScopeMode | undefined;
  readonly web_search?: boolean | undefined;
  readonly remember_name?: boolean | undefined;
  readonly image_generation?: boolean | undefined;
  readonly inventory?: boolean | undefined;
  readonly composio?: boolean | undefined;
  readonly wisdom?: boolean | undefined;
  readonly shared_memory?: boolean | undefined;
  readonly skills?: boolean | undefined;
  readonly auto_learn_skills?: boolean | undefined;
  readonly catalog_booking?: boolean | undefined;
  readonly catalog_grounding?: boolean | undefined;
  readonly proactive_mode?: ProactiveMode | undefined;
  readonly mcp_enabled?: readonly string[] | undefined;
}

/** What an agent can do, as the platform answers: in camelCase, but for `mcp_enabled`. */
export interface Capabilities extends OpenRecord {
  readonly memoryMode?: MemoryMode | undefined;
  readonly knowledgeBase?: boolean | undefined;
  readonly knowledgeBaseWrite?: boolean | undefined;
  readonly knowledgeBaseScopeMode?: KnowledgeBaseScopeMode | undefined;
  readonly webSearch?: boolean | undefined;
  readonly rememberName?: boolean | undefined;
  readonly imageGeneration?: boolean | undefined;
  readonly inventory?: boolean | undefined;
  readonly composio?: boolean | undefined;
  readonly wisdom?: boolean | undefined;
  readonly sharedMemory?: boolean | undefined;
  readonly skills?: boolean | undefined;
  readonly autoLearnSkills?: boolean | undefined;
  readonly catalogBooking?: boolean | undefined;
  readonly catalogGrounding?: boolean | undefined;
  readonly proactiveMode?: ProactiveMode | undefined;
  readonly voiceGeneration?: boolean | undefined;
  readonly musicGeneration?: boolean | undefined;
  readonly videoGeneration?: boolean | undefined;
  readonly voiceId?: string | undefined;
  readonly mcp_enabled: readonly string[];
  readonly customTools: readonly unknown[];
  readonly pendingCapabilities: readonly unknown[];
}

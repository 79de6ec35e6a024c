import { checkOptionNames } from '../../../http/index.js';
import type { CapabilitiesUpdate } from '../records/capabilities.js';
import type { OpenRecord } from '../records/open-record.js';

/** What travels in camelCase. Written by hand: a rule would also change what is yours. */
const WIRE_NAMES: Readonly<Record<keyof CapabilitiesUpdate, string>> = {
  memory_mode: 'memoryMode',
  knowledge_base: 'knowledgeBase',
  knowledge_base_write: 'knowledgeBaseWrite',
  knowledge_base_scope_mode: 'knowledgeBaseScopeMode',
  web_search: 'webSearch',
  remember_name: 'rememberName',
  image_generation: 'imageGeneration',
  inventory: 'inventory',
  composio: 'composio',
  wisdom: 'wisdom',
  shared_memory: 'sharedMemory',
  skills: 'skills',
  auto_learn_skills: 'autoLearnSkills',
  catalog_booking: 'catalogBooking',
  catalog_grounding: 'catalogGrounding',
  proactive_mode: 'proactiveMode',
  mcp_enabled: 'mcpEnabled',
};

/** @throws ValidationError for a name that is not known: nobody can tell how it travels. */
export function wireCapabilities(update: CapabilitiesUpdate): OpenRecord {
  checkOptionNames(update, Object.keys(WIRE_NAMES), 'capability');
  return Object.fromEntries(
    Object.entries(update).map(([name, value]) => [WIRE_NAMES[name as keyof CapabilitiesUpdate], value]),
  );
}

import { checkFilled, checkOptionNames } from '../../../http/index.js';
import type { SonzaiCallOptions } from '../call-options.js';
import { checkFields, checkNotEmpty } from '../checks.js';
import { asRecord } from '../records/as-record.js';
import type {
  BulkCreateFacts,
  CreatedFacts,
  ListMemory,
  MemoryHits,
  MemoryList,
  MemoryTimeline,
  MemoryTimelineQuery,
  SearchMemory,
  TimelineSession,
} from '../records/memory.js';
import { Group } from './group.js';

const MEMORY = '/agents/{agentId}/memory';
const LIST_NAMES: readonly string[] = [
  'user_id',
  'instance_id',
  'parent_id',
  'include_contents',
  'scope',
  'limit',
  'memory_type',
];
const SEARCH_NAMES: readonly string[] = [
  'query',
  'user_id',
  'instance_id',
  'mode',
  'limit',
  'include_verbatim',
];
const TIMELINE_NAMES: readonly string[] = ['user_id', 'instance_id', 'start', 'end'];

/** What an agent remembers. */
export class Memory extends Group {
  /** The nodes of the memory, a tree. */
  async list(agentId: string, query: ListMemory = {}, options: SonzaiCallOptions = {}): Promise<MemoryList> {
    const label = 'agents.memory.list';
    checkOptionNames(query, LIST_NAMES, `${label} field`);
    const { include_contents, ...rest } = query;
    const asked = { ...rest, include_contents: flag(include_contents) };
    const operation = { label, method: 'GET', path: MEMORY, ids: { agentId }, query: asked } as const;
    return this.wire.lists<MemoryList>(operation, ['nodes'], options);
  }

  /** What fits a question best. */
  async search(agentId: string, search: SearchMemory, options: SonzaiCallOptions = {}): Promise<MemoryHits> {
    const label = 'agents.memory.search';
    checkOptionNames(search, SEARCH_NAMES, `${label} field`);
    const { query: q, include_verbatim, ...rest } = search;
    checkFilled(q, 'query');
    const query = { q, ...rest, include_verbatim: flag(include_verbatim) };
    const operation = {
      label,
      method: 'GET',
      path: `${MEMORY}/search`,
      ids: { agentId },
      query: { ...query },
    } as const;
    return this.wire.lists<MemoryHits>(operation, ['results'], options);
  }

  /** What was remembered when, session by session. */
  async timeline(
    agentId: string,
    query: MemoryTimelineQuery = {},
    options: SonzaiCallOptions = {},
  ): Promise<MemoryTimeline> {
    const label = 'agents.memory.timeline';
    checkOptionNames(query, TIMELINE_NAMES, `${label} field`);
    const operation = {
      label,
      method: 'GET',
      path: `${MEMORY}/timeline`,
      ids: { agentId },
      query: { ...query },
    } as const;
    const answer = await this.wire.lists<MemoryTimeline>(operation, ['sessions'], options);
    const sessions = answer.sessions.map(
      (session) =>
        ({
          ...session,
          facts: this.wire.listOf(asRecord(session)?.facts, 'facts', label),
        }) as TimelineSession,
    );
    return { ...answer, sessions };
  }

  /**
   * Tells an agent facts, up to 1,000 at a time. The platform leaves out those that it cannot store: compare `facts_created` with
   * what you sent.
   */
  async bulkCreateFacts(
    agentId: string,
    fields: BulkCreateFacts,
    options: SonzaiCallOptions = {},
  ): Promise<CreatedFacts> {
    const label = 'agents.memory.bulkCreateFacts';
    checkFields(fields, label);
    checkNotEmpty(fields.facts, 'facts', label);
    const { instance_id, ...body } = fields;
    const query = { instance_id };
    const path = `${MEMORY}/facts/bulk`;
    const operation = { label, method: 'POST', path, ids: { agentId }, query, body } as const;
    return this.wire.lists<CreatedFacts>(operation, ['facts'], options);
  }
}

/** The platform knows `true` only. */
function flag(value: boolean | undefined): true | undefined {
  return value === true ? true : undefined;
}

import {
  DIRECTORY_PAGE_DEFAULT,
  type DirectoryAgent,
  type DirectoryQuery,
  type DirectoryResult,
  ErrorCode,
  normalizeHandle,
} from '../../wire/index.js';
import { ok, type Reply, rateLimited } from '../http/reply.js';
import type { AgentRecord } from '../state/records.js';
import type { World } from '../state/world.js';
import type { Resource } from './resource.js';

/** Looks at the beginning of handles, and at nothing else. */
export const searchAgents: Resource<'searchAgents'> = {
  handle({ world, caller, query }) {
    const limited = refusalOfSearch(world, caller);
    if (limited !== undefined) return limited;
    const { q, limit = DIRECTORY_PAGE_DEFAULT, offset = 0 } = query as DirectoryQuery;
    const prefix = normalizeHandle(q);
    const found = [...world.agents.all()]
      .filter(({ handle, status }) => handle.startsWith(prefix) && status !== 'deleted')
      .sort((left, right) => (left.handle < right.handle ? -1 : 1));
    const response: DirectoryResult = {
      agents: found.slice(offset, offset + limit).map((agent) => rowOf(world, caller, agent)),
      total: found.length,
      limit,
      offset,
    };
    return ok(response);
  },
};

function refusalOfSearch({ quotas, now }: World, { handle }: AgentRecord): Reply | undefined {
  if (quotas.kind === 'off') return undefined;
  const at = now();
  const { searchesPerMinute, searchesPerDay } = quotas;
  const waitMs = Math.max(searchesPerMinute.waitMs(handle, at), searchesPerDay.waitMs(handle, at));
  if (waitMs > 0) return rateLimited(ErrorCode.RATE_LIMITED, 'Too many searches.', waitMs);
  searchesPerMinute.take(handle, at);
  searchesPerDay.take(handle, at);
  return undefined;
}

function rowOf({ contacts }: World, caller: AgentRecord, agent: AgentRecord): DirectoryAgent {
  return {
    handle: agent.handle,
    display_name: agent.displayName,
    description: agent.description,
    avatar_url: agent.avatarUrl,
    created_at: agent.createdAt,
    in_contacts: contacts.has(caller.handle, agent.handle),
  };
}

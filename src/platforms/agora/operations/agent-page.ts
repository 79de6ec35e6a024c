import type { Page } from '../../shared/pager.js';
import type { PlatformAnswer } from '../../shared/platform-call.js';
import type { AgentList, ListedAgent } from './records.js';

/** A page of agents, and the answer that it was. */
export interface AgentPage extends Page<ListedAgent> {
  readonly response: PlatformAnswer<AgentList>;
}

/** A page of what the platform answered. An empty one is the last, whatever its cursor says. */
export function agentPageOf(response: PlatformAnswer<AgentList>): AgentPage {
  const { data, meta } = response.data ?? {};
  const list: unknown = data?.list;
  const items = Array.isArray(list) ? (list as ListedAgent[]) : [];
  const cursor: unknown = meta?.cursor;
  const goesOn = items.length > 0 && typeof cursor === 'string' && cursor !== '';
  return { items, next: goesOn ? cursor : undefined, response };
}

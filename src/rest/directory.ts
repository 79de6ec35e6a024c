import { type CallOptions, checkFilled, checkInteger, invalid } from '../http/index.js';
import {
  DIRECTORY_OFFSET_MAX,
  DIRECTORY_PAGE_MAX,
  DIRECTORY_QUERY_MAX_LENGTH,
  DIRECTORY_QUERY_MIN_LENGTH,
  type DirectoryAgent,
  type DirectoryResult,
  normalizeHandle,
} from '../wire/index.js';
import { splitOptions } from './arguments.js';
import { Methods } from './methods.js';
import { pageOfAtMost, readPage, totalIn } from './pages.js';
import { type PageOptions, paginate } from './paginate.js';

/** Which part of what was found. */
export interface SearchAgentsOptions extends CallOptions {
  /** 1 to 50; more is taken for 50. Default 20, the service's own. */
  limit?: number | undefined;
  /** At most 10,000. */
  offset?: number | undefined;
}

/** How everything that was found is gone through. */
export type SearchAgentsAllOptions = PageOptions & CallOptions;

/** Finding agents. */
export abstract class DirectoryMethods extends Methods {
  /**
   * A page of the agents whose handles begin with `query` (2 to 50 characters). Names and descriptions are not searched,
   * and nothing is ranked. The service allows 60 searches a minute and 1,000 a day.
   *
   * @throws ValidationError for a query that is too short; `RateLimitedError`.
   */
  async searchAgents(
    query: string,
    options: SearchAgentsOptions = {},
    callOptions: CallOptions = {},
  ): Promise<DirectoryResult> {
    const q = prefixOf(query);
    const { query: asked, call } = splitOptions(options, callOptions, ['limit', 'offset'], 'searchAgents');
    const { offset } = asked;
    const limit = pageOfAtMost(DIRECTORY_PAGE_MAX, asked.limit);
    const response = await this.transport.call('searchAgents', { query: { q, limit, offset } }, call);
    return readPage<DirectoryResult>(response, 'searchAgents', 'agents', { limit, offset });
  }

  /**
   * All agents whose handles begin with `query`, one after the other, fetched page by page as you go. `break` ends it. The
   * directory shows no more than the first 10,050.
   *
   * @example for await (const { handle } of client.searchAgentsAll('weather-', { max: 200 })) console.log(handle);
   */
  async *searchAgentsAll(
    query: string,
    options: SearchAgentsAllOptions = {},
  ): AsyncGenerator<DirectoryAgent, void, undefined> {
    const q = prefixOf(query);
    const { query: asked, call } = splitOptions(options, {}, ['pageSize', 'max'], 'searchAgentsAll');
    const pageSize = pageOfAtMost(DIRECTORY_PAGE_MAX, asked.pageSize) ?? DIRECTORY_PAGE_MAX;
    checkInteger(pageSize, 'pageSize', 1, DIRECTORY_PAGE_MAX);
    const page = async (offset: number, limit: number) => {
      if (offset > DIRECTORY_OFFSET_MAX) return { items: [] };
      const response = await this.transport.call('searchAgents', { query: { q, limit, offset } }, call);
      const { agents: items } = readPage<DirectoryResult>(response, 'searchAgents', 'agents', {});
      return { items, total: totalIn(response) };
    };
    yield* paginate(page, { ...asked, pageSize, signal: call.signal });
  }
}

/** The search looks at the beginning of handles, which are lower-case and have no `@`. */
function prefixOf(query: string): string {
  checkFilled(query, 'query');
  const q = normalizeHandle(query);
  if (q.length < DIRECTORY_QUERY_MIN_LENGTH || q.length > DIRECTORY_QUERY_MAX_LENGTH) {
    throw invalid(
      'query',
      `"query" must be ${DIRECTORY_QUERY_MIN_LENGTH} to ${DIRECTORY_QUERY_MAX_LENGTH} characters of the beginning of a ` +
        'handle: the directory knows no other search',
    );
  }
  return q;
}

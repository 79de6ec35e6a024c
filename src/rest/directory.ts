import { type CallOptions, checkFilled, checkInteger, type HttpTransport, invalid } from '../http/index.js';
import {
  DIRECTORY_OFFSET_MAX,
  DIRECTORY_PAGE_MAX,
  DIRECTORY_QUERY_MAX_LENGTH,
  DIRECTORY_QUERY_MIN_LENGTH,
  type DirectoryAgent,
  type DirectoryResult,
  normalizeHandle,
} from '../wire/index.js';
import { splitOptions } from './call-arguments.js';
import { readPage, totalIn } from './pages.js';
import { type PageOptions, paginate } from './paginate.js';

/** Which part of what was found. */
export interface SearchAgentsOptions extends CallOptions {
  /** 1 to 50. Default 20, the service's own. */
  limit?: number | undefined;
  /** At most 10,000. */
  offset?: number | undefined;
}

/** How everything that was found is gone through. */
export type SearchAgentsAllOptions = PageOptions & CallOptions;

/** Reads a page of what the directory finds. */
export async function searchAgents(
  transport: HttpTransport,
  prefix: string,
  options: SearchAgentsOptions,
  callOptions: CallOptions,
): Promise<DirectoryResult> {
  const q = queryOf(prefix);
  const { query, call } = splitOptions<Omit<SearchAgentsOptions, keyof CallOptions>>(
    options,
    callOptions,
    ['limit', 'offset'],
    'searchAgents',
  );
  const { limit, offset } = query;
  const response = await transport.call('searchAgents', { query: { q, limit, offset } }, call);
  return readPage<DirectoryResult>(response, 'searchAgents', 'agents', query);
}

/** Goes through everything that the directory finds, as far as it lets. */
export async function* searchAgentsAll(
  transport: HttpTransport,
  prefix: string,
  options: SearchAgentsAllOptions,
): AsyncGenerator<DirectoryAgent, void, undefined> {
  const q = queryOf(prefix);
  const { query, call } = splitOptions<Pick<PageOptions, 'pageSize' | 'max'>>(
    options,
    {},
    ['pageSize', 'max'],
    'searchAgentsAll',
  );
  const { pageSize = DIRECTORY_PAGE_MAX } = query;
  checkInteger(pageSize, 'pageSize', 1, DIRECTORY_PAGE_MAX);
  const page = async (offset: number, limit: number) => {
    if (offset > DIRECTORY_OFFSET_MAX) return { items: [] };
    const response = await transport.call('searchAgents', { query: { q, limit, offset } }, call);
    const { agents: items } = readPage<DirectoryResult>(response, 'searchAgents', 'agents', {});
    return { items, total: totalIn(response) };
  };
  yield* paginate(page, { ...query, pageSize, signal: call.signal });
}

/** The search looks at the beginning of handles, which are lower-case and have no `@`. */
function queryOf(prefix: string): string {
  checkFilled(prefix, 'query');
  const q = normalizeHandle(prefix);
  if (q.length < DIRECTORY_QUERY_MIN_LENGTH || q.length > DIRECTORY_QUERY_MAX_LENGTH) {
    throw invalid(
      'query',
      `"query" must be ${DIRECTORY_QUERY_MIN_LENGTH} to ${DIRECTORY_QUERY_MAX_LENGTH} characters of the beginning of a ` +
        'handle: the directory knows no other search',
    );
  }
  return q;
}

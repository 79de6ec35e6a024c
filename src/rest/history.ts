import { type CallOptions, checkFilled, type HttpTransport, invalid } from '../http/index.js';
import { HISTORY_PAGE_DEFAULT, type Message, readSeq } from '../wire/index.js';
import { splitOptions } from './call-arguments.js';
import { expectArray } from './expect.js';

/** Which page of a conversation's history; at most one of the three cursors. */
export interface GetMessagesOptions extends CallOptions {
  /** Messages on the page, 1 to 200. Default 50, the service's own. */
  limit?: number | undefined;
  /** Messages below this seq, newest first. */
  beforeSeq?: number | undefined;
  /** Messages above this seq, oldest first. */
  afterSeq?: number | undefined;
  /** The window that ends at exactly this message, newest first. */
  aroundMessageId?: string | undefined;
}

const CURSORS = ['beforeSeq', 'afterSeq', 'aroundMessageId'] as const;

/** Reads a page of history, sorted by us: the service's order is not relied on. */
export async function getMessages(
  transport: HttpTransport,
  conversationId: string,
  options: GetMessagesOptions,
  callOptions: CallOptions,
): Promise<Message[]> {
  checkFilled(conversationId, 'conversationId');
  const { query, call } = splitOptions<Omit<GetMessagesOptions, keyof CallOptions>>(
    options,
    callOptions,
    ['limit', ...CURSORS],
    'getMessages',
  );
  const given = CURSORS.filter((cursor) => query[cursor] !== undefined);
  if (given.length > 1) {
    throw invalid(given[1] ?? 'afterSeq', `getMessages takes one cursor, not "${given.join('" and "')}"`);
  }
  const response = await transport.call(
    'getMessages',
    {
      params: { conversation_id: conversationId },
      query: {
        limit: query.limit ?? HISTORY_PAGE_DEFAULT,
        before_seq: query.beforeSeq,
        after_seq: query.afterSeq,
        around_message_id: query.aroundMessageId,
      },
    },
    call,
  );
  const rows = expectArray<Message>(response, 'getMessages');
  return sortBySeq(rows, query.afterSeq === undefined ? 'newest_first' : 'oldest_first');
}

/**
 * Brings rows into the order of their seqs. A row without a usable seq (some system messages have none) keeps its place
 * behind the row before it. Rows that are in order stay as they are.
 */
export function sortBySeq<Row>(rows: Row[], direction: 'newest_first' | 'oldest_first'): Row[] {
  const sign = direction === 'oldest_first' ? 1 : -1;
  let previous: number | undefined;
  let inOrder = true;
  const keyed = rows.map((row) => {
    const seq = readSeq((row as { seq?: unknown } | null)?.seq);
    if (seq !== undefined && previous !== undefined && sign * (seq - previous) < 0) inOrder = false;
    previous = seq ?? previous;
    return { row, key: previous };
  });
  if (inOrder) return rows;
  return keyed
    .sort((left, right) => {
      // Rows before the first seq stay first.
      if (left.key === undefined || right.key === undefined) {
        return Number(left.key !== undefined) - Number(right.key !== undefined);
      }
      return sign * (left.key - right.key);
    })
    .map(({ row }) => row);
}

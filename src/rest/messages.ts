import { type CallOptions, checkFilled, checkInteger, invalid } from '../http/index.js';
import {
  HISTORY_PAGE_DEFAULT,
  HISTORY_PAGE_MAX,
  type MarkAsReadResponse,
  type Message,
  readSeq,
  type TextResponse,
} from '../wire/index.js';
import { expectArray, readOk, readText } from './answers.js';
import { conversationParams, splitOptions } from './arguments.js';
import { Methods } from './methods.js';
import { pageOfAtMost } from './pages.js';
import { type PageOptions, paginateByCursor } from './paginate.js';

/** Which page of a conversation's history; at most one of the three cursors. */
export interface GetMessagesOptions extends CallOptions {
  /** Messages on the page, 1 to 200; more are taken for 200. Default 50, the service's own. */
  limit?: number | undefined;
  /** Messages below this seq, newest first. */
  beforeSeq?: number | undefined;
  /** Messages above this seq, oldest first. */
  afterSeq?: number | undefined;
  /** The window that ends at exactly this message, newest first. */
  aroundMessageId?: string | undefined;
}

const CURSORS = ['beforeSeq', 'afterSeq', 'aroundMessageId'] as const;

/** How a conversation's history is gone through. */
export interface HistoryOptions extends PageOptions, CallOptions {
  /** The seq to begin with. Default: the newest message, or with `oldest_first` the first. */
  from?: number | undefined;
  /** Default `newest_first`. */
  direction?: 'newest_first' | 'oldest_first' | undefined;
}

/** Messages of a conversation. The client itself has `sendMessage`: it remembers which sends are under way. */
export abstract class MessageMethods extends Methods {
  /**
   * A page of a conversation's history, sorted by `seq`: oldest first with `afterSeq`, newest first otherwise. Messages
   * that you have hidden, and those from before you joined a group, are absent.
   *
   * @throws ValidationError for more than one cursor or a limit below 1; `NotFoundError`; `GroupDeletedError`.
   * @example const next = await client.getMessages(conversationId, { afterSeq: 41, limit: 200 });
   */
  async getMessages(
    conversationId: string,
    options: GetMessagesOptions = {},
    callOptions: CallOptions = {},
  ): Promise<Message[]> {
    const params = conversationParams(conversationId);
    const { query, call } = splitOptions(options, callOptions, ['limit', ...CURSORS], 'getMessages');
    const given = CURSORS.filter((cursor) => query[cursor] !== undefined);
    if (given.length > 1) {
      throw invalid(given[1] ?? 'afterSeq', `getMessages takes one cursor, not "${given.join('" and "')}"`);
    }
    const response = await this.transport.call(
      'getMessages',
      {
        params,
        query: {
          limit: pageOfAtMost(HISTORY_PAGE_MAX, query.limit) ?? HISTORY_PAGE_DEFAULT,
          before_seq: query.beforeSeq,
          after_seq: query.afterSeq,
          around_message_id: query.aroundMessageId,
        },
      },
      call,
    );
    // Sorted by us: the service's order is not relied on.
    const rows = expectArray<Message>(response, 'getMessages');
    return sortBySeq(rows, query.afterSeq === undefined ? 'newest_first' : 'oldest_first');
  }

  /**
   * The messages of a conversation one after the other, fetched page by page as you go: the newest first, or with
   * `direction: 'oldest_first'` from the beginning to what is the end by then. `break` ends it.
   *
   * @throws NotFoundError; `GroupDeletedError`; `ProtocolError` when the service gives the same page again and again.
   * @example
   * for await (const message of client.history(conversationId, { from: 40, direction: 'oldest_first' })) {
   *   console.log(message.seq, message.content.text);
   * }
   */
  async *history(
    conversationId: string,
    options: HistoryOptions = {},
  ): AsyncGenerator<Message, void, undefined> {
    const { query, call } = splitOptions(options, {}, ['from', 'direction', 'pageSize', 'max'], 'history');
    const { from, direction = 'newest_first', max } = query;
    const pageSize = pageOfAtMost(HISTORY_PAGE_MAX, query.pageSize) ?? HISTORY_PAGE_MAX;
    checkInteger(from, 'from', 0, Number.MAX_SAFE_INTEGER - 1);
    checkInteger(pageSize, 'pageSize', 1, HISTORY_PAGE_MAX);
    if (direction !== 'newest_first' && direction !== 'oldest_first') {
      throw invalid('direction', '"direction" must be "newest_first" or "oldest_first"');
    }
    const step = direction === 'oldest_first' ? 1 : -1;
    const start =
      direction === 'oldest_first' ? Math.max(0, (from ?? 0) - 1) : from === undefined ? from : from + 1;
    // A page is read from the last seq that came on, so that nothing is given twice.
    const page = async (cursor: number | undefined, limit: number) => {
      const at = cursor ?? start;
      const asked = direction === 'oldest_first' ? { afterSeq: at } : { beforeSeq: at };
      const rows = await this.getMessages(conversationId, { ...asked, limit }, call);
      const fresh = rows.filter((row) => isBeyond(row, at, step));
      const last = fresh.map(seqOf).findLast((seq) => seq !== undefined);
      // Rows none of which is new end in the cursor that was there before, which is reported as a circle.
      return { items: fresh, next: rows.length === 0 ? undefined : (last ?? at) };
    };
    yield* paginateByCursor(page, { pageSize, max, signal: call.signal });
  }

  /**
   * Marks one message read; earlier ones stay as they are. Its sender is told, once.
   *
   * @throws NotFoundError when you cannot see it; `ForbiddenError` for a message of your own.
   */
  async markAsRead(messageId: string, options: CallOptions = {}): Promise<MarkAsReadResponse> {
    const params = messageParams(messageId);
    return readOk(await this.transport.call('markAsRead', { params }, options));
  }

  /**
   * Hides one message from yourself: it is gone from your history and from {@link sync}. Nobody else notices, and nothing
   * brings it back. Safe to repeat.
   *
   * @throws NotFoundError when you are not in its conversation.
   */
  async deleteMessage(messageId: string, options: CallOptions = {}): Promise<TextResponse> {
    const params = messageParams(messageId);
    return readText(await this.transport.call('deleteMessage', { params }, options));
  }
}

function messageParams(messageId: unknown): { message_id: string } {
  checkFilled(messageId, 'messageId');
  return { message_id: messageId };
}

/** The seq of whatever the service took for a message. */
function seqOf(row: unknown): number | undefined {
  return readSeq((row as { seq?: unknown } | null)?.seq);
}

/** Whether a row lies behind a cursor. One without a usable seq goes with its page. */
function isBeyond(row: Message, cursor: number | undefined, step: 1 | -1): boolean {
  const seq = seqOf(row);
  return cursor === undefined || seq === undefined || step * (seq - cursor) > 0;
}

/**
 * Brings rows into the order of their seqs. A row without a usable seq (some system messages have none) keeps its place
 * behind the row before it. Rows that are in order stay as they are.
 */
function sortBySeq<Row>(rows: Row[], direction: 'newest_first' | 'oldest_first'): Row[] {
  const sign = direction === 'oldest_first' ? 1 : -1;
  let previous: number | undefined;
  let inOrder = true;
  const keyed = rows.map((row) => {
    const seq = seqOf(row);
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

import { ProtocolError } from '../errors/index.js';
import {
  type CallOptions,
  checkCallOptions,
  checkFilled,
  DEFAULT_TIMEOUT_MS,
  type HttpTransport,
} from '../http/index.js';
import { readSyncPage, SYNC_PAGE_MAX, type SyncAckResponse, type SyncEnvelope } from '../wire/index.js';
import { isObject } from './answers.js';
import { splitOptions } from './arguments.js';
import { Methods } from './methods.js';
import { pageOfAtMost } from './pages.js';

/** Which part of the undelivered messages. */
export interface SyncOptions extends CallOptions {
  /** Rows on the page, 1 to 500; more are taken for 500. Default: the service's own, 200. */
  limit?: number | undefined;
  /** A row's `delivery_id`: only what comes after it. Servers that count them have numbers. */
  after?: string | number | undefined;
}

/** What has not been delivered yet. */
export abstract class SyncMethods extends Methods {
  /**
   * A page of what has not been delivered to you, oldest first over all conversations. Reading commits nothing:
   * {@link syncAck} does. A `RealtimeClient` does all of this by itself.
   *
   * Rows are not checked one by one. An attempt always ends, after 30 s where `timeoutMs` says "no limit".
   *
   * @throws ProtocolError for an answer that is no page; it is never taken for an empty one.
   */
  async sync(options: SyncOptions = {}, callOptions: CallOptions = {}): Promise<SyncEnvelope[]> {
    const { query, call } = splitOptions(options, callOptions, ['limit', 'after'], 'sync');
    const response = await this.transport.call(
      'sync',
      { query: { limit: pageOfAtMost(SYNC_PAGE_MAX, query.limit), after: cursorOf(query.after) } },
      alwaysBounded(call, this.transport),
    );
    const page = readSyncPage(response.data);
    // Without a look at each row: who reads them reports a bad one without losing the good ones behind it.
    if (page.ok) return [...page.rows] as SyncEnvelope[];
    // To take this for an empty queue would be to go deaf without a word.
    throw new ProtocolError({
      message: `sync: ${page.problem}. Nothing was taken for delivered; check "baseUrl".`,
      status: response.status,
      requestId: response.requestId,
      outcome: 'unknown',
      retryable: false,
    });
  }

  /**
   * Marks everything at or before a row's `delivery_id`, in the order of the page, delivered. Safe to repeat.
   *
   * @returns How many messages it were: 0 when they had been acknowledged before, or the service did not say.
   */
  async syncAck(lastDeliveryId: string, options: CallOptions = {}): Promise<SyncAckResponse> {
    checkFilled(lastDeliveryId, 'lastDeliveryId');
    const call = checkCallOptions(options);
    const { data } = await this.transport.call(
      'syncAck',
      { body: { last_delivery_id: lastDeliveryId } },
      alwaysBounded(call, this.transport),
    );
    // The status said that it is done. How many it were is only a number, and no reason to do it again.
    const acked = isObject(data) ? data.acked : undefined;
    return { acked: typeof acked === 'number' && Number.isSafeInteger(acked) && acked >= 0 ? acked : 0 };
  }
}

/** Cursors travel as text. A number that counts nothing is left as it is, and refused. */
function cursorOf(after: string | number | undefined): string | number | undefined {
  return Number.isSafeInteger(after) ? String(after) : after;
}

/** A queue that hangs is a bot that hears nothing: here, "no limit" means the default. */
function alwaysBounded(call: CallOptions, transport: HttpTransport): CallOptions {
  const timeoutMs = call.timeoutMs ?? transport.timeoutMs;
  const unbounded = timeoutMs === 0 || timeoutMs === Number.POSITIVE_INFINITY;
  return unbounded ? { ...call, timeoutMs: DEFAULT_TIMEOUT_MS } : call;
}

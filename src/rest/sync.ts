import { ProtocolError } from '../errors/index.js';
import {
  type CallOptions,
  checkCallOptions,
  checkFilled,
  DEFAULT_TIMEOUT_MS,
  type HttpTransport,
} from '../http/index.js';
import { readSyncPage, type SyncAckResponse, type SyncEnvelope } from '../wire/index.js';
import { splitOptions } from './call-arguments.js';
import { isObject } from './expect.js';

/** Which part of the undelivered messages. */
export interface SyncOptions extends CallOptions {
  /** Rows on the page, 1 to 500. Default: the service's own, 200. */
  limit?: number | undefined;
  /** A row's `delivery_id`: only what comes after it. */
  after?: string | undefined;
}

/**
 * Reads a page of undelivered messages. Rows come as they came, without a look at each: who reads them reports a bad one
 * without losing the good ones behind it.
 *
 * @throws ProtocolError for an answer that is no page: to take it for an empty queue would be to go deaf without a word.
 */
export async function sync(
  transport: HttpTransport,
  options: SyncOptions,
  callOptions: CallOptions,
): Promise<SyncEnvelope[]> {
  const { query, call } = splitOptions<Omit<SyncOptions, keyof CallOptions>>(
    options,
    callOptions,
    ['limit', 'after'],
    'sync',
  );
  const response = await transport.call(
    'sync',
    { query: { limit: query.limit, after: query.after } },
    alwaysBounded(call, transport),
  );
  const page = readSyncPage(response.data);
  if (page.ok) return [...page.rows] as SyncEnvelope[];
  throw new ProtocolError({
    message: `sync: ${page.problem}. Nothing was taken for delivered; check "baseUrl".`,
    status: response.status,
    requestId: response.requestId,
    outcome: 'unknown',
    retryable: false,
  });
}

/** Marks everything at or before a cursor delivered. */
export async function syncAck(
  transport: HttpTransport,
  lastDeliveryId: string,
  options: CallOptions,
): Promise<SyncAckResponse> {
  checkFilled(lastDeliveryId, 'lastDeliveryId');
  checkCallOptions(options);
  const { data } = await transport.call(
    'syncAck',
    { body: { last_delivery_id: lastDeliveryId } },
    alwaysBounded(options, transport),
  );
  // The status said that it is done. How many it were is only a number, and no reason to do it again.
  const acked = isObject(data) ? data.acked : undefined;
  return { acked: typeof acked === 'number' && Number.isSafeInteger(acked) && acked >= 0 ? acked : 0 };
}

/** A queue that hangs is a bot that hears nothing: here, "no limit" means the default. */
function alwaysBounded(call: CallOptions, transport: HttpTransport): CallOptions {
  const timeoutMs = call.timeoutMs ?? transport.timeoutMs;
  const unbounded = timeoutMs === 0 || timeoutMs === Number.POSITIVE_INFINITY;
  return unbounded ? { ...call, timeoutMs: DEFAULT_TIMEOUT_MS } : call;
}

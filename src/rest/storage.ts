import { isAgentChatError, ProtocolError } from '../errors/index.js';
import { DEFAULT_TIMEOUT_MS, type HttpTransport } from '../http/index.js';
import type { EndpointKey } from '../wire/index.js';

/** The slowest connection that is waited for, in bytes per second. */
const SLOWEST_BYTES_PER_SECOND = 128 * 1024;

/**
 * A signed address that the service has given out, which may be relative to its own. What is fetched there goes without
 * the key, and never over a worse connection than the service's own.
 *
 * @throws ProtocolError for what is no such address. It is not shown: it is as good as a key.
 */
export function signedAddress(transport: HttpTransport, key: EndpointKey, address: string): string {
  const base = new URL(`${transport.baseUrl}/`);
  const url = parse(address, base);
  const isWeb = url?.protocol === 'https:' || (url?.protocol === 'http:' && base.protocol === 'http:');
  if (url !== undefined && isWeb && url.username === '' && url.password === '') return url.href;
  throw new ProtocolError({
    message: `${key}: the service gave out an address that bytes cannot safely go to or come from. Check "baseUrl".`,
    outcome: 'rejected',
    retryable: false,
  });
}

/**
 * What a failure at the storage means. Its refusals are about bytes and addresses: a 401 or a 404 from there says nothing
 * about the key or the attachment, so they become none of the service's errors. Everything else stays as it is.
 */
export function storageError(error: unknown, doing: string): unknown {
  if (!isAgentChatError(error) || error.retryable || error.outcome === 'not_sent' || error.status >= 500) {
    return error;
  }
  const { status, requestId } = error;
  return new ProtocolError({
    message: `${doing}: the storage refused with HTTP ${status}. The address may have run out, so it may help to call again.`,
    status,
    requestId,
    outcome: 'rejected',
    retryable: false,
    cause: error,
  });
}

/** How long one attempt to move so many bytes may take, where the caller has not said. */
export function storageTimeoutMs(transport: HttpTransport, bytes: number): number {
  const usual = transport.timeoutMs === 0 ? DEFAULT_TIMEOUT_MS : transport.timeoutMs;
  return usual + Math.ceil((bytes / SLOWEST_BYTES_PER_SECOND) * 1_000);
}

function parse(address: string, base: URL): URL | undefined {
  try {
    return new URL(address, base);
  } catch {
    return undefined;
  }
}

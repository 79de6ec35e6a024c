import { invalid } from '../../http/index.js';
import type { PlatformCallOptions } from '../shared/request.js';
import { IDEMPOTENCY_HEADER } from './sonzai-dialect.js';

/** What every call takes, last. */
export interface SonzaiCallOptions extends PlatformCallOptions {
  /**
   * Travels as `Idempotency-Key`, and makes a write one that is repeated when it fails. No source says that the platform remembers
   * such keys: a repeated write may have been carried out twice.
   */
  idempotencyKey?: string | undefined;
}

/** Options for the transport, and what travels as a header. */
export interface SplitOptions {
  readonly call: PlatformCallOptions;
  readonly headers: Readonly<Record<string, string>>;
}

/** @throws ValidationError for a key that cannot be a header. */
export function splitOptions({ idempotencyKey, ...call }: SonzaiCallOptions): SplitOptions {
  if (idempotencyKey == null) return { call, headers: {} };
  if (typeof idempotencyKey !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(idempotencyKey)) {
    throw invalid('idempotencyKey', '"idempotencyKey" must be 1 to 255 ASCII characters without spaces');
  }
  return { call, headers: { [IDEMPOTENCY_HEADER]: idempotencyKey } };
}

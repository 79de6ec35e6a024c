import { invalid } from '../../http/index.js';
import { checkCallOptions, type PlatformCallOptions } from '../shared/request.js';
import { IDEMPOTENCY_HEADER } from './sonzai-dialect.js';

/** What can be a header. */
const SENDABLE = /^[\x21-\x7e]{1,255}$/;

/** What every call takes, last. */
export interface SonzaiCallOptions extends PlatformCallOptions {
  /**
   * Travels as `Idempotency-Key`, and makes a write one that is repeated when it fails. No source says that the platform remembers
   * such keys: a repeated write may have been carried out twice.
   */
  idempotencyKey?: string | undefined;
}

/** The options that are given. @throws ValidationError that names the one that cannot be. */
export function checkOptions({ idempotencyKey, ...asked }: SonzaiCallOptions): SonzaiCallOptions {
  const options = checkCallOptions(asked);
  if (idempotencyKey == null) return options;
  if (typeof idempotencyKey !== 'string' || !SENDABLE.test(idempotencyKey)) {
    throw invalid('idempotencyKey', '"idempotencyKey" must be 1 to 255 ASCII characters without spaces');
  }
  return { ...options, idempotencyKey };
}

/** Options for the transport, and what travels as a header. */
export interface SplitOptions {
  readonly call: PlatformCallOptions;
  readonly headers: Readonly<Record<string, string>>;
}

/** @throws As {@link checkOptions}. */
export function splitOptions(options: SonzaiCallOptions): SplitOptions {
  const { idempotencyKey, ...call } = checkOptions(options);
  return { call, headers: idempotencyKey === undefined ? {} : { [IDEMPOTENCY_HEADER]: idempotencyKey } };
}

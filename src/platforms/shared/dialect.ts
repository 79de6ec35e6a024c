import type { RetryPolicy } from '../../http/index.js';
import type { PlatformError, PlatformErrorInit, PlatformErrorKind, PlatformName } from './platform-error.js';
import type { PlatformRequest } from './request.js';

/** A failed attempt, as far as it matters for another one. */
export interface AttemptFailure {
  /** `null` when no answer came. */
  readonly status: number | null;
  readonly kind: PlatformErrorKind;
  /** False when it is certain that nothing of the request arrived: the connection was refused, say. */
  readonly sent: boolean;
}

/** What differs between platforms as far as the transport goes. One class per platform. */
export interface Dialect {
  readonly platform: PlatformName;
  /** How often, and after which pauses, what may be repeated is repeated. */
  readonly retry: RetryPolicy;
  /** Blanked out of everything: errors, hooks, bodies that echo them. */
  readonly secrets: readonly string[];
  /** The header of the platform that holds an answer's id. Default `x-request-id`. */
  readonly requestIdHeader?: string | undefined;
  /** The headers that let the request in, anew for each attempt. Observers never see their values. */
  authorize(request: PlatformRequest): Readonly<Record<string, string>>;
  /** The platform's own error of a failure. Reads the message out of the body; that of `init` is ours. */
  error(init: PlatformErrorInit): PlatformError;
  /** Whether a request may be made again after such a failure. */
  mayRepeat(request: PlatformRequest, failure: AttemptFailure): boolean;
}

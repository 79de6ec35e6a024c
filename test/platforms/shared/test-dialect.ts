import type { Dialect } from '../../../src/platforms/shared/dialect.js';
import {
  messageOf,
  PlatformError,
  type PlatformErrorInit,
} from '../../../src/platforms/shared/platform-error.js';
import type { PlatformRequest } from '../../../src/platforms/shared/request.js';

/** A key that no pattern recognises. */
export const KEY = 'S3cr3t+opaque/key==';

/** A platform that repeats what reads, and sends its key twice, each time with a fresh token. */
export class TestDialect implements Dialect {
  readonly platform = 'phoson';
  readonly retry = { maxRetries: 2, baseDelayMs: 1, maxDelayMs: 5_000 };
  readonly secrets = [KEY];
  #token = 0;

  authorize(): Record<string, string> {
    this.#token += 1;
    return { Authorization: `Bearer ${KEY}`, 'X-Custom-Key': `fresh-token-${this.#token}` };
  }

  error(init: PlatformErrorInit): PlatformError {
    return new PlatformError({
      ...init,
      message: messageOf(init.body, ['detail', 'error.message'], init.message),
    });
  }

  mayRepeat({ method }: PlatformRequest): boolean {
    return method === 'GET';
  }
}

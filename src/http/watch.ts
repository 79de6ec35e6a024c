import {
  type ErrorInfo,
  type RequestHooks,
  type RequestInfo,
  type ResponseInfo,
  type RetryInfo,
  tell,
} from './hooks.js';
import type { TransportLog } from './log.js';

/** Who watches the requests of a transport: the user's hooks and the log. Each is given an object of its own. */
export class Watch {
  readonly #hooks: RequestHooks;
  readonly #log: TransportLog | undefined;

  constructor(hooks: RequestHooks, log: TransportLog | undefined) {
    this.#hooks = hooks;
    this.#log = log;
  }

  request(make: () => RequestInfo): void {
    this.#log?.request(make());
    if (this.#hooks.onRequest !== undefined) tell(this.#hooks.onRequest, make());
  }

  response(make: () => ResponseInfo): void {
    this.#log?.response(make());
    if (this.#hooks.onResponse !== undefined) tell(this.#hooks.onResponse, make());
  }

  error(make: () => ErrorInfo): void {
    this.#log?.attemptFailed(make());
    if (this.#hooks.onError !== undefined) tell(this.#hooks.onError, make());
  }

  retry(make: () => RetryInfo): void {
    this.#log?.retry(make());
    if (this.#hooks.onRetry !== undefined) tell(this.#hooks.onRetry, make());
  }
}

/** `undefined` when nobody watches: then nothing has to be put together for anybody. */
export function watchOf(hooks: RequestHooks, log: TransportLog | undefined): Watch | undefined {
  const watching = Object.values(hooks).some((hook) => hook !== undefined);
  // Copied, so that who changes the object later does not change what runs.
  return watching || log !== undefined ? new Watch({ ...hooks }, log) : undefined;
}

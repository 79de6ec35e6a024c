import type { Dialect } from '../shared/dialect.js';
import type { FrameStream } from '../shared/frame-stream.js';
import type { PlatformTransport } from '../shared/platform-transport.js';
import { type PlatformCallOptions, type PlatformRequest, pathOf } from '../shared/request.js';
import { RecordReader } from './records.js';
import { type PhosonOperation, type PhosonRoutes, splitRoute } from './routes.js';

/** What an operation is given. */
export interface PhosonInput {
  readonly ids?: Readonly<Record<string, string>>;
  readonly query?: PlatformRequest['query'];
  readonly body?: unknown;
}

/** Asks Phoson, by the names of its operations. */
export class PhosonApi {
  readonly dialect: Dialect;
  readonly #transport: PlatformTransport;
  readonly #routes: PhosonRoutes;

  constructor(dialect: Dialect, transport: PlatformTransport, routes: PhosonRoutes) {
    this.dialect = dialect;
    this.#transport = transport;
    this.#routes = routes;
  }

  /** Makes the call; `read` takes what was asked for out of the answer. */
  async ask<T>(
    operation: PhosonOperation,
    input: PhosonInput,
    options: PlatformCallOptions | undefined,
    read: (reader: RecordReader, data: unknown) => T,
  ): Promise<T> {
    const { data } = await this.#transport.request(this.request(operation, input), options);
    return read(new RecordReader(this.dialect, operation), data);
  }

  stream(request: PlatformRequest, options: PlatformCallOptions): Promise<FrameStream> {
    return this.#transport.stream(request, options);
  }

  /** @throws ValidationError for an id that cannot be one. */
  request(operation: PhosonOperation, { ids = {}, query, body }: PhosonInput): PlatformRequest {
    const { method, path } = splitRoute(this.#routes[operation]);
    return { method, path: pathOf(path, ids), query, body, label: operation };
  }

  /** Nothing of it is for eyes. */
  toJSON(): Record<string, never> {
    return {};
  }
}

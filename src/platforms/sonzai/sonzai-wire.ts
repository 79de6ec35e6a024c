import { type Clock, systemClock } from '../../clock/index.js';
import { redactText, SignalRelay, secretsAmong } from '../../http/index.js';
import type { FrameStream } from '../shared/frame-stream.js';
import { type Page, Pager } from '../shared/pager.js';
import type { PlatformErrorInit } from '../shared/platform-error.js';
import { PlatformTransport, type PlatformTransportOptions } from '../shared/platform-transport.js';
import { type PlatformRequest, pathOf } from '../shared/request.js';
import { type SonzaiCallOptions, splitOptions } from './call-options.js';
import { asRecord } from './records/as-record.js';
import type { OpenRecord } from './records/open-record.js';
import type { SonzaiDialect } from './sonzai-dialect.js';
import type { SonzaiError } from './sonzai-error.js';

/** Every path of the platform stands below this one. */
const PREFIX = '/api/v1';

/** One operation of the platform, as its documentation writes it. */
export interface Operation extends Omit<PlatformRequest, 'path'> {
  /** With the ids in braces: `/agents/{agentId}/mood`. */
  readonly path: string;
  readonly ids?: Readonly<Record<string, string>> | undefined;
}

/** Makes the operations: fills in the ids, and checks what a group relies on in the answer. */
export class SonzaiWire {
  readonly clock: Clock;
  /** How often what may be repeated is repeated, unless a call says otherwise. */
  readonly maxRetries: number;
  /** Listens once to a signal that many calls share. */
  readonly signals = new SignalRelay();
  readonly #transport: PlatformTransport;
  readonly #dialect: SonzaiDialect;

  constructor(dialect: SonzaiDialect, options: PlatformTransportOptions) {
    this.#dialect = dialect;
    this.#transport = new PlatformTransport(dialect, options);
    this.clock = options.clock ?? systemClock;
    this.maxRetries = options.maxRetries ?? dialect.retry.maxRetries;
  }

  get baseUrl(): string {
    return this.#transport.baseUrl;
  }

  /** An operation that answers with an object. */
  async object<T extends OpenRecord>(operation: Operation, options: SonzaiCallOptions): Promise<T> {
    const { call, headers } = splitOptions(options);
    const { data, status } = await this.#transport.request(requestOf(operation, headers), call);
    const record = asRecord(data);
    if (record !== undefined) return record as T;
    throw this.error({
      kind: 'protocol',
      status,
      message: `${operation.label} was answered with something that is no object. Check "baseUrl".`,
      outcome: 'unknown',
    });
  }

  /** An operation that answers with an object that holds lists. Those that are null or missing are read as empty. */
  async lists<T extends OpenRecord>(
    operation: Operation,
    names: readonly (keyof T & string)[],
    options: SonzaiCallOptions,
  ): Promise<T> {
    const answer: OpenRecord = await this.object(operation, options);
    const lists = names.map((name) => [name, this.listOf(answer[name], name, operation.label)]);
    return { ...answer, ...Object.fromEntries(lists) };
  }

  /** @throws SonzaiError for what is neither a list nor nothing. */
  listOf(value: unknown, name: string, label: string): readonly unknown[] {
    if (value == null) return [];
    if (Array.isArray(value)) return value;
    throw this.error({
      kind: 'protocol',
      message: `${label} was answered with "${name}" that is no list. Check "baseUrl".`,
      outcome: 'unknown',
    });
  }

  /** An operation that answers with the id of something that goes on. @throws SonzaiError for an answer without it. */
  async begun<T extends OpenRecord>(
    operation: Operation,
    idName: keyof T & string,
    options: SonzaiCallOptions,
  ): Promise<T> {
    const answer = await this.object<T>(operation, options);
    if (typeof answer[idName] === 'string' && answer[idName] !== '') return answer;
    throw this.error({
      kind: 'protocol',
      message: `${operation.label} was answered without "${idName}". Check "baseUrl".`,
      outcome: 'unknown',
    });
  }

  /** An operation that answers with nothing, or with something that nobody needs. */
  async nothing(operation: Operation, options: SonzaiCallOptions): Promise<void> {
    const { call, headers } = splitOptions(options);
    await this.#transport.request(requestOf(operation, headers), call);
  }

  /** An operation that answers with a stream. */
  async stream(operation: Operation, options: SonzaiCallOptions): Promise<FrameStream> {
    const { call, headers } = splitOptions(options);
    return this.#transport.stream(requestOf(operation, headers), call);
  }

  pager<T, P extends Page<T>>(label: string, ask: (cursor: string | undefined) => Promise<P>): Pager<T, P> {
    return new Pager(this.#dialect, label, ask);
  }

  /** An answer that tells of a failure, as it may be shown: it may quote the key. */
  masked<T extends OpenRecord>(answer: T): T {
    const asJson = this.#dialect.secrets.map((secret) => JSON.stringify(secret).slice(1, -1));
    return JSON.parse(redactText(JSON.stringify(answer), secretsAmong(asJson))) as T;
  }

  error(init: Omit<PlatformErrorInit, 'platform'>): SonzaiError {
    return this.#dialect.error({ platform: 'sonzai', ...init });
  }

  close(): void {
    this.#transport.close();
  }
}

function requestOf(
  { path, ids = {}, headers, ...request }: Operation,
  more: Readonly<Record<string, string>>,
): PlatformRequest {
  return { ...request, path: PREFIX + pathOf(path, ids), headers: { ...headers, ...more } };
}

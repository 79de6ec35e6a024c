import type { Dialect } from '../shared/dialect.js';
import { EventStream } from '../shared/event-stream.js';
import type { PlatformTransport } from '../shared/platform-transport.js';
import {
  checkCallOptions,
  type PlatformCallOptions,
  type PlatformRequest,
  pathOf,
} from '../shared/request.js';
import { readEvents, type SomiaEvent } from './events.js';
import {
  bodyOf,
  isFields,
  type SomiaAgentId,
  type SomiaCreateFields,
  type SomiaInteractFields,
  type SomiaOperation,
  type SomiaPlain,
  type SomiaRunFields,
  type SomiaStreamed,
} from './fields.js';
import { replyIn, type SomiaResult, sessionIdIn } from './result.js';

/** What is called. */
interface Target {
  readonly operation: SomiaOperation;
  readonly agentId: SomiaAgentId;
  /** `undefined`: a new session. */
  readonly sessionId: string | undefined;
}

/** Conversations with agents: `client.sessions`. */
export class SomiaSessions {
  readonly #dialect: Dialect;
  readonly #transport: PlatformTransport;
  readonly #prefix: string;

  constructor(dialect: Dialect, transport: PlatformTransport) {
    this.#dialect = dialect;
    this.#transport = transport;
    // Somia has had both: an address of the host alone, and one that holds `/api`.
    const holdsApi = new URL(transport.baseUrl).pathname.endsWith('/api');
    this.#prefix = `${holdsApi ? '' : '/api'}/v1/external/agent/{agent_id}/session`;
  }

  /**
   * Begins a session. Its input may be ignored; {@link run} and {@link interactSession} say something for certain.
   *
   * With `stream: true` it gives the answer as it comes: see {@link interactSession}. The events of a stream may not name the
   * session; without `session_id` you cannot go on in it.
   *
   * @throws ValidationError, SomiaError, AbortedError.
   * @example const { session_id } = await client.sessions.createSession(7);
   */
  createSession(
    agentId: SomiaAgentId,
    fields: SomiaCreateFields & SomiaStreamed,
    options?: PlatformCallOptions,
  ): EventStream<SomiaEvent>;
  createSession(
    agentId: SomiaAgentId,
    fields?: SomiaCreateFields & SomiaPlain,
    options?: PlatformCallOptions,
  ): Promise<SomiaResult>;
  createSession(
    agentId: SomiaAgentId,
    fields: object = {},
    options?: PlatformCallOptions,
  ): EventStream<SomiaEvent> | Promise<SomiaResult> {
    return this.#call(
      { operation: 'sessions.createSession', agentId, sessionId: undefined },
      fields,
      options,
    );
  }

  /**
   * Says something in a session.
   *
   * With `stream: true` it gives the answer as it comes. The request is made when the first event is asked for, and leaving the loop
   * closes the connection. `end` or `error` is the last event: a run that fails there is not thrown.
   *
   * @throws ValidationError for a field or an id that cannot be (of a stream: right away), SomiaError, AbortedError. Out of the loop
   * of a stream SomiaTransportError of kind `interrupted` where it ends before the reply, and SomiaStreamParseError.
   * @example
   * const said = { input_data: 'Hello', stream: true } as const;
   * for await (const event of client.sessions.interactSession(7, session_id, said)) {
   *   if (event.type === 'chunk') process.stdout.write(event.text);
   * }
   */
  interactSession(
    agentId: SomiaAgentId,
    sessionId: string,
    fields: SomiaInteractFields & SomiaStreamed,
    options?: PlatformCallOptions,
  ): EventStream<SomiaEvent>;
  interactSession(
    agentId: SomiaAgentId,
    sessionId: string,
    fields: SomiaInteractFields & SomiaPlain,
    options?: PlatformCallOptions,
  ): Promise<SomiaResult>;
  interactSession(
    agentId: SomiaAgentId,
    // Without it, a session would be made.
    sessionId = '',
    fields: object = {},
    options?: PlatformCallOptions,
  ): EventStream<SomiaEvent> | Promise<SomiaResult> {
    return this.#call({ operation: 'sessions.interactSession', agentId, sessionId }, fields, options);
  }

  /**
   * Says something in a session, or in a new one without `session_id`: {@link interactSession} or {@link createSession}.
   *
   * @example
   * const first = await client.sessions.run(7, { input_data: 'Hello' });
   * const { session_id } = first;
   * const second = await client.sessions.run(7, { input_data: 'And then?', session_id });
   */
  run(
    agentId: SomiaAgentId,
    fields: SomiaRunFields & SomiaStreamed,
    options?: PlatformCallOptions,
  ): EventStream<SomiaEvent>;
  run(
    agentId: SomiaAgentId,
    fields: SomiaRunFields & SomiaPlain,
    options?: PlatformCallOptions,
  ): Promise<SomiaResult>;
  run(
    agentId: SomiaAgentId,
    fields: Partial<SomiaRunFields> & { readonly stream?: boolean | undefined } = {},
    options?: PlatformCallOptions,
  ): EventStream<SomiaEvent> | Promise<SomiaResult> {
    const sessionId = fields?.session_id ?? undefined;
    return this.#call({ operation: 'sessions.run', agentId, sessionId }, fields, options);
  }

  #call(
    target: Target,
    fields: { readonly stream?: boolean | undefined },
    options: PlatformCallOptions | undefined,
  ): EventStream<SomiaEvent> | Promise<SomiaResult> {
    return fields?.stream === true
      ? this.#stream(target, fields, options)
      : this.#answer(target, fields, options);
  }

  async #answer(
    target: Target,
    fields: object,
    options: PlatformCallOptions | undefined,
  ): Promise<SomiaResult> {
    const { data, headers } = await this.#transport.request(this.#request(target, fields), options);
    const session_id = sessionIdIn(data) ?? headers.get('x-session-id') ?? target.sessionId;
    if (!isFields(data) || session_id === undefined) throw this.#unlike(target);
    return { ...data, session_id, message: replyIn(data) };
  }

  #stream(
    target: Target,
    fields: object,
    options: PlatformCallOptions | undefined = {},
  ): EventStream<SomiaEvent> {
    const request = this.#request(target, fields);
    const checked = checkCallOptions(options);
    const { operation: label, sessionId } = target;
    return new EventStream(
      (signal) => this.#transport.stream(request, { ...checked, signal }),
      (frames) => readEvents(frames, { dialect: this.#dialect, label, sessionId }),
      checked.signal,
    );
  }

  /** @throws ValidationError for an id or a field that cannot be. */
  #request({ operation, agentId, sessionId }: Target, fields: object): PlatformRequest {
    const isNew = sessionId === undefined;
    const path = isNew
      ? pathOf(this.#prefix, { agent_id: agentId })
      : pathOf(`${this.#prefix}/{session_id}`, { agent_id: agentId, session_id: sessionId });
    return { method: 'POST', path, body: bodyOf(fields, operation, isNew), label: operation };
  }

  #unlike({ operation }: Target): Error {
    return this.#dialect.error({
      platform: 'somia',
      kind: 'protocol',
      status: 200,
      message: `${operation}: the answer is not an object with "session_id". Check "baseUrl".`,
      outcome: 'unknown',
    });
  }
}

import type { Clock } from '../clock/index.js';
import { type AgentChatClientError, ConnectionError } from '../errors/index.js';
import { checkDuration, checkFunction, checkInteger, checkOptionNames, invalid } from '../http/index.js';
import type { ClientFrame, Open, ServerEvent, WsMessage } from '../wire/index.js';
import { TIMING } from './bounds.js';
import { Connection } from './connection/connection.js';
import type { ConnectionState, DisconnectInfo } from './connection/session.js';
import { Engine } from './engine.js';
import type { EventHandler } from './events.js';
import type { Counters } from './explain/counters.js';
import { type Explanation, explain } from './explain/explain.js';
import type { ConnectHandler } from './handlers.js';
import { type BatchHandler, type BatchOptions, batchingOf } from './lanes/batch.js';
import type { MessageIterator, MessagesOptions } from './lanes/stream.js';
import { type ConnectOptions, Lifecycle } from './lifecycle.js';
import { Observers } from './listeners.js';
import type { RealtimeOptions } from './options.js';
import { textOf } from './outgoing.js';
import type { ReplicaEvent } from './replicas/tenancy.js';
import { realtimeSettings } from './settings.js';
import { checkSignal } from './util/checks.js';
import type { Life } from './util/life.js';

const INSPECT = /* @__PURE__ */ Symbol.for('nodejs.util.inspect.custom');

/**
 * Receives everything that is sent to an agent: once, in order per conversation, across lost frames, reconnects,
 * crashes and slow or failing handlers. What it cannot promise it reports.
 *
 * @example
 * const client = new AgentChatClient({ apiKey });
 * const realtime = new RealtimeClient({ client });
 * realtime.on('message.new', async ({ payload: message }) => {
 *   await client.sendMessage({ to: message.sender, content: 'hi', client_msg_id: replyId(message) });
 * });
 * await realtime.connect();
 */
export class RealtimeClient {
  // Truly private: the key is somewhere below, and no way of printing this object may show it.
  readonly #options: RealtimeOptions;
  readonly #clock: Clock;
  readonly #connection: Connection;
  readonly #engine: Engine;
  readonly #observers: Observers;
  #offSent: (() => void) | null = null;
  #lastState: ConnectionState = 'idle';
  readonly #lifecycle = new Lifecycle({
    begin: (options) => this.begin(options),
    stop: (deadlineMs) => this.stop(deadlineMs),
    linger: (cut) => this.linger(cut),
    hurry: (deadlineMs) => this.#engine.hurry(deadlineMs),
    onStopped: () => this.stateChanged(this.#connection.state),
  });

  /** @throws ValidationError that names the option which cannot be. Nothing is opened before `connect()`. */
  constructor(options: RealtimeOptions = {}) {
    const settings = realtimeSettings(options);
    this.#options = options;
    this.#clock = settings.clock;
    this.#observers = new Observers(options, settings.clock);
    const engineOf = () => this.#engine;
    this.#connection = new Connection(settings.connection, {
      get inbox() {
        return engineOf().inbox;
      },
      onHelloOk: (frame) => this.#engine.inbox.helloOk(frame),
      onSessionStart: (session) => {
        this.#engine.sessionStarted(session);
        this.#observers.connects.call();
      },
      onSilence: (session) => void this.#engine.catchUp.probe(session),
      onSessionEnd: () => {
        this.#engine.sessionEnded();
        this.#lifecycle.cutLinger();
      },
      onDisconnect: (info) => {
        if (!this.#lifecycle.isParting) this.#observers.disconnects.call(info);
      },
      onStateChange: (state) => this.stateChanged(state),
      onGivenUp: (why) => this.#lifecycle.gaveUp(why),
      onError: (error) => {
        this.#observers.onError(error);
        // While it is idle, the connection speaks only to say why it is. A listener may just have connected again.
        queueMicrotask(() => this.suspendIfIdle(error));
      },
    });
    this.#engine = new Engine(settings, options, this.#observers, this.#connection);
    // No method: bundlers keep a class that has one with a computed name, used or not.
    Object.defineProperty(this, INSPECT, { value: () => `RealtimeClient ${JSON.stringify(this)}` });
  }

  // -- listening ------------------------------------------------------------------------------------------------

  /**
   * Registers a handler and returns its `off`. Handlers of `message.new` run one at a time per conversation, in order;
   * a message counts as handled when all of them have succeeded. Until one is registered, messages are held back.
   * Other events come as they come. Types that this version does not know are passed through. A handler that is registered
   * twice for an event is called once.
   *
   * @throws ValidationError when `type` is no name or `handler` no function, and for `message.new` while an iterator of
   * `messages()` takes the messages.
   */
  on<T extends Open<ServerEvent>>(type: T, handler: EventHandler<T>): () => void {
    if (typeof type !== 'string' || type === '') {
      throw invalid('type', 'on() needs the name of an event, such as "message.new"');
    }
    checkFunction(handler ?? null, 'handler');
    return this.#engine.inbox.on(type, handler as EventHandler);
  }

  /**
   * The messages, taken one by one instead of handed to a handler: same lanes, same order, same bounds. A message leaves
   * its lane only when it is asked for, so a slow loop holds nothing but the bounded lanes.
   *
   * Asking for the next message acknowledges the last; `event.ack()` does it earlier. `break`, `return` and a throw leave
   * the last one unacknowledged: the next loop or handler gets it again, behind the conversations that waited longer, with
   * `context.redelivered`. There are no retries and no parking: what is to become of a message is for the loop to say.
   *
   * Reconnects do not end the loop. `disconnect()` does, when it is over: until its deadline it waits for the message in
   * hand to be acknowledged, so call `ack()` before you await it inside the loop. A refusal for good ends the loop with its
   * error. One iterator at a time, and no handler of `message.new` beside it. To work on several conversations at once, run
   * several loops over one iterator.
   *
   * @throws ValidationError while there is another iterator or a handler of `message.new`.
   * @example
   * for await (const { payload: message } of realtime.messages()) {
   *   await answer(message); // acknowledged when the loop comes round
   * }
   */
  messages(options: MessagesOptions = {}): MessageIterator {
    checkOptionNames(options, ['signal'], 'messages() option');
    checkSignal(options.signal);
    return this.#engine.consumers.messages(options.signal);
  }

  /**
   * Takes the messages in batches: what waits together in one conversation is handled together. A batch begins when its
   * conversation has been quiet for `settleMs`, `maxMessages` wait, or `maxWaitMs` have passed. All of it is acknowledged
   * when the handler's promise fulfils, and none before. A handler that fails is called again with the same batch, as one of
   * `message.new` is. One such handler at a time, and neither a handler of `message.new` nor `messages()` beside it.
   *
   * @returns its `off`.
   * @throws ValidationError when an option is wrong, when somebody else takes the messages, and with the option `dedupe`, which
   * claims messages one by one.
   * @example
   * realtime.onBatch(async (messages) => {
   *   const question = messages.map(({ payload }) => payload.content.text).join('\n');
   *   await answer(messages[0].payload.conversation_id, question);
   * }, { settleMs: 300 });
   */
  onBatch(handler: BatchHandler, options: BatchOptions = {}): () => void {
    const { consumers, lanes } = this.#engine;
    return consumers.setBatching(batchingOf(handler, options, lanes.options.bounds.lane));
  }

  /**
   * Told of everything that goes wrong and does not reach you otherwise: refusals, bad frames, failing handlers. While
   * nobody listens, the messages of the errors go to `console.error`.
   */
  onError(listener: (error: AgentChatClientError) => void): () => void {
    return this.#observers.errors.add(listener);
  }

  /** Called at every `hello.ok`. */
  onConnect(listener: ConnectHandler): () => void {
    return this.#observers.connects.add(listener);
  }

  /**
   * Called whenever a socket ends, unless your own `disconnect()` has ended it; told when the next attempt begins, if there is
   * one.
   */
  onDisconnect(listener: (info: DisconnectInfo) => void): () => void {
    return this.#observers.disconnects.add(listener);
  }

  /**
   * Called when this replica takes a partition of the conversations, begins to give it away, or has lost it. Only with the option
   * `replicas`.
   */
  onReplica(listener: (event: ReplicaEvent) => void): () => void {
    return this.#observers.replicas.add(listener);
  }

  onStateChange(listener: (state: ConnectionState, previous: ConnectionState) => void): () => void {
    return this.#observers.states.add(listener);
  }

  // -- life -----------------------------------------------------------------------------------------------------

  /** `connected` means authenticated and receiving. */
  get state(): ConnectionState {
    return this.told(this.#connection.state);
  }

  get isConnected(): boolean {
    return this.state === 'connected';
  }

  /**
   * How it ends (STOP-2). Fulfils when `disconnect()` is over, or the signal of `connect()` has called it off. Rejects when
   * it has ended for good and nobody asked for that: a bot that awaits it exits with 1 then, so that its supervisor
   * starts it again. Failures that pass leave it pending.
   *
   * Each `connect()` after an end begins a new life with a promise of its own: this is that of the life under way; before
   * the first `connect()`, of the life that will begin; after an end, of the one that was last. Not looking at it is no
   * unhandled rejection.
   *
   * @throws UnauthorizedError, ForbiddenError or ConnectionError: the error with which `connect()` rejects, or would.
   * @example
   * for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => realtime.disconnect());
   * void realtime.connect();
   * await realtime.closed;
   */
  get closed(): Promise<void> {
    return this.#lifecycle.closed;
  }

  /** What has happened so far, as plain numbers. */
  get counters(): Readonly<Counters> {
    return this.#engine.counters;
  }

  /**
   * Connects, and stays connected: resolves at the first `hello.ok`, stays pending while attempts fail in passing ways.
   * Calling it again while it is under way, or while connected, changes nothing. Need not be awaited: errors also reach
   * `onError`.
   *
   * @throws UnauthorizedError, ForbiddenError or ConnectionError when the service refuses for good; ConnectionError when
   * attempts are exhausted, on abort and on `disconnect()`.
   */
  connect(options: ConnectOptions = {}): Promise<void> {
    checkOptionNames(options, ['signal'], 'connect() option');
    checkSignal(options.signal);
    const connected = this.#lifecycle.connect(options);
    // A caller who does not await it hears of a failure through onError.
    connected.catch(() => {});
    return connected;
  }

  /**
   * Stops: takes nothing in any more, lets running handlers finish, sends what they owe, closes the socket. Afterwards
   * nothing of it runs and the process can exit. Resolves also when there is nothing to stop. Called again while it is
   * under way, the earlier deadline counts.
   *
   * Handlers that have not ended by the deadline are left behind, and `onError` is told of their messages
   * (`HANDLERS_LEFT`). If the session takes acks, its socket stays until they have ended, a minute at most, and acknowledges
   * what they finish; it does not keep the process alive. Calling `disconnect()` once more, or `connect()`, ends that at once.
   *
   * @param options.deadlineMs How long handlers may take; then their `ctx.signal` aborts. Default 10,000.
   */
  disconnect(options: { readonly deadlineMs?: number | undefined } = {}): Promise<void> {
    checkOptionNames(options, ['deadlineMs'], 'disconnect() option');
    checkDuration(options.deadlineMs, 'deadlineMs');
    return this.#lifecycle.disconnect(options.deadlineMs ?? TIMING.stopDeadline);
  }

  /** `await using realtime = new RealtimeClient(...)` disconnects at the end of the block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.disconnect();
  }

  private begin(options: ConnectOptions): Promise<void> {
    this.followSends();
    this.#engine.start();
    const connected = this.#connection.connect(options);
    // Also for a call that was refused before the connection had left `idle`.
    connected.catch((error: AgentChatClientError) => {
      this.suspendIfIdle(error);
      if (this.#connection.state === 'idle') this.#lifecycle.gaveUp();
    });
    return connected;
  }

  /** Refused for good, exhausted or aborted: without a connection to come, nothing in the background goes on either. */
  private suspendIfIdle(why?: AgentChatClientError): void {
    if (this.#connection.state !== 'idle' || this.#lifecycle.isStopping) return;
    this.#engine.suspend();
    if (why !== undefined) this.#engine.consumers.stream?.refuse(why);
  }

  private stateChanged(state: ConnectionState): void {
    const next = this.told(state);
    const previous = this.#lastState;
    if (next === previous) return;
    this.#lastState = next;
    if (next === 'idle') this.suspendIfIdle();
    this.#observers.states.call(next, previous);
  }

  /** What the state of the connection is called: a socket that is only there for the last acks is nobody's any more. */
  private told(state: ConnectionState): ConnectionState {
    if (this.#lifecycle.isStopping) return 'stopping';
    return this.#lifecycle.isLingering ? 'idle' : state;
  }

  private async stop(deadlineMs: number): Promise<boolean> {
    const waited = this.#connection.state === 'waiting';
    this.#connection.beginStop();
    await this.#engine.stop(deadlineMs);
    // Between two attempts there is nothing else to wait for. A bot that disconnects and connects again at every change
    // of state would then go round in promises alone: no timer, no socket and no other code of the process would ever
    // get a turn. This timer gives them one.
    if (waited) await new Promise<void>((resolve) => void this.#clock.setTimer(resolve, 1));
    const lingers = this.#engine.lanes.slots.hasLeft && this.#connection.session?.ackMode === true;
    if (!lingers) {
      this.#engine.endLinger();
      await this.#connection.close();
    }
    this.#engine.consumers.stream?.stopped();
    const offSent = this.#offSent;
    this.#offSent = null;
    if (typeof offSent === 'function') this.#observers.guard('the off of client.onSent', offSent);
    return lingers;
  }

  /** STOP-3. */
  private async linger(cut: Life): Promise<void> {
    this.#connection.letGo();
    await this.#engine.linger(cut);
    this.#engine.endLinger();
    await this.#connection.close();
  }

  /** GAP-5. A source that cannot tell of our sends costs a look for what our own sends have used. */
  private followSends(): void {
    const { client } = this.#options;
    if (client?.onSent === undefined || this.#offSent !== null) return;
    this.#observers.guard('client.onSent', () => {
      this.#offSent = client.onSent?.((message) => this.#engine.inbox.sent(message)) ?? null;
      return this.#offSent;
    });
  }

  // -- sending frames -------------------------------------------------------------------------------------------

  /**
   * Sends a frame. Messages are sent with `AgentChatClient.sendMessage`: the service takes none over the socket.
   *
   * @throws ConnectionError when not connected; ValidationError when it is no frame.
   */
  send(frame: WsMessage | ClientFrame): void {
    if (!this.write(frame)) {
      throw new ConnectionError({
        message: 'Not connected: await connect(), or send again from onConnect().',
        outcome: 'not_sent',
      });
    }
  }

  private write(frame: WsMessage | ClientFrame): boolean {
    const text = textOf(frame);
    return !this.#lifecycle.isLingering && this.#connection.send(text);
  }

  /**
   * Shows the others in a conversation that you are typing. Relayed, never stored: while not connected it is dropped, since
   * nobody wants to know later that you were.
   */
  sendTypingStart(conversationId: string): void {
    this.write({ type: 'typing.start', payload: { conversation_id: conversationId } });
  }

  /** The end of it. Dropped while not connected. */
  sendTypingStop(conversationId: string): void {
    this.write({ type: 'typing.stop', payload: { conversation_id: conversationId } });
  }

  /** Marks a conversation read up to and including `throughSeq`. Cheap to repeat. @throws ConnectionError */
  sendReadAck(conversationId: string, throughSeq: number): void {
    checkInteger(throughSeq ?? null, 'throughSeq', 0, Number.MAX_SAFE_INTEGER);
    this.send({
      type: 'message.read_ack',
      payload: { conversation_id: conversationId, through_seq: throughSeq },
    });
  }

  /**
   * Looks through the undelivered queue once more. Needed only with `autoDrainOnConnect: false`.
   *
   * @returns how many messages came to light. 0 when not connected or without a `client`.
   */
  drainOfflineEnvelopes(): Promise<number> {
    return this.#engine.catchUp.drain();
  }

  /** Answers "why am I not receiving?", in words and in data. */
  explain(): Explanation {
    return explain(
      this.state,
      this.#connection.insight(),
      this.#engine,
      this.#observers.recentErrors.insight(),
    );
  }

  /** Shows what it does, never the key. */
  toJSON(): Record<string, unknown> {
    return { state: this.state, counters: { ...this.counters } };
  }
}

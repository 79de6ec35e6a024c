import { type Clock, systemClock } from '../clock/index.js';
import { isKeyInEnvironment } from '../credentials/index.js';
import { type AgentChatClientError, listenerFailed, ValidationError } from '../errors/index.js';
import { checkDuration, checkFunction, checkOptionNames, invalid } from '../http/index.js';
import { type EventHandler, RealtimeClient } from '../realtime/index.js';
import { AgentChatClient } from '../rest/index.js';
import {
  type BotStore,
  type Json,
  memoryStore,
  type ReplicaCoordinator,
  type SharedBotStore,
} from '../stores/index.js';
import { accountFromFile } from './account.js';
import type { Self } from './answering/mention.js';
import { BudgetKeeper } from './budgets/budget-keeper.js';
import { Emitter } from './emitter.js';
import { BOT_EVENTS, type BotEventMap } from './events.js';
import { GuardKeeper } from './guard/guard-keeper.js';
import type { BotHealth } from './health/health.js';
import { type BotOptions, type BotRules, botRulesOf, isCoordinator } from './options.js';
import { OwnMessages } from './own-messages.js';
import { type CommandHandler, type Middleware, Router, type Thinker } from './routing/router.js';
import { Gate } from './turns/gate.js';
import { StorePatience } from './turns/store-patience.js';
import { turnIsOver } from './turns/turn-ended.js';
import { TurnRunner } from './turns/turn-runner.js';
import { untilSignal } from './until-signal.js';

/** How long `stop()` lets running turns finish. */
const STOP_DEADLINE_MS = 10_000;
const INSPECT = /* @__PURE__ */ Symbol.for('nodejs.util.inspect.custom');
const RETRY = { minDelayMs: 500, maxDelayMs: 10_000 };

export interface StopOptions {
  /** How long running turns may take, in milliseconds. Then their signals abort, and their messages come again. Default 10,000. */
  readonly deadlineMs?: number | undefined;
}

interface Listening {
  readonly type: string;
  readonly handler: EventHandler;
  off: (() => void) | null;
}

/** What there is once it is known whose bot it is. */
interface Works {
  readonly client: AgentChatClient;
  readonly realtime: RealtimeClient;
  readonly replicas: ReplicaCoordinator | undefined;
  readonly runner: { readonly running: number; readonly lastHandledAt: number | null };
}

/**
 * A bot: made by {@link createBot}. Middleware, commands, patterns and the thinker answer; the kit does the rest.
 */
export class Bot<Session = Json> {
  // Truly private: the key is somewhere below, and no way of printing this object may show it.
  readonly #options: BotOptions<Session>;
  readonly #rules: BotRules;
  readonly #clock: Clock;
  readonly #store: BotStore;
  readonly #router: Router<Session>;
  readonly #events: Emitter;
  readonly #listening = new Set<Listening>();
  readonly #own = new OwnMessages();
  #works: Works | null = null;
  #self: Self | null = null;
  #storeError: AgentChatClientError | null = null;
  #isStopping = false;
  #ended: string | null = null;

  /** @throws ValidationError that names the option that is wrong. */
  constructor(options: BotOptions<Session>) {
    this.#rules = botRulesOf(options);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#store = options.store ?? memoryStore();
    this.#router = new Router(options.think);
    this.#events = new Emitter();
    this.tellOfGuard();
    // A client that can be made now is there before start(): the bot may send before it listens.
    if (options.client !== undefined || options.apiKey !== undefined || isKeyInEnvironment())
      this.#works = this.assemble({});
    Object.defineProperty(this, INSPECT, { value: () => `Bot ${JSON.stringify(this)}` });
  }

  /**
   * For everything that the kit does not do.
   *
   * @throws ValidationError before `start()`, when the key is in the credentials file.
   */
  get client(): AgentChatClient {
    if (this.#works !== null) return this.#works.client;
    throw new ValidationError(
      'The bot does not know its key yet: it is read from the credentials file. Await bot.start() first.',
    );
  }

  /** The connection, for what the kit does not show: `explain()`, `counters`, `onStateChange`. @throws as {@link client}. */
  get realtime(): RealtimeClient {
    if (this.#works !== null) return this.#works.realtime;
    return this.client as never;
  }

  /** What the bot remembers. Give your keys in `values` a prefix of their own. */
  get store(): BotStore {
    return this.#store;
  }

  /**
   * Runs around whatever answers, in the order in which it was added.
   *
   * @example
   * bot.use(async (turn, next) => {
   *   if (await isBanned(turn.sender)) return; // nobody answers
   *   await next();
   *   if (turn.answer !== null) turn.answer += '\n(I am a bot.)';
   * });
   */
  use(middleware: Middleware<Session>): this {
    this.#router.use(middleware);
    return this;
  }

  /**
   * Answers `/name`, also behind a mention. A message that calls a command is a turn of its own. In groups a bot hears what `answer`
   * says, commands too.
   *
   * @throws ValidationError for a name that cannot be, or has a handler already.
   * @example
   * bot.command('roll', (turn, sides) => `You rolled ${1 + Math.floor(Math.random() * (Number(sides) || 6))}`);
   */
  command(name: string, handler: CommandHandler<Session>): this {
    this.#router.command(name, handler);
    return this;
  }

  /** Answers a turn whose text is this one, in any case, or fits the pattern: see `turn.match`. The first that fits answers. */
  hear(pattern: string | RegExp, handler: Thinker<Session>): this {
    this.#router.hear(pattern, handler);
    return this;
  }

  /**
   * Listens to an event of the bot (`guard`, `budget`, `turn`, `error`) or of the service (`typing.start`, `presence.update`, ...).
   *
   * @returns its `off`.
   * @throws ValidationError for `message.new`: messages go to `think`.
   */
  on<Name extends keyof BotEventMap>(name: Name, listener: (event: BotEventMap[Name]) => unknown): () => void;
  on<Type extends string>(type: Type, handler: EventHandler<Type>): () => void;
  on(name: string, handler: (...args: never[]) => unknown): () => void {
    checkFunction(handler ?? null, 'handler');
    if ((BOT_EVENTS as readonly string[]).includes(name)) {
      return this.#events.on(name as keyof BotEventMap, handler as (event: unknown) => unknown);
    }
    if (name === 'message.new') {
      throw invalid(
        'name',
        'The messages of a bot go to `think`, commands and patterns: bot.on("message.new") would take them away',
      );
    }
    if (!name.includes('.')) {
      throw invalid(
        'name',
        `There is no event "${name}". A bot has ${BOT_EVENTS.join(', ')}; those of the service have a dot, as "typing.start"`,
      );
    }
    const listening: Listening = { type: name, handler: handler as unknown as EventHandler, off: null };
    this.#listening.add(listening);
    if (this.#works !== null) listening.off = this.#works.realtime.on(name, listening.handler);
    return () => {
      this.#listening.delete(listening);
      listening.off?.();
    };
  }

  /**
   * Connects, and stays connected. Resolves when the bot receives.
   *
   * @throws ValidationError when there is nothing that could answer, or no key; what `RealtimeClient.connect()` throws.
   */
  async start(): Promise<void> {
    if (this.#router.isEmpty) {
      throw new ValidationError(
        'The bot has nothing to answer with: pass `think` to createBot(), or add bot.command() or bot.hear().',
      );
    }
    this.#isStopping = false;
    this.#ended = null;
    this.#storeError = null;
    const works = await this.works();
    if (this.#options.store === undefined) {
      this.log(
        'The bot remembers in memory: after a restart it does not know what it has said. Pass `store` to createBot().',
      );
    }
    if (this.#isStopping) return;
    const connecting = works.realtime.connect();
    this.watch(works.realtime);
    await connecting;
    // Where it had to wait for the end of a stop, the life that counts has begun only now.
    this.watch(works.realtime);
  }

  /** Takes nothing in any more, lets running turns finish, and disconnects. Resolves also when there is nothing to stop. */
  async stop(options: StopOptions = {}): Promise<void> {
    checkStopOptions(options, 'stop');
    this.#isStopping = true;
    await this.#works?.realtime.disconnect({ deadlineMs: options.deadlineMs ?? STOP_DEADLINE_MS });
  }

  /**
   * Starts, and runs until SIGTERM or SIGINT: then it stops, and resolves. A second signal ends the process at once, with 130 or 143.
   *
   * @param options How the signal's stop goes.
   * @throws ValidationError for options that cannot be, before anything starts; when the service refuses the bot for good: a process that
   * awaits it exits with 1, and its supervisor starts it again.
   */
  async run(options: StopOptions = {}): Promise<void> {
    // Found here, or it would be found by the signal, when nobody is there to read it.
    checkStopOptions(options, 'run');
    const signals = untilSignal(() => this.stop(options));
    try {
      const starting = this.start();
      // Stopped while it was still connecting: that is no failure.
      starting.catch(() => {});
      const works = await this.works();
      await Promise.race([starting.then(() => works.realtime.closed), works.realtime.closed]);
    } catch (error) {
      if (!this.#isStopping) throw error;
    } finally {
      signals.end();
    }
    await signals.stopped;
  }

  /** How the bot is, at this moment. Give it to `healthEndpoint(bot)` or `nodeHealthHandler(bot)`. */
  health(): BotHealth {
    const realtime = this.#works?.realtime;
    const totals = realtime?.explain().totals;
    const connection = realtime?.state ?? 'idle';
    const insight = this.#works?.replicas?.insight;
    const because = this.notReadyBecause(connection);
    return {
      ready: because === null,
      notReadyBecause: because,
      connection,
      lagMs: totals?.oldestMs ?? null,
      waiting: totals?.waiting ?? 0,
      runningTurns: this.#works?.runner.running ?? 0,
      parked: totals?.parked ?? 0,
      lastHandledAt: this.#works?.runner.lastHandledAt ?? null,
      stopping: this.#isStopping,
      store: { ok: this.#storeError === null, error: this.#storeError?.message ?? null },
      replicas:
        insight === undefined
          ? null
          : { held: insight.held.length, live: insight.live.length, confirmedAgoMs: insight.confirmedAgoMs },
      ended: this.#ended,
    };
  }

  /** Shows how it is, never the key. */
  toJSON(): Record<string, unknown> {
    return { ...this.health() };
  }

  private notReadyBecause(connection: string): string | null {
    if (this.#ended !== null) return `It has given up: ${this.#ended}`;
    if (this.#isStopping) return 'It is stopping.';
    if (connection !== 'connected') return `Its connection is ${connection}.`;
    return this.#storeError?.message ?? null;
  }

  private async works(): Promise<Works> {
    if (this.#works === null) {
      const { apiKey, baseUrl } = await accountFromFile();
      this.#works ??= this.assemble({ apiKey, baseUrl: this.#options.baseUrl ?? baseUrl });
    }
    return this.#works;
  }

  /** Makes the parts and introduces them to each other. */
  private assemble(account: { apiKey?: string; baseUrl?: string | undefined }): Works {
    const { apiKey, baseUrl, session, realtime: more = {}, budgets, guard } = this.#options;
    const { answer, turns, maxMessages } = this.#rules;
    const clock = this.#clock;
    const store = this.#store;
    const client = this.#options.client ?? new AgentChatClient({ apiKey, baseUrl, ...account });
    const replicas = this.coordinator();
    const retries = turns.retries;
    const realtime = new RealtimeClient({
      ...more,
      client,
      clock,
      handlerRetry: { ...RETRY, retries },
      ...(replicas === undefined ? { store } : { replicas }),
    });
    const emit = this.#events.emit.bind(this.#events);
    const patience = new StorePatience(clock, { storeTrouble: (error) => this.storeTrouble(error) });
    const gate = new Gate({
      guard: guard === false ? null : new GuardKeeper(store.values, clock, guard),
      budgets: budgets === undefined ? null : new BudgetKeeper(store.values, clock, budgets),
      client,
      emit,
    });
    const runner = new TurnRunner<Session>({
      clock,
      client,
      socket: realtime,
      steps: replicas?.steps ?? store.steps,
      patience,
      gate,
      router: this.#router,
      answer,
      rules: turns,
      maxMessages,
      initialSession: session,
      turnOver: turnIsOver(),
      self: () => this.self(),
      noteOwn: (id) => this.#own.add(id),
      emit,
    });
    realtime.onError((error) => emit('error', error));
    for (const listening of this.#listening) listening.off = realtime.on(listening.type, listening.handler);
    const { maxMessages: most, settleMs, maxWaitMs } = turns;
    realtime.onBatch((events, context) => runner.handle(events, context), {
      maxMessages: most,
      settleMs,
      maxWaitMs,
    });
    return { client, realtime, replicas, runner };
  }

  private coordinator(): ReplicaCoordinator | undefined {
    const { replicas } = this.#options;
    if (replicas === undefined || replicas === false) return undefined;
    const coordinator = isCoordinator(replicas)
      ? replicas
      : (this.#store as SharedBotStore).replicas(replicas === true ? {} : replicas);
    if (coordinator.steps !== undefined) return coordinator;
    throw invalid(
      'replicas',
      '"replicas" must have `steps`, whose writes carry the fence of their partition, for a bot',
    );
  }

  /** Messages come only once the client knows who it is, or that nobody tells. */
  private async self(): Promise<Self> {
    if (this.#self !== null) return this.#self;
    const { realtime, client } = await this.works();
    const self = realtime.explain().handle ?? (await client.getMe()).handle;
    this.#self = { self, isOwnMessage: (id) => this.#own.has(id) };
    return this.#self;
  }

  /** Notes why the connection gives up in this life, if it does. */
  private watch({ closed }: RealtimeClient): void {
    closed.catch((error: Error) => {
      this.#ended = error.message;
    });
  }

  private storeTrouble(error: AgentChatClientError | null): void {
    // Said once, not at each of a hundred waiting turns.
    const isNews = error !== null && this.#storeError === null;
    this.#storeError = error;
    if (isNews) this.#events.emit('error', error);
  }

  /** A bot that falls silent without a word looks broken to who tries it. Said once. */
  private tellOfGuard(): void {
    const off = this.#events.on('guard', (event) => {
      const { peer, reason } = event as BotEventMap['guard'];
      off();
      this.log(
        `The guard keeps the bot from answering @${peer} (${reason}). It does so without a word from now on: listen to bot.on("guard"), or see the option \`guard\`.`,
      );
    });
  }

  private log(line: string): void {
    const { log = console.error } = this.#options;
    try {
      log(line);
    } catch (cause) {
      this.#events.emit('error', listenerFailed('log function', cause));
    }
  }
}

function checkStopOptions(options: StopOptions, method: string): void {
  checkOptionNames(options, ['deadlineMs'], `${method}() option`);
  checkDuration(options.deadlineMs, 'deadlineMs');
}

/**
 * Makes a bot. Nothing is opened before `start()` or `run()`.
 *
 * @throws ValidationError that names the option that is wrong, and what to write instead.
 * @example
 * const bot = createBot({ think: (turn) => `You said: ${turn.text}` });
 * await bot.run(); // connects, and stops cleanly on SIGTERM and SIGINT
 */
export function createBot<Session = Json>(options: BotOptions<Session>): Bot<Session> {
  return new Bot(options);
}

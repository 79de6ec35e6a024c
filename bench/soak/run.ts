import { setTimeout as sleep } from 'node:timers/promises';
import { Child, type Exit } from '../../test/e2e/child.js';
import type { BotLook, BotSetup, BotStop, BotTold, MemorySample } from './bot.js';
import type { SoakOptions } from './options.js';
import type { Findings } from './promises.js';
import type { ServiceLook, ServiceSetup, ServiceTold } from './service.js';
import { megabytes, minutes, shown } from './words.js';

const SERVICE = new URL('./service.ts', import.meta.url);
const BOT = new URL('./bot.ts', import.meta.url);
const PROGRESS_EVERY_MS = 10_000;
const MEMORY_SAMPLES = 64;
/** A lost last message is looked for once a minute. */
const SETTLE_MS = 75_000;
/** `disconnect()` gives handlers ten seconds; the process has nothing to do then. */
const STOP_MS = 15_000;

/** A soak under way: the two processes, and who is told how it goes. */
export class Soak {
  readonly #options: SoakOptions;
  readonly #say: (line: string) => void;
  readonly #service: Child<ServiceTold>;
  readonly #bot: Child<BotTold>;
  readonly #startedAt = performance.now();

  private constructor(
    options: SoakOptions,
    say: (line: string) => void,
    service: Child<ServiceTold>,
    bot: Child<BotTold>,
  ) {
    this.#options = options;
    this.#say = say;
    this.#service = service;
    this.#bot = bot;
  }

  /** Starts the service, then the bot. */
  static async open(options: SoakOptions, say: (line: string) => void): Promise<Soak> {
    const { seed, rate, conversations } = options;
    const serviceSetup: ServiceSetup = { seed, rate, conversations };
    const service = await Child.start<ServiceTold>(SERVICE, serviceSetup);
    try {
      const { url: baseUrl, apiKey } = await service.when((told) => told.kind === 'open');
      const botSetup: BotSetup = {
        baseUrl,
        apiKey,
        sampleEveryMs: (options.minutes * 60_000) / MEMORY_SAMPLES,
      };
      return new Soak(options, say, service, await Child.start<BotTold>(BOT, botSetup, ['--expose-gc']));
    } catch (error) {
      await service.end();
      throw error;
    }
  }

  /** Null when it was interrupted. */
  async run(interrupt: AbortSignal): Promise<Findings | null> {
    const progress = setInterval(() => this.#say(this.#progress()), PROGRESS_EVERY_MS);
    try {
      await this.#bot.when((told) => told.kind === 'connected');
      this.#say(
        `${this.#time}  the bot (process ${this.#bot.pid}) is connected to the service (process ${this.#service.pid})`,
      );
      this.#service.tell('start');
      await within(this.#options.minutes * 60_000, interrupt, this.#ends());
      this.#service.tell('hush');
      const memory = this.#bot.told.filter((told): told is MemorySample => told.kind === 'memory');
      const { stored } = await this.#nextServiceLook();
      if (interrupt.aborted) return null;
      this.#say(`${this.#time}  all are sent; the trouble goes on until all are handled`);
      await within(
        SETTLE_MS,
        interrupt,
        this.#bot.until(() => (this.#botLook?.handled ?? 0) >= stored),
      );
      this.#service.tell('calm');
      await within(
        SETTLE_MS,
        interrupt,
        this.#service.until(() => this.#serviceLook?.undelivered === 0),
      );
      return interrupt.aborted ? null : await this.#findings(memory);
    } finally {
      clearInterval(progress);
    }
  }

  /** Ends what is left of both, in order, and by force what does not end. */
  async close(): Promise<void> {
    await this.#stopBot();
    await this.#bot.end();
    this.#service.tell('end');
    await within(STOP_MS, null, this.#service.exit);
    await this.#service.end();
  }

  async #findings(memory: readonly MemorySample[]): Promise<Findings> {
    this.#bot.tell('count');
    this.#service.tell('count');
    const bot = await this.#bot.when((told) => told.kind === 'count');
    const { stored } = await this.#service.when((told) => told.kind === 'count');
    const settled = await this.#nextServiceLook();
    const exit = await this.#stopBot();
    const stop = this.#bot.told.find((told): told is BotStop => told.kind === 'stopped') ?? null;
    const afterwards = await this.#nextServiceLook();
    return { bot, stored, memory, service: { settled, afterwards }, stop, exit };
  }

  /** Null when its process does not end by itself. */
  async #stopBot(): Promise<Exit | null> {
    this.#bot.tell('stop');
    return (await within(STOP_MS, null, this.#bot.exit)) ?? null;
  }

  /** Rejects when one of the processes ends. */
  #ends(): Promise<void> {
    const never = () => false;
    return Promise.race([this.#bot.until(never), this.#service.until(never)]);
  }

  get #botLook(): BotLook | undefined {
    return this.#bot.told.findLast((told) => told.kind === 'look');
  }

  get #serviceLook(): ServiceLook | undefined {
    return this.#service.told.findLast((told) => told.kind === 'look');
  }

  async #nextServiceLook(): Promise<ServiceLook> {
    const last = this.#serviceLook;
    await this.#service.until(() => this.#serviceLook !== last);
    return this.#serviceLook as ServiceLook;
  }

  get #time(): string {
    return minutes(performance.now() - this.#startedAt);
  }

  #progress(): string {
    const bot = this.#botLook;
    const service = this.#serviceLook;
    const memory = this.#bot.told.findLast((told) => told.kind === 'memory');
    if (bot === undefined || service === undefined) return `${this.#time}  connecting`;
    return [
      `${this.#time}  ${bot.state}`,
      // Each was told half a second ago at most, and not at the same moment.
      `${shown(bot.handled)} of ${shown(Math.max(bot.handled, service.stored))} handled`,
      `${shown(service.undelivered)} not acked`,
      `p50 ${shown(bot.latency.p50)} p99 ${shown(bot.latency.p99)} max ${shown(bot.latency.max)} ms`,
      `${service.cuts} cuts`,
      `${service.lostFrames} frames lost`,
      `${service.failedCalls} of ${service.calls} calls failed`,
      `heap ${megabytes(memory?.heapBytes ?? 0)}, rss ${megabytes(memory?.rssBytes ?? 0)}`,
    ].join(' · ');
  }
}

/** What it resolves to, or undefined when it took too long or was interrupted. */
async function within<T>(
  ms: number,
  interrupt: AbortSignal | null,
  promise: Promise<T>,
): Promise<T | undefined> {
  const over = new AbortController();
  const signal = interrupt === null ? over.signal : AbortSignal.any([over.signal, interrupt]);
  const late = sleep(ms, undefined, { signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    over.abort();
  }
}

import { AgentChatClient, memoryStore } from 'agentchat-client';
import { type Bot, createBot } from 'agentchat-client/bot';
import type { MemorySample } from '../../../bench/soak/bot.js';
import { type Growth, growthOf } from '../../../bench/soak/memory.js';
import { added, type Resources, resources } from '../../../bench/soak/resources.js';
import { ProcessClock } from '../../simulation/process-clock.js';
import { Rng } from '../../simulation/rng.js';
import { VirtualClock } from '../../support/virtual-clock.js';
import { VirtualService } from '../virtual-service.js';
import { Judge } from './judge.js';
import { Peers } from './peers.js';
import { type SoakSession, SoakThinker } from './thinker.js';

export interface SoakOptions {
  readonly minutes: number;
  readonly conversations: number;
  readonly seed: number;
}

/** What a soak has shown. */
export interface SoakFindings {
  /** What was not as promised in what the bot said. */
  readonly faults: readonly string[];
  readonly said: number;
  readonly answered: number;
  readonly failures: number;
  readonly putAside: number;
  readonly guarded: number;
  readonly sessions: number;
  /** Sends that came again, and were not stored again. */
  readonly replays: number;
  readonly undelivered: number;
  /** Null where the garbage collector cannot be asked. */
  readonly growth: Growth | null;
  readonly heapBytes: number;
  /** After the stop: timers of the bot's, listeners of signals, and what keeps this process alive; more than before. */
  readonly left: { readonly timers: number; readonly signalListeners: number; readonly resources: Resources };
  readonly errors: Readonly<Record<string, number>>;
}

/** Of a hundred conversations. */
const STUBBORN = 5;
const CHATTY = 1;
const TROUBLE = { lostFrames: 0.01, failedRequests: 0.02, lostAnswers: 0.01 };
const SAMPLE_EVERY_MS = 10_000;
/** What was put aside comes again after an hour at the latest. */
const SETTLE_MS = 3 * 3_600_000;

/** A bot of the kit with default options in virtual time, in many conversations, while everything goes wrong. */
export class Soak {
  readonly #options: SoakOptions;
  readonly #clock: VirtualClock;
  readonly #process: ProcessClock;
  readonly #service: VirtualService;
  readonly #judge = new Judge();
  readonly #peers: Peers;
  readonly #thinker: SoakThinker;
  readonly #bot: Bot<SoakSession>;
  readonly #errors: Record<string, number> = {};
  readonly #memory: MemorySample[] = [];

  constructor(options: SoakOptions) {
    const { seed } = options;
    this.#options = options;
    this.#clock = new VirtualClock({ seed });
    // Counts the timers of the bot, and not those of the service.
    const clock = new ProcessClock(this.#clock);
    this.#process = clock;
    this.#service = new VirtualService(this.#clock, seed + 1);
    this.#peers = new Peers(this.#clock, this.#service, this.#judge, seed + 2);
    this.#thinker = new SoakThinker(clock, new Rng(seed + 3), this.#judge);
    this.#bot = createBot<SoakSession>({
      clock,
      client: new AgentChatClient({
        apiKey: 'ac_test_nobodys_key',
        baseUrl: 'http://127.0.0.1',
        clock,
        fetch: this.#service.fetch,
      }),
      realtime: { openSocket: this.#service.openSocket },
      store: memoryStore({ clock }),
      session: () => ({ turns: 0 }),
      turns: { timeoutMs: 20_000 },
      think: this.#thinker.think,
    });
    this.#bot.on('guard', ({ peer }) => this.#judge.guardActs(peer));
    this.#bot.on('error', ({ code }) => {
      this.#errors[code] = (this.#errors[code] ?? 0) + 1;
    });
  }

  async run(): Promise<SoakFindings> {
    const { minutes } = this.#options;
    const clock = this.#clock;
    const before = { signals: signalListeners(), resources: resources() };
    const running = this.#bot.run();
    await clock.advanceUntil(() => this.#bot.health().ready);
    this.#invite();
    this.#service.trouble = TROUBLE;
    this.#loseConnections();
    const end = minutes * 60_000;
    while (clock.now() < end) {
      await clock.advance(Math.min(SAMPLE_EVERY_MS, end - clock.now()));
      this.#sample();
    }
    await this.#settle();
    await this.#stop(running);
    this.#judge.close(Math.ceil(minutes / 10));
    return {
      faults: this.#judge.faults,
      said: this.#peers.said,
      answered: this.#judge.answered,
      failures: this.#thinker.failures,
      putAside: this.#bot.realtime.counters.parked,
      guarded: this.#judge.guarded,
      sessions: this.#service.sessions,
      replays: this.#service.replays,
      undelivered: this.#service.undelivered,
      growth: globalThis.gc === undefined ? null : growthOf(this.#memory),
      heapBytes: this.#memory.at(-1)?.heapBytes ?? 0,
      left: {
        timers: this.#process.pending,
        signalListeners: signalListeners() - before.signals,
        resources: added(before.resources, resources()),
      },
      errors: this.#errors,
    };
  }

  #invite(): void {
    for (let number = 0; number < this.#options.conversations; number += 1) {
      const place = number % 100;
      const kind = place < CHATTY ? 'chatty' : place < CHATTY + STUBBORN ? 'stubborn' : 'steady';
      this.#peers.add(`${kind}-${number}`, kind);
    }
  }

  /** Every half a minute or so; one of four connections is lost without a word. */
  #loseConnections(): void {
    const rng = new Rng(this.#options.seed + 4);
    const lose = () => {
      if (this.#peers.isSilent) return;
      this.#service.cut(rng.chance(0.25) ? 'half-open' : 'closed');
      this.#clock.setTimer(lose, rng.int(20_000, 40_000), 'background');
    };
    this.#clock.setTimer(lose, 20_000, 'background');
  }

  /** Nobody says anything more, and nothing goes wrong: what is left is answered. */
  async #settle(): Promise<void> {
    this.#peers.isSilent = true;
    this.#service.trouble = { lostFrames: 0, failedRequests: 0, lostAnswers: 0 };
    const end = this.#clock.now() + SETTLE_MS;
    await this.#clock.advanceUntil(
      () => this.#clock.now() > end || this.#service.undelivered === 0,
      2 * SETTLE_MS,
    );
  }

  async #stop(running: Promise<void>): Promise<void> {
    let isOver = false;
    const stopping = this.#bot.stop().finally(() => {
      isOver = true;
    });
    await this.#clock.advanceUntil(() => isOver, 60_000);
    await stopping;
    await running;
    await this.#clock.settle();
  }

  #sample(): void {
    globalThis.gc?.();
    const { heapUsed: heapBytes, rss: rssBytes } = process.memoryUsage();
    this.#memory.push({ kind: 'memory', heapBytes, rssBytes });
  }
}

function signalListeners(): number {
  return process.listenerCount('SIGTERM') + process.listenerCount('SIGINT');
}

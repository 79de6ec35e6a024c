import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Child, type Exit } from '../e2e/child.js';
import { type Agent, World } from '../e2e/world.js';
import { Rng } from '../simulation/rng.js';
import type { CrashBotSetup, CrashBotTold } from './bot.js';
import { type Death, drawDeath } from './death.js';
import type { EngineName } from './engines.js';
import type { Happening } from './happening.js';
import { type Home, NEW_HOME } from './homes.js';
import { Journal } from './journal.js';
import { violationsIn } from './judge.js';
import { deathsIn } from './mortality.js';
import type { MatrixResult } from './report.js';
import { DEATH_OF_AGE, HAZARDS, type Step } from './steps.js';

const BOT_PROGRAM = new URL('./bot.ts', import.meta.url);
const BOT = 'bot';
const SENDERS = 4;
/** Messages that wait for a life when it begins, besides what the life before left behind. */
const WAITING = 6;
/** The last life handles what is left: hundreds, when the lives before were short. It ends when nothing has moved for so long. */
const PATIENCE_MS = 30_000;

export interface CrashMatrixOptions {
  readonly engine: EngineName;
  readonly kills: number;
  readonly seed: number;
  /** Is told of every death. */
  readonly onDeath?: (death: Death, life: number) => void;
}

export interface CrashMatrixResult extends MatrixResult {
  readonly messages: number;
  /** Handlers that began: more than there are messages by those that a death interrupted. */
  readonly handlerCalls: number;
}

/**
 * One bot, many lives. Each ends by SIGKILL at a moment that is drawn from the seed, but for the last. People write to the bot
 * all the time.
 */
export class CrashMatrix {
  readonly #options: CrashMatrixOptions;
  readonly #world: World;
  readonly #home: Home;
  readonly #folder: string;
  readonly #bot: Agent;
  readonly #senders: readonly Agent[];
  readonly #rng: Rng;
  readonly #acknowledgedBefore = new Map<string, number>();
  #lives = 0;
  #sent = 0;

  private constructor(
    options: CrashMatrixOptions,
    world: World,
    home: Home,
    folder: string,
    bot: Agent,
    senders: readonly Agent[],
  ) {
    this.#options = options;
    this.#world = world;
    this.#home = home;
    this.#folder = folder;
    this.#bot = bot;
    this.#senders = senders;
    this.#rng = new Rng(options.seed);
  }

  static async run(options: CrashMatrixOptions): Promise<CrashMatrixResult> {
    const home = await NEW_HOME[options.engine]();
    const folder = await mkdtemp(join(tmpdir(), 'agentchat-journal-'));
    const world = await World.open('ack', options.seed);
    try {
      const bot = await world.agent(BOT);
      const senders = await world.agents('sender', SENDERS);
      return await new CrashMatrix(options, world, home, folder, bot, senders).#run();
    } finally {
      await world.close();
      await home.remove();
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #run(): Promise<CrashMatrixResult> {
    for (let kill = 0; kill < this.#options.kills; kill += 1)
      await this.#liveAndDie(drawDeath(this.#rng, HAZARDS));
    await this.#liveToTheEnd();
    const { server } = this.#world;
    const journal = Journal.read<Happening>(this.#journalPath);
    const messages = server.allMessages();
    const records = {
      messages,
      acknowledgedBefore: this.#acknowledgedBefore,
      undelivered: server.undelivered(BOT),
    };
    return {
      violations: violationsIn(journal, records, BOT),
      deaths: deathsIn(journal),
      messages: messages.filter(({ sender }) => sender !== BOT).length,
      handlerCalls: journal.filter(({ what }) => what === 'begin').length,
    };
  }

  get #journalPath(): string {
    return join(this.#folder, 'journal');
  }

  async #liveAndDie(death: Death<Step>): Promise<void> {
    for (let waiting = 0; waiting < WAITING; waiting += 1) await this.#send();
    const child = await this.#begin([death, DEATH_OF_AGE]);
    // One more for each that is handled: no life runs out of work.
    for (let handled = 1; await outlives(child, handled); handled += 1) await this.#send();
    await this.#expectEnd(child, { code: null, signal: 'SIGKILL' });
    this.#options.onDeath?.(death, this.#lives);
  }

  async #liveToTheEnd(): Promise<void> {
    const child = await this.#begin([]);
    const { server } = this.#world;
    let left = Number.POSITIVE_INFINITY;
    let movedAt = performance.now();
    while (left > 0 && performance.now() - movedAt < PATIENCE_MS) {
      await sleep(10);
      const { length } = server.undelivered(BOT);
      if (length !== left) movedAt = performance.now();
      left = length;
    }
    child.tell('stop');
    await this.#expectEnd(child, { code: 0, signal: null });
  }

  async #begin(deaths: readonly Death<Step>[]): Promise<Child<CrashBotTold>> {
    this.#lives += 1;
    this.#noteAcknowledged();
    const { engine } = this.#options;
    const setup: CrashBotSetup = {
      baseUrl: this.#world.server.url,
      apiKey: this.#bot.apiKey,
      engine,
      storeAddress: this.#home.address,
      journalPath: this.#journalPath,
      life: this.#lives,
      deaths,
    };
    return Child.start<CrashBotTold>(BOT_PROGRAM, setup);
  }

  /** What the service has and would not give again, was acknowledged before this life. */
  #noteAcknowledged(): void {
    const { server } = this.#world;
    const undelivered = new Set(server.undelivered(BOT).map(({ id }) => id));
    for (const { id } of this.#world.storedFor(this.#bot)) {
      if (!undelivered.has(id) && !this.#acknowledgedBefore.has(id))
        this.#acknowledgedBefore.set(id, this.#lives);
    }
  }

  async #send(): Promise<void> {
    this.#sent += 1;
    await this.#rng.pick(this.#senders).client.sendMessage({ to: BOT, content: `${this.#sent}` });
  }

  async #expectEnd(child: Child<CrashBotTold>, expected: Exit): Promise<void> {
    const { code, signal } = await child.exit;
    if (code !== expected.code || signal !== expected.signal) {
      throw new Error(`Life ${this.#lives} of the bot ended with code ${code} and signal ${signal}.`);
    }
    // What it had written before it died has arrived.
    while (this.#world.server.connections(BOT) > 0) await sleep(1);
  }
}

/** Resolves with true when the bot has told of so many messages, with false when it dies before. */
async function outlives(child: Child<CrashBotTold>, handled: number): Promise<boolean> {
  try {
    await child.until(() => child.told.length >= handled);
    return true;
  } catch {
    return false;
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Child, type Exit } from '../../e2e/child.js';
import { type Agent, World } from '../../e2e/world.js';
import { Rng } from '../../simulation/rng.js';
import { type Death, drawDeath } from '../death.js';
import { ENGINES, type EngineName } from '../engines.js';
import { type Home, NEW_HOME } from '../homes.js';
import { Journal } from '../journal.js';
import { deathsIn } from '../mortality.js';
import type { MatrixResult } from '../report.js';
import type { KitBotSetup, Session } from './bot.js';
import type { Happening } from './happening.js';
import { type StoredConversation, violationsIn } from './judge.js';
import { Ledger } from './ledger.js';
import { DEATH_OF_AGE, HAZARDS, type Step } from './steps.js';

const BOT_PROGRAM = new URL('./bot.ts', import.meta.url);
const BOT = 'bot';
/** Replicas have conversations while one of them has just died. */
const SENDERS_PER_REPLICA = 4;
/** Messages that wait for the bot at any time, for each replica. */
const WAITING = 6;
const LEASE_MS = 2_000;
/** The last lives have so long to handle what is left. */
const LAST_LIFE_MS = 60_000;

export interface BotCrashMatrixOptions {
  readonly engine: EngineName;
  readonly kills: number;
  readonly seed: number;
  /** How many processes of the bot run at a time. Default 1. */
  readonly replicas?: number;
  /** Is told of every death. */
  readonly onDeath?: (death: Death, life: number) => void;
}

export interface BotCrashMatrixResult extends MatrixResult {
  readonly messages: number;
  readonly turns: number;
  /** How often a thinker was asked: more than there are turns by those that a death interrupted. */
  readonly runs: number;
  /** Tallies that were repeated: the window that is allowed. */
  readonly repeated: number;
}

/** The world of one run: what outlives the bot. */
interface Surroundings {
  readonly world: World;
  readonly home: Home;
  readonly ledger: Ledger;
  readonly journalPath: string;
  readonly bot: Agent;
  readonly senders: readonly Agent[];
}

/**
 * A bot of the kit, many lives. Each ends by SIGKILL at a moment that is drawn from the seed, but for the last of each replica.
 * People write to the bot all the time.
 */
export class BotCrashMatrix {
  readonly #options: BotCrashMatrixOptions;
  readonly #around: Surroundings;
  readonly #rng: Rng;
  readonly #acknowledgedBefore = new Map<string, number>();
  readonly #children = new Set<Child<never>>();
  #lives = 0;
  #killed = 0;
  #sent = 0;

  private constructor(options: BotCrashMatrixOptions, around: Surroundings) {
    this.#options = options;
    this.#around = around;
    this.#rng = new Rng(options.seed);
  }

  static async run(options: BotCrashMatrixOptions): Promise<BotCrashMatrixResult> {
    const home = await NEW_HOME[options.engine]();
    const folder = await mkdtemp(join(tmpdir(), 'agentchat-journal-'));
    const ledger = await Ledger.open();
    const world = await World.open('ack', options.seed);
    try {
      const bot = await world.agent(BOT);
      const senders = await world.agents('sender', SENDERS_PER_REPLICA * (options.replicas ?? 1));
      const around = { world, home, ledger, journalPath: join(folder, 'journal'), bot, senders };
      return await new BotCrashMatrix(options, around).#run();
    } finally {
      await world.close();
      await ledger.close();
      await home.remove();
      await rm(folder, { recursive: true, force: true });
    }
  }

  get #replicas(): number {
    return this.#options.replicas ?? 1;
  }

  async #run(): Promise<BotCrashMatrixResult> {
    try {
      const replicas = Array.from({ length: this.#replicas }, () => this.#liveAgainAndAgain());
      await Promise.all([...replicas, this.#keepWriting()]);
    } finally {
      await Promise.all([...this.#children].map((child) => child.end()));
    }
    const { world, ledger, journalPath } = this.#around;
    const journal = Journal.read<Happening>(journalPath);
    const { charges, tallies } = ledger;
    const records = {
      messages: world.server.allMessages(),
      acknowledgedBefore: this.#acknowledgedBefore,
      undelivered: world.server.undelivered(BOT),
      charges,
      tallies,
      stored: await this.#stored(),
    };
    return {
      violations: violationsIn(journal, records, BOT),
      deaths: deathsIn(journal),
      messages: this.#sent,
      turns: new Set(journal.flatMap((entry) => (entry.what === 'think' ? [entry.key] : []))).size,
      runs: journal.filter(({ what }) => what === 'think').length,
      repeated: tallies.length - new Set(tallies.map(({ turn }) => turn)).size,
    };
  }

  /** Whether there are deaths to come. */
  get #isDying(): boolean {
    return this.#killed < this.#options.kills;
  }

  /** The lives of one replica. */
  async #liveAgainAndAgain(): Promise<void> {
    while (this.#lives < this.#options.kills) {
      const death = drawDeath(this.#rng, HAZARDS);
      await this.#live([death, DEATH_OF_AGE], ({ exit }) => exit);
      this.#killed += 1;
      this.#options.onDeath?.(death, this.#killed);
    }
    await this.#live([], async (child) => {
      const { server } = this.#around.world;
      while (this.#isDying) await sleep(20);
      const deadline = performance.now() + LAST_LIFE_MS;
      while (server.undelivered(BOT).length > 0 && performance.now() < deadline) await sleep(20);
      child.tell('stop');
    });
  }

  /** A life, until it has ended as it should. */
  async #live(
    deaths: readonly Death<Step>[],
    meanwhile: (child: Child<never>) => Promise<unknown>,
  ): Promise<void> {
    this.#lives += 1;
    const life = this.#lives;
    this.#noteAcknowledged();
    const { world, home, ledger, journalPath, bot } = this.#around;
    const setup: KitBotSetup = {
      baseUrl: world.server.url,
      apiKey: bot.apiKey,
      engine: this.#options.engine,
      storeAddress: home.address,
      ledgerUrl: ledger.url,
      journalPath,
      life,
      leaseMs: this.#replicas === 1 ? null : LEASE_MS,
      deaths,
    };
    const child = await Child.start<never>(BOT_PROGRAM, setup);
    this.#children.add(child);
    await meanwhile(child);
    const end = await child.exit;
    this.#children.delete(child);
    checkEnd(life, end, deaths.length > 0);
    // What it had written before it died has arrived.
    while (world.server.connections(BOT) >= this.#replicas) await sleep(1);
  }

  /** What the service has and would not give again, was acknowledged before the next life. */
  #noteAcknowledged(): void {
    const { world, bot } = this.#around;
    const undelivered = new Set(world.server.undelivered(BOT).map(({ id }) => id));
    for (const { id } of world.storedFor(bot)) {
      if (!undelivered.has(id) && !this.#acknowledgedBefore.has(id))
        this.#acknowledgedBefore.set(id, this.#lives);
    }
  }

  async #keepWriting(): Promise<void> {
    const { server } = this.#around.world;
    while (this.#isDying) {
      while (server.undelivered(BOT).length < WAITING * this.#replicas) await this.#send();
      await sleep(20);
    }
  }

  async #send(): Promise<void> {
    this.#sent += 1;
    await this.#rng.pick(this.#around.senders).client.sendMessage({ to: BOT, content: `${this.#sent}` });
  }

  /** What the store holds of every conversation. */
  async #stored(): Promise<ReadonlyMap<string, StoredConversation>> {
    const { world, home } = this.#around;
    const store = await ENGINES[this.#options.engine].open(home.address);
    try {
      const stored = new Map<string, StoredConversation>();
      for (const { conversation_id: id } of world.server.allMessages()) {
        if (stored.has(id)) continue;
        const { session, turns: frozen } = await store.steps.open(id);
        const { turns = 0 } = (session ?? {}) as Partial<Session>;
        stored.set(id, { turns, frozen: frozen.map(({ key }) => key) });
      }
      return stored;
    } finally {
      await store.close();
    }
  }
}

/** @throws Error for a life that did not end as it was to. */
function checkEnd(life: number, { code, signal }: Exit, wasToDie: boolean): void {
  if (wasToDie ? signal === 'SIGKILL' : code === 0) return;
  throw new Error(`Life ${life} of the bot ended with code ${code} and signal ${signal}.`);
}

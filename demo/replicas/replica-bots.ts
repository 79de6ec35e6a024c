import { type Counters, VERSION } from 'agentchat-client';
import { mulberry32 } from '../../test/support/mulberry32.js';
import { Fleet } from '../../test/support/replicas/fleet.js';
import type { ReplicaTold } from '../../test/support/replicas/replica.js';
import { STORE_SERVERS, type StoreName, type StoreServer } from '../../test/support/servers/store-servers.js';
import type { BotClient, BotCounters, BotSetup, FleetReport, RunningBot } from '../bot.js';
import { TUNING, told } from '../clients/tuning.js';
import { Hands } from './hands.js';

const LEASE_MS = 2_000;
const THINK_MS = 20;

export interface ReplicasWanted {
  readonly count: number;
  readonly store: StoreName;
  readonly seed: number;
}

/** Several processes of the bot, which share the conversations through a store; they are killed, stopped and restarted. */
export function replicaBots(wanted: ReplicasWanted): BotClient {
  const { count, store } = wanted;
  return {
    title: `agentchat-client ${VERSION}, ${count} replicas on ${STORE_SERVERS[store].title}`,
    settings: told({ ...TUNING, leaseMs: LEASE_MS }),
    start: (setup) => ReplicaBots.start(wanted, setup),
  };
}

/** What to do where no server of the store can be had; undefined where one can. */
export function missingServer(store: StoreName): string | undefined {
  const { title, givenUrl, variable, install, isAvailable } = STORE_SERVERS[store];
  if (givenUrl !== undefined || isAvailable()) return undefined;
  return `There is no ${title} on this machine. Run: ${install} (or set ${variable} to the address of one).`;
}

class ReplicaBots implements RunningBot {
  private readonly fleet: Fleet;
  private readonly hands = new Hands();
  private readonly lastCounters = new Map<string, Counters>();
  private readonly over = new AbortController();
  private trouble: Promise<void> = Promise.resolve();
  /** Settles when the first replica takes part, or cannot open a store that is not ours to wait for. */
  private readonly ready: Promise<void>;
  private isReady: (problem?: Error) => void = () => undefined;

  private constructor(
    private readonly wanted: ReplicasWanted,
    private readonly setup: BotSetup,
    private readonly server: StoreServer | null,
  ) {
    const { store, seed } = wanted;
    const { baseUrl, handle, apiKey } = setup;
    this.ready = new Promise((resolve, reject) => {
      this.isReady = (problem) => (problem === undefined ? resolve() : reject(problem));
    });
    const address = server === null ? { variable: STORE_SERVERS[store].variable } : { url: server.url() };
    // A store that is somebody else's may know an agent of this name.
    const agent = `demo ${process.pid} at ${Date.now()}`;
    this.fleet = new Fleet({
      setup: {
        store: { engine: store, address, agent },
        ...{ baseUrl, handle, apiKey },
        ...{ leaseMs: LEASE_MS, thinkMs: THINK_MS, tuning: TUNING },
      },
      restartStore: server === null ? undefined : () => server.restart(),
      random: mulberry32(seed),
      say: setup.onTrouble,
      hear: (replica, what) => this.hear(replica, what),
      onKilled: (replica) => {
        for (const hand of this.hands.gone(replica)) setup.onDropped(hand);
      },
    });
  }

  static async start(wanted: ReplicasWanted, setup: BotSetup): Promise<ReplicaBots> {
    const { givenUrl, start } = STORE_SERVERS[wanted.store];
    const bots = new ReplicaBots(wanted, setup, givenUrl === undefined ? await start() : null);
    try {
      for (let n = 0; n < wanted.count; n += 1) await bots.fleet.start();
      await bots.ready;
      bots.trouble = bots.fleet.trouble(bots.over.signal);
      return bots;
    } catch (error) {
      await bots.stop();
      throw error;
    }
  }

  /** Of all processes: those that were killed count with what they had last told. */
  counters(): BotCounters {
    const sum = (name: keyof BotCounters) => {
      let total = 0;
      for (const counters of this.lastCounters.values()) total += counters[name];
      return total;
    };
    return {
      gapsOpened: sum('gapsOpened'),
      gapsClosedByThemselves: sum('gapsClosedByThemselves'),
      gapsFilled: sum('gapsFilled'),
      holes: sum('holes'),
      reconnects: sum('reconnects'),
      drainedRows: sum('drainedRows'),
    };
  }

  async calm(): Promise<void> {
    this.over.abort();
    await this.trouble;
  }

  report(): FleetReport {
    const { fleet } = this;
    return { ...fleet.counts, takeOversMs: fleet.takeOversMs(), twoAtOnce: fleet.overlaps().length };
  }

  async stop(): Promise<void> {
    await this.calm();
    await this.fleet.end();
    await this.server?.remove();
  }

  private hear(replica: string, what: ReplicaTold): void {
    const { hands, setup } = this;
    if (what.kind === 'up') this.isReady();
    else if (what.kind === 'not opened' && this.server === null) this.isReady(this.notOpened(what.message));
    else if (what.kind === 'counters') this.lastCounters.set(replica, what.counters);
    else if (what.kind === 'begun') {
      const { id, partition } = what.call;
      setup.onStarted(handled(what.call), hands.begun(replica, id, partition));
    } else if (what.kind === 'finished')
      setup.onFinished(handled(what.call), hands.ended(replica, what.call.id));
    else if (what.kind === 'partition') this.moved(replica, what.event);
  }

  private moved(replica: string, event: Extract<ReplicaTold, { kind: 'partition' }>['event']): void {
    const { type, partition } = event;
    if (type === 'taken') this.hands.took(replica, partition);
    if (type !== 'lost') return;
    const hand = this.hands.lost(replica, partition);
    const isDropped = event.why === 'expired' || event.why === 'taken over';
    if (hand !== undefined && isDropped) this.setup.onDropped(hand);
  }

  private notOpened(why: string): Error {
    const { title, variable } = STORE_SERVERS[this.wanted.store];
    return new Error(`The ${title} that ${variable} names could not be used. ${why}`);
  }
}

function handled({ id, conversation, seq }: { id: string; conversation: string; seq: number }) {
  return { id, conversation_id: conversation, seq };
}

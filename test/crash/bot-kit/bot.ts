// A bot of the kit that books, thinks and answers, and that dies of SIGKILL at the moment that it is told.
import {
  AgentChatClient,
  type BotStore,
  type CursorStore,
  type ReplicaCoordinator,
  type SharedBotStore,
  type StoredCursor,
  type ValueStore,
} from 'agentchat-client';
import { createBot } from 'agentchat-client/bot';
import type { Death } from '../death.js';
import { ENGINES, type EngineName } from '../engines.js';
import { Journal } from '../journal.js';
import { mortalSocket } from '../mortal-socket.js';
import { Mortality } from '../mortality.js';
import { answerOf, noteOf } from './answer.js';
import type { Happening } from './happening.js';
import { LedgerClient } from './ledger.js';
import { MortalSteps } from './mortal-steps.js';
import type { Step } from './steps.js';

export interface KitBotSetup {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly engine: EngineName;
  readonly storeAddress: string;
  readonly ledgerUrl: string;
  readonly journalPath: string;
  readonly life: number;
  /** Null: it is alone. */
  readonly leaseMs: number | null;
  /** It dies of the one that it reaches first. */
  readonly deaths: readonly Death<Step>[];
}

/** What the bot keeps of a conversation. */
export interface Session {
  /** Turns that have succeeded. */
  turns: number;
}

/** Everything here is a loop by the guard's book: the same texts, as fast as they come. */
const PATIENT_GUARD = { repliesPerPeer: 1_000, windowMs: 1_000, sameText: 1_000 };

const setup: KitBotSetup = JSON.parse(process.argv[2] ?? '{}');
const { baseUrl, apiKey, engine, storeAddress, ledgerUrl, journalPath, life, leaseMs, deaths } = setup;
const journal = new Journal<Happening>(journalPath, life);
const mortality = new Mortality<Step>(deaths, journal);
const ledger = new LedgerClient(ledgerUrl, life);

class MortalCursors implements CursorStore {
  constructor(private readonly cursors: CursorStore) {}

  load(conversationId: string) {
    return mortality.through('cursor', () => this.cursors.load(conversationId));
  }

  save(cursors: readonly StoredCursor[]) {
    return mortality.through('save', () => this.cursors.save(cursors));
  }

  async unfinished() {
    return (await this.cursors.unfinished?.()) ?? [];
  }
}

/** The guard's memory. */
class MortalValues implements ValueStore {
  constructor(private readonly values: ValueStore) {}

  get(...args: Parameters<ValueStore['get']>) {
    return mortality.through('gate', () => this.values.get(...args));
  }

  set(...args: Parameters<ValueStore['set']>) {
    return mortality.through('gate', () => this.values.set(...args));
  }

  delete(...args: Parameters<ValueStore['delete']>) {
    return this.values.delete(...args);
  }

  list(...args: Parameters<ValueStore['list']>) {
    return this.values.list(...args);
  }

  update(...args: Parameters<ValueStore['update']>) {
    return this.values.update(...args);
  }
}

function stepOf(method: string, path: string): Step | null {
  if (path.endsWith('/messages/sync')) return 'sync';
  if (path.endsWith('/messages/sync/ack')) return 'syncAck';
  return method === 'POST' && path.endsWith('/messages') ? 'send' : null;
}

/** The step is over when the head of the answer is here: its body is read later. */
const mortalFetch: typeof fetch = (input, init) => {
  const step = stepOf(init?.method ?? 'GET', new URL(String(input)).pathname);
  return step === null ? fetch(input, init) : mortality.through(step, () => fetch(input, init));
};

/** The part of the conversations that is this process's; undefined: all of them. */
function mortalReplicas(store: BotStore): ReplicaCoordinator | undefined {
  if (leaseMs === null) return undefined;
  const replicas = (store as SharedBotStore).replicas({ name: `life-${life}`, leaseMs });
  const { cursors, steps = store.steps } = replicas;
  const mortal = {
    cursors: new MortalCursors(cursors),
    steps: new MortalSteps(steps, mortality, journal),
  };
  return Object.assign(replicas, mortal);
}

// Whoever started it has gone.
process.on('disconnect', () => process.exit());
const opened: BotStore = await mortality.through('store', () => ENGINES[engine].open(storeAddress));
const store = Object.assign(opened, {
  cursors: new MortalCursors(opened.cursors),
  steps: new MortalSteps(opened.steps, mortality, journal),
  values: new MortalValues(opened.values),
});
let runs = 0;
const bot = createBot<Session>({
  client: new AgentChatClient({ apiKey, baseUrl, fetch: mortalFetch }),
  store,
  replicas: mortalReplicas(store),
  session: () => ({ turns: 0 }),
  guard: PATIENT_GUARD,
  turns: { maxMessages: 3, settleMs: 10 },
  realtime: {
    webSocket: mortalSocket(mortality),
    // Answers stand between the messages, and history has to say so.
    gapFillWindowMs: 200,
    reconnectInterval: 50,
    maxReconnectInterval: 300,
  },
  async think(turn) {
    runs += 1;
    const run = `${life}.${runs}`;
    const { key } = turn;
    const messages = turn.messages.map(({ id }) => id);
    journal.write({ what: 'think', conversation: turn.conversation.id, key, messages });
    turn.session.turns += 1;
    await turn.step('charge', (step) => mortality.through('charge', () => ledger.charge(key, step.key)));
    await turn.step('tally', () => mortality.through('tally', () => ledger.tally(key)));
    journal.write({ what: 'passed', key, step: 'step/tally' });
    await turn.step('model', () => mortality.through('model', async () => `thought in run ${run}`));
    const saying = { key, run, turn: turn.session.turns };
    await turn.reply(noteOf(saying));
    return answerOf(saying);
  },
});
bot.on('error', ({ code, message }) => console.error(`life ${life}: ${code} ${message}`));
bot.on('turn', ({ outcome, error }) => {
  if (outcome !== 'answered' && outcome !== 'silent')
    console.error(`life ${life}: a turn ${outcome}: ${error}`);
});
process.once('message', async () => {
  await bot.stop();
  await store.close();
  process.disconnect?.();
});
await bot.start();

import { setMaxListeners } from 'node:events';
import { startLocalServer } from 'agentchat-client/local-server';
import { registerAgent, registerAgents } from './agents.js';
import type { BotClient, BotCounters, BrainReport, FleetReport, RunningBot } from './bot.js';
import { planOf, type Strike } from './faults.js';
import { Ledger, type Tally } from './ledger.js';
import type { DemoOptions } from './options.js';
import { pause } from './pause.js';
import { Progress, type Screen } from './progress.js';
import { sendBurst } from './senders.js';

const BOT = 'always-on';

/** The burst of 2,000 messages is spread over this time; other sizes keep the pace, within reason. */
const SPREAD_MS = 16_000;
/** However few they are. Processes take their time to be killed and started again. */
const LEAST_SPREAD_MS = { one: 2_000, several: 8_000 };
/** After everything is handled: this long, to see whether anything comes twice. */
const QUIET_MS = 1_500;
/** After the burst: this long without a handler call means that nothing more will come. */
const PATIENCE_MS = 15_000;
/** For 2,000 messages, everything included; every further message may take 15 ms more. A brain is asked over HTTP. */
const LIMIT_MS = { one: 56_000, brain: 120_000, several: 120_000 };

export interface Outcome {
  tally: Tally;
  counters: BotCounters;
  /** Where the bot was several processes. */
  report?: FleetReport | undefined;
  /** Where a platform thought for the bot. */
  brain?: BrainReport | undefined;
  seconds: number;
  /** True when the run was cut short by the signal. */
  stopped: boolean;
}

/** Runs the whole job: server, agents, bot, burst and faults, until all is handled or nothing moves any more. */
export async function run(
  options: DemoOptions,
  client: BotClient,
  screen: Screen,
  signal: AbortSignal,
): Promise<Outcome> {
  const startedAt = performance.now();
  const processes = options.replicas === 1 ? 'one' : 'several';
  const server = await startLocalServer({ port: 0, limits: 'off', seed: options.seed, ackMode: true });
  const ledger = new Ledger();
  const sent = { count: 0, done: false };
  let bot: RunningBot | undefined;
  const progress = new Progress(screen, () => ({
    sent: sent.count,
    handled: ledger.handled,
    target: options.messages,
    state: server.connections(BOT) > 0 ? 'connected' : 'not connected',
  }));
  // Ends the run: at the caller's signal, at the limit of time, or when all is done.
  const over = new AbortController();
  // Every sender has a client of its own, and all of them listen to this.
  setMaxListeners(0, over.signal);
  const end = () => over.abort();
  signal.addEventListener('abort', end, { once: true });
  const limitMs = LIMIT_MS[options.brain === null ? processes : 'brain'];
  const limit = setTimeout(end, limitMs + Math.max(0, options.messages - 2_000) * 15);
  try {
    const { apiKey } = await registerAgent(server, BOT);
    const names = Array.from({ length: options.conversations }, (_, number) => `sender-${number + 1}`);
    const senders = await registerAgents(server, names);
    screen.write(`${options.conversations + 1} agents registered at ${server.url}\n`);
    bot = await client.start({
      handle: BOT,
      apiKey,
      baseUrl: server.url,
      wsUrl: server.wsUrl,
      onStarted: (message, hand) => ledger.started(message, hand),
      onFinished: (message, hand) => ledger.finished(message, hand),
      onDropped: (hand) => ledger.dropped(hand),
      onTrouble: (text) => progress.news(text),
    });
    progress.start();

    const plan = planOf(options.faults);
    server.faults.set(plan.rates);
    const strikes = [...plan.strikes];
    const strike = () => {
      while (strikes[0] !== undefined && sent.count >= strikes[0].at * options.messages) {
        const next = strikes.shift() as Strike;
        progress.news(next.news);
        void next.act(server, BOT);
      }
    };
    strike();
    const burst = sendBurst({
      senders,
      to: BOT,
      messages: options.messages,
      spreadMs: Math.max(LEAST_SPREAD_MS[processes], (SPREAD_MS * options.messages) / 2_000),
      signal: over.signal,
      onSent: () => {
        sent.count += 1;
        strike();
      },
    }).then(async () => {
      await bot?.calm?.();
      sent.done = true;
    });
    await Promise.all([burst, untilSettled(ledger, sent, options.messages, over.signal)]);
    progress.stop();
    return {
      tally: ledger.tally(server.allMessages(), BOT),
      counters: bot.counters(),
      report: bot.report?.(),
      brain: bot.brain?.(),
      seconds: (performance.now() - startedAt) / 1_000,
      stopped: signal.aborted,
    };
  } finally {
    clearTimeout(limit);
    signal.removeEventListener('abort', end);
    end();
    progress.stop();
    server.faults.clear();
    await bot?.stop();
    await server.close();
  }
}

/** Resolves when all is handled and quiet, when nothing has moved for long after the burst, or at the signal. */
async function untilSettled(
  ledger: Ledger,
  sent: { count: number; done: boolean },
  messages: number,
  signal: AbortSignal,
): Promise<void> {
  let pulse = -1;
  let movedAt = performance.now();
  while (!signal.aborted) {
    await pause(100, signal);
    if (ledger.pulse !== pulse || !sent.done) {
      pulse = ledger.pulse;
      movedAt = performance.now();
      continue;
    }
    const still = performance.now() - movedAt;
    if (still > (ledger.handled >= messages ? QUIET_MS : PATIENCE_MS)) return;
  }
}

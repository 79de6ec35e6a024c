import type { LocalServer } from 'agentchat-client/local-server';
import type { FaultLevel } from './options.js';

/** Which faults strike all the time, and how often: a rate is the share of frames or of REST calls. */
type Rates = Parameters<LocalServer['faults']['set']>[0];

/** Something that is done to the bot once, when so much of the burst has been sent. */
export interface Strike {
  /** The share of the burst, 0 to 1. */
  at: number;
  /** What is said about it. */
  news: string;
  act(server: LocalServer, bot: string): unknown;
}

export interface FaultPlan {
  rates: Rates;
  strikes: readonly Strike[];
}

const MILD: Rates = {
  dropFrames: 0.03,
  duplicateFrames: 0.03,
  reorderFrames: 0.05,
  delayFrames: { rate: 0.1, minMs: 5, maxMs: 60 },
  cutConnections: 0.001,
  restUnavailable: 0.03,
  restStall: { rate: 0.005, ms: 1_000 },
  restRateLimit: { rate: 0.01, retryAfterSeconds: 1 },
  restCut: 0.01,
};

const HARSH: Rates = {
  dropFrames: 0.12,
  duplicateFrames: 0.1,
  reorderFrames: 0.15,
  delayFrames: { rate: 0.2, minMs: 5, maxMs: 250 },
  cutConnections: 0.003,
  restUnavailable: 0.08,
  restStall: { rate: 0.01, ms: 1_500 },
  restRateLimit: { rate: 0.02, retryAfterSeconds: 1 },
  restCut: 0.03,
};

const cut = (at: number): Strike => ({
  at,
  news: "the bot's connection is cut",
  act: (server, bot) => server.faults.cut(bot),
});

const halfOpen = (at: number): Strike => ({
  at,
  news: "the bot's connection goes silent without closing (half-open)",
  act: (server, bot) => server.faults.halfOpen(bot),
});

const restart = (at: number): Strike => ({
  at,
  news: 'the server goes down for a second, and comes back with what it had stored',
  act: (server) => server.restart({ downMs: 1_000 }),
});

/** The bot cannot connect at all between these two shares; what is sent meanwhile is drained afterwards. */
const shutOut = (from: number, to: number): Strike[] => [
  { at: from, news: 'the bot is shut out', act: (server, bot) => server.faults.shutOut(bot, true) },
  { at: to, news: 'the bot is let in again', act: (server, bot) => server.faults.shutOut(bot, false) },
];

/** A dropped first frame has no earlier seq to betray it, a dropped last frame no later one. */
const dropEdges: Strike[] = [
  {
    at: 0,
    news: 'the first frames to the bot are dropped',
    act: (server, bot) => server.faults.next('dropFrames', { count: 3, handle: bot }),
  },
  {
    at: 0.99,
    news: 'of the last frames to the bot, the next ten are dropped',
    act: (server, bot) => server.faults.next('dropFrames', { count: 10, handle: bot }),
  },
];

const PLANS: Record<FaultLevel, FaultPlan> = {
  off: { rates: {}, strikes: [] },
  mild: { rates: MILD, strikes: [...dropEdges, cut(0.12), restart(0.3), ...shutOut(0.5, 0.7), cut(0.85)] },
  harsh: {
    rates: HARSH,
    strikes: [
      ...dropEdges,
      cut(0.06),
      cut(0.12),
      halfOpen(0.18),
      restart(0.35),
      ...shutOut(0.5, 0.7),
      cut(0.76),
      cut(0.82),
      halfOpen(0.9),
    ],
  },
};

/** The plan of a level, its strikes in the order in which they fall. */
export function planOf(level: FaultLevel): FaultPlan {
  const { rates, strikes } = PLANS[level];
  return { rates, strikes: [...strikes].sort((one, other) => one.at - other.at) };
}

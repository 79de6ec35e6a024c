import type { Bounds } from '../../src/realtime/index.js';
import { Rng } from './rng.js';
import type { Action, Schedule } from './schedule.js';

/** A schedule drawn from its seed. */
export function drawSchedule(seed: number): Schedule {
  const rng = new Rng(seed);
  const conversations = rng.int(1, 4);
  const actions = drawActions(rng, conversations);
  const hasStore = rng.chance(0.4);
  const hasRest = rng.chance(0.95);
  // A source of chance of its own: what was drawn before stays what it was.
  const later = new Rng(seed ^ 0x2545f491);
  const hostAheadMs = later.chance(0.15) ? later.pick([-3_600_000, -600_000, 600_000, 3_600_000]) : 0;
  const length = actions.at(-1)?.at ?? 0;
  const more = drawMore(later, length, conversations);
  const gaps = drawManyGaps(later, length, conversations);
  return {
    seed,
    conversations,
    hostAheadMs,
    actions: [...actions, ...more, ...gaps].sort((a, b) => a.at - b.at),
    hasStore,
    hasRest,
    acks: rng.pick(['ack', 'ack', 'ack', 'legacy', 'legacy', 'changing']),
    echo: rng.chance(0.3),
    // Without REST there is no other way to what was missed.
    backlog: rng.chance(0.7) || !hasRest,
    handle: rng.chance(0.5) || !hasRest ? 'given' : 'asked',
    firstSeqs: Array.from({ length: conversations }, () => (rng.chance(0.75) ? 1 : rng.int(2, 900))),
    handlers: rng.chance(0.25) ? 2 : 1,
    deadLetter: rng.chance(0.7) ? 'none' : rng.pick(['taking', 'failing', 'slow']),
    onHandlerFailure: rng.chance(0.8) ? 'park' : 'block',
    rude: rng.chance(0.1),
    gapFillWindowMs: rng.pick(['adaptive', 2_000, 2_000, 300]),
    gapGiveUpMs: rng.pick([300_000, 300_000, 20_000]),
    reconcileIntervalMs: rng.pick([20_000, 20_000, 0]),
    // A few gaps are many where they are filled one by one.
    bounds: { ...drawBounds(rng, hasStore), ...(gaps.length > 0 ? { fillsAtOnce: 1 } : {}) },
  };
}

/** Mostly the defaults, each now and then tiny: a bound that is never reached proves nothing. */
function drawBounds(rng: Rng, hasStore: boolean): Partial<Bounds> {
  const bounds: Partial<Bounds> = {
    concurrency: rng.pick([1, 2, 64]),
    lane: rng.pick([1, 2, 8, 256]),
    holdPerConversation: rng.pick([1, 3, 20, 500]),
  };
  const seldom = (change: () => void) => {
    if (rng.chance(0.15)) change();
  };
  seldom(() => {
    bounds.holdTotal = rng.pick([1, 5, 20]);
  });
  seldom(() => {
    bounds.fillsAtOnce = 1;
  });
  seldom(() => {
    bounds.backgroundRequestsPerSecond = rng.pick([1, 2]);
  });
  seldom(() => {
    bounds.drainPending = rng.pick([1, 10]);
  });
  seldom(() => {
    bounds.pendingAcks = rng.pick([5, 30]);
    bounds.unsavedAcks = bounds.pendingAcks;
  });
  seldom(() => {
    bounds.laneTotal = rng.pick([2, 10]);
  });
  seldom(() => {
    bounds.waitingConversations = rng.pick([1, 2]);
  });
  seldom(() => {
    bounds.missing = 1;
  });
  seldom(() => {
    bounds.parked = rng.pick([1, 2]);
  });
  seldom(() => {
    bounds.absurdSeqDistance = rng.pick([10, 60]);
  });
  // Without a store a conversation that is forgotten begins anew, and may repeat what came last.
  if (hasStore) {
    seldom(() => {
      bounds.idleConversations = rng.pick([1, 2]);
    });
  }
  return bounds;
}

function drawActions(rng: Rng, conversations: number): Action[] {
  const length = rng.int(5_000, 120_000);
  const actions: Action[] = [];
  for (let sends = rng.int(4, 40); sends > 0; sends -= 1) {
    const at = rng.int(0, length);
    const conversation = rng.int(0, conversations - 1);
    actions.push({ at, kind: 'send', conversation });
    // What arrives together is what gets mixed up.
    if (rng.chance(0.15)) actions.push(drawBurst(rng, at, conversation));
  }
  // More than a page of the queue, and of history.
  if (rng.chance(0.01)) {
    const conversation = rng.int(0, conversations - 1);
    const count = rng.int(210, 700);
    const at = rng.int(0, length);
    if (rng.chance(0.5)) actions.push({ at, kind: 'drop-next', count: count - rng.int(0, 3) });
    actions.push({ at, kind: 'burst', conversation, count, lose: 'none' });
  }
  for (let n = rng.int(0, 16); n > 0; n -= 1) {
    actions.push(drawTrouble(rng, rng.int(0, length), conversations));
  }
  return actions.sort((a, b) => a.at - b.at);
}

/** What was added to the simulation later, each now and then. */
function drawMore(rng: Rng, length: number, conversations: number): Action[] {
  return [
    ...drawStrangeRest(rng, length),
    ...drawToil(rng, length, conversations),
    ...drawLostPings(rng, length, conversations),
    ...drawSlowReader(rng, length, conversations),
    ...drawVerdicts(rng, length, conversations),
  ];
}

/** BP-2: handlers that work without waiting, on what piles up while nobody is connected, and on what comes live. */
function drawToil(rng: Rng, length: number, conversations: number): Action[] {
  if (!rng.chance(0.15)) return [];
  const at = rng.int(0, length);
  const actions: Action[] = [{ at, kind: 'handler', mode: rng.pick(['busy', 'busy promises']) }];
  if (rng.chance(0.7)) actions.push({ at: at + 1, kind: 'restart', downMs: rng.int(100, 5_000) });
  for (let bursts = rng.int(1, 4); bursts > 0; bursts -= 1)
    actions.push(drawBurst(rng, at + 2, rng.int(0, conversations - 1)));
  return actions;
}

/** LIVE-3: a way that keeps pings for itself, and quiet spells, in which nothing else tells of a life. */
function drawLostPings(rng: Rng, length: number, conversations: number): Action[] {
  if (!rng.chance(0.1)) return [];
  const actions: Action[] = [{ at: 0, kind: 'pings', answered: false }];
  if (rng.chance(0.2)) actions.push({ at: rng.int(0, length), kind: 'pings', answered: true });
  for (let at = length, spells = rng.int(1, 3); spells > 0; spells -= 1) {
    at += rng.int(60_000, 300_000);
    actions.push({ at, kind: 'send', conversation: rng.int(0, conversations - 1) });
  }
  return actions;
}

/** BP-3: a service that reads slowly, and more to acknowledge than it reads meanwhile. */
function drawSlowReader(rng: Rng, length: number, conversations: number): Action[] {
  if (!rng.chance(0.1)) return [];
  const at = rng.int(0, length);
  const actions: Action[] = [{ at, kind: 'reader', frameMs: rng.pick([300, 1_000, 3_000, 6_000]) }];
  for (let bursts = rng.int(1, 4); bursts > 0; bursts -= 1)
    actions.push(drawBurst(rng, rng.int(at, length), rng.int(0, conversations - 1)));
  if (rng.chance(0.3)) actions.push({ at: rng.int(at, length), kind: 'reader', frameMs: 0 });
  return actions;
}

/** GAP-6: all conversations miss something at the same time. */
function drawManyGaps(rng: Rng, length: number, conversations: number): Action[] {
  if (conversations < 3 || !rng.chance(0.2)) return [];
  const at = rng.int(0, length);
  const lost = Array.from({ length: conversations }, (_, conversation): Action => {
    return { at, kind: 'burst', conversation, count: rng.int(3, 8), lose: 'middle' };
  });
  if (rng.chance(0.3))
    lost.unshift({ at, kind: 'rest', mode: rng.pick(['slow', 'hanging', 'mixed', 'lagging']) });
  return lost;
}

/** HND-2: a service that refuses what handlers ask of it. */
function drawVerdicts(rng: Rng, length: number, conversations: number): Action[] {
  if (!rng.chance(0.1)) return [];
  const at = rng.int(0, length);
  return [
    { at, kind: 'handler', mode: 'refused' },
    drawBurst(rng, rng.int(at, length), rng.int(0, conversations - 1)),
  ];
}

/** CATCH-2, CATCH-3: links that are slow, and refusals of strangers. Some last until the end of the trouble. */
function drawStrangeRest(rng: Rng, length: number): Action[] {
  if (!rng.chance(0.3)) return [];
  const mode = rng.pick([
    'foreign',
    'foreign',
    'thin link',
    'slow pages',
    'slow pages',
    'slow start',
  ] as const);
  const at = rng.int(0, length);
  const actions: Action[] = [{ at, kind: 'rest', mode }];
  if (rng.chance(0.5)) actions.push({ at: rng.int(at, length), kind: 'rest', mode: 'ok' });
  return actions;
}

function drawBurst(rng: Rng, at: number, conversation: number): Action {
  const lose = rng.pick(['none', 'first', 'middle', 'last'] as const);
  return { at, kind: 'burst', conversation, count: rng.int(3, 15), lose };
}

function drawTrouble(rng: Rng, at: number, conversations: number): Action {
  const conversation = rng.int(0, conversations - 1);
  switch (rng.int(0, 22)) {
    case 0:
    case 1:
      return {
        at,
        kind: 'network',
        mode: rng.pick(['calm', 'lossy', 'shuffled', 'doubled', 'delayed', 'terrible']),
      };
    case 2:
      return { at, kind: 'drop-next', count: rng.int(1, 4) };
    case 3:
    case 4:
      return { at, kind: 'cut' };
    case 5:
      return { at, kind: 'half-open' };
    case 6:
      return { at, kind: 'restart', downMs: rng.int(100, 20_000) };
    case 7:
      return { at, kind: 'freeze', ms: rng.int(500, 60_000) };
    case 8:
      return { at, kind: 'crash', downMs: rng.int(10, 20_000) };
    case 9:
    case 10:
      return {
        at,
        kind: 'rest',
        mode: rng.pick([
          'ok',
          'slow',
          'failing',
          'limited',
          'hanging',
          'lagging',
          'patchy',
          'mixed',
          rng.chance(0.3) ? 'gone' : 'mixed',
        ]),
      };
    case 11:
    case 12:
      return {
        at,
        kind: 'handler',
        mode: rng.pick(['sync', 'async', 'slow', 'very slow', 'failing', 'failing', 'hanging', 'replying']),
      };
    case 13:
    case 14:
      return {
        at,
        kind: 'own-send',
        conversation,
        answer: rng.pick(['early', 'late', 'lost']),
        crossing: rng.chance(0.4),
      };
    case 15:
      return rng.chance(0.5)
        ? { at, kind: 'mute', conversation, on: rng.chance(0.7) }
        : { at, kind: 'pause', on: rng.chance(0.5) };
    case 16:
      return { at, kind: 'store', mode: rng.pick(['ok', 'slow', 'failing', 'hanging']) };
    case 17:
      return { at, kind: 'hide', conversation };
    case 18:
      return {
        at,
        kind: 'door',
        mode: rng.pick([
          'open',
          'hanging',
          'speechless',
          'late',
          'flapping',
          'brief',
          'refusing',
          'forbidding',
          'busy',
        ]),
      };
    case 19:
    case 20:
      return rng.chance(0.7)
        ? {
            at,
            kind: 'stop',
            deadlineMs: rng.pick([0, 500, 10_000]),
            pauseMs: rng.chance(0.3) ? 0 : rng.int(1, 15_000),
          }
        : rng.chance(0.8)
          ? { at, kind: 'ask' }
          : { at, kind: 'churn', times: rng.int(2, 30) };
    case 21:
      return rng.chance(0.6)
        ? { at, kind: 'notice', conversation }
        : { at, kind: 'twin', conversation, back: rng.int(0, 9) };
    default:
      return rng.chance(0.5)
        ? { at, kind: 'phantom', conversation, above: rng.int(150_000, 1_000_000_000) }
        : { at, kind: 'jump', conversation, by: rng.int(1, 400) };
  }
}

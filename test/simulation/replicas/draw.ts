import { Rng } from '../rng.js';
import type { ReplicaAction, ReplicaSchedule } from './schedule.js';

/** A schedule for several replicas, drawn from its seed. */
export function drawReplicaSchedule(seed: number): ReplicaSchedule {
  const rng = new Rng(seed);
  const conversations = rng.int(2, 5);
  const leaseMs = rng.pick([3_000, 6_000, 6_000, 30_000]);
  const length = leaseMs * rng.int(2, 6);
  return {
    seed,
    replicas: rng.int(2, 4),
    leaseMs,
    partitions: rng.pick([2, 4, 8, 8]),
    pushTo: rng.pick(['all', 'one']),
    storeRate: rng.pick([1, 1, 0.97, 1.03]),
    storeAheadMs: rng.pick([0, 3_600_000]),
    conversations,
    echo: rng.chance(0.3),
    backlog: rng.chance(0.6),
    firstSeqs: Array.from({ length: conversations }, () => (rng.chance(0.7) ? 1 : rng.int(2, 900))),
    bounds: { concurrency: rng.pick([1, 2, 64]), lane: rng.pick([1, 8, 256]) },
    actions: drawActions(rng, conversations, leaseMs, length),
  };
}

function drawActions(rng: Rng, conversations: number, leaseMs: number, length: number): ReplicaAction[] {
  const actions: ReplicaAction[] = [];
  for (let sends = rng.int(5, 30); sends > 0; sends -= 1) {
    const at = rng.int(0, length);
    const conversation = rng.int(0, conversations - 1);
    actions.push({ at, kind: 'send', conversation });
    if (rng.chance(0.1)) {
      const lose = rng.pick(['none', 'first', 'middle', 'last'] as const);
      actions.push({ at, kind: 'burst', conversation, count: rng.int(3, 10), lose });
    }
  }
  for (let n = rng.int(1, 9); n > 0; n -= 1)
    actions.push(...drawTrouble(rng, rng.int(0, length), conversations, leaseMs));
  return actions.sort((a, b) => a.at - b.at);
}

function drawTrouble(rng: Rng, at: number, conversations: number, leaseMs: number): ReplicaAction[] {
  const replica = rng.int(0, 3);
  const conversation = rng.int(0, conversations - 1);
  switch (rng.int(0, 19)) {
    case 0:
    case 1:
    case 2:
      // Often around the moments at which something of a lease ends.
      return [{ at, kind: 'stall', replica, ms: Math.round(leaseMs * (0.2 + 2.5 * rng.next())) }];
    case 3:
    case 4:
      return [{ at, kind: 'kill', replica, downMs: rng.int(10, 3 * leaseMs) }];
    case 5:
    case 6:
      return [
        {
          at,
          kind: 'stop',
          replica,
          deadlineMs: rng.pick([0, 500, 10_000]),
          pauseMs: rng.int(1, 2 * leaseMs),
        },
      ];
    case 7:
      return [{ at, kind: 'join' }];
    case 8:
    case 9:
    case 10: {
      const mode = rng.pick(['slow', 'down', 'down', 'cut', 'hanging'] as const);
      const ms = Math.round(leaseMs * (0.1 + 2 * rng.next()));
      const over: ReplicaAction = { at: at + ms, kind: 'store', mode: 'ok' };
      return [{ at, kind: 'store', mode }, over];
    }
    case 11:
      return [{ at, kind: 'store-cut', replica, ms: Math.round(leaseMs * (0.2 + 2 * rng.next())) }];
    case 12:
      return [{ at, kind: 'notices', on: rng.chance(0.3) }];
    case 13:
    case 14:
      return [
        {
          at,
          kind: 'handler',
          mode: rng.pick(['sync', 'async', 'slow', 'slow', 'very slow', 'failing', 'hanging', 'replying']),
        },
      ];
    case 15:
      return [
        {
          at,
          kind: 'own-send',
          replica,
          conversation,
          answer: rng.pick(['early', 'late', 'lost']),
        },
      ];
    case 16:
      return [drawNetworkTrouble(rng, at, replica)];
    case 17:
      return [
        {
          at,
          kind: 'rest',
          mode: rng.pick(['ok', 'slow', 'slow', 'failing', 'hanging', 'lagging', 'patchy', 'mixed']),
        },
      ];
    case 18:
      return [{ at, kind: 'deaf', replica, ms: rng.int(1_000, 2 * leaseMs + 60_000) }];
    default:
      return [{ at, kind: 'notice', conversation }];
  }
}

function drawNetworkTrouble(rng: Rng, at: number, replica: number): ReplicaAction {
  switch (rng.int(0, 3)) {
    case 0:
      return { at, kind: 'cut', replica };
    case 1:
      return { at, kind: 'half-open', replica };
    case 2:
      return { at, kind: 'drop-next', count: rng.int(1, 4) };
    default:
      return {
        at,
        kind: 'network',
        mode: rng.pick(['calm', 'lossy', 'shuffled', 'doubled', 'delayed', 'terrible']),
      };
  }
}

import { Rng } from './rng.js';

/** How a kind of thing goes wrong, from now until it is told otherwise. */
export type NetworkMode = 'calm' | 'lossy' | 'shuffled' | 'doubled' | 'terrible';
export type RestMode = 'ok' | 'slow' | 'failing' | 'limited' | 'hanging' | 'mixed' | 'lagging';
export type HandlerMode = 'sync' | 'async' | 'slow' | 'failing' | 'very slow';
export type StoreMode = 'ok' | 'slow' | 'failing';

/** One thing that happens at one moment of virtual time. */
export type Action = { readonly at: number } & (
  | { readonly kind: 'send'; readonly conversation: number }
  | { readonly kind: 'own-send'; readonly conversation: number; readonly answer: 'early' | 'late' | 'lost' }
  | { readonly kind: 'hide'; readonly conversation: number }
  | { readonly kind: 'mute'; readonly conversation: number; readonly on: boolean }
  | { readonly kind: 'pause'; readonly on: boolean }
  | { readonly kind: 'network'; readonly mode: NetworkMode }
  | { readonly kind: 'drop-next'; readonly count: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'half-open' }
  | { readonly kind: 'restart'; readonly downMs: number }
  | { readonly kind: 'freeze'; readonly ms: number }
  | { readonly kind: 'crash'; readonly downMs: number }
  | { readonly kind: 'rest'; readonly mode: RestMode }
  | { readonly kind: 'handler'; readonly mode: HandlerMode }
  | { readonly kind: 'store'; readonly mode: StoreMode }
);

/** Everything that decides a run. The same schedule gives the same run. */
export interface Schedule {
  readonly seed: number;
  readonly ackMode: boolean;
  readonly hasStore: boolean;
  readonly echo: boolean;
  readonly conversations: number;
  readonly concurrency: number;
  readonly laneBound: number;
  readonly holdBound: number;
  readonly adaptive: boolean;
  readonly onHandlerFailure: 'park' | 'block';
  readonly actions: readonly Action[];
}

/** A schedule drawn from its seed. */
export function drawSchedule(seed: number): Schedule {
  const rng = new Rng(seed);
  const conversations = rng.int(1, 4);
  const length = rng.int(5_000, 120_000);
  const actions: Action[] = [];
  const sends = rng.int(5, 80);
  for (let n = 0; n < sends; n += 1) {
    const at = rng.int(0, length);
    const conversation = rng.int(0, conversations - 1);
    actions.push({ at, kind: 'send', conversation });
    // Bursts: what arrives together is what gets mixed up.
    if (rng.chance(0.15)) {
      for (let more = rng.int(3, 15); more > 0; more -= 1)
        actions.push({ at: at + more, kind: 'send', conversation });
    }
  }
  for (let n = rng.int(0, 14); n > 0; n -= 1)
    actions.push(drawTrouble(rng, rng.int(0, length), conversations));
  actions.sort((a, b) => a.at - b.at);
  return {
    seed,
    conversations,
    actions,
    ackMode: rng.chance(0.7),
    hasStore: rng.chance(0.4),
    echo: rng.chance(0.3),
    concurrency: rng.pick([1, 2, 64]),
    laneBound: rng.pick([2, 8, 256]),
    holdBound: rng.pick([3, 20, 500]),
    adaptive: rng.chance(0.3),
    onHandlerFailure: rng.chance(0.8) ? 'park' : 'block',
  };
}

function drawTrouble(rng: Rng, at: number, conversations: number): Action {
  const conversation = rng.int(0, conversations - 1);
  switch (rng.int(0, 15)) {
    case 0:
    case 1:
      return { at, kind: 'network', mode: rng.pick(['calm', 'lossy', 'shuffled', 'doubled', 'terrible']) };
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
        mode: rng.pick(['ok', 'slow', 'failing', 'limited', 'hanging', 'mixed', 'lagging']),
      };
    case 11:
      return { at, kind: 'handler', mode: rng.pick(['sync', 'async', 'slow', 'failing', 'very slow']) };
    case 12:
      return { at, kind: 'own-send', conversation, answer: rng.pick(['early', 'late', 'lost']) };
    case 13:
      return rng.chance(0.5)
        ? { at, kind: 'mute', conversation, on: rng.chance(0.7) }
        : { at, kind: 'pause', on: rng.chance(0.5) };
    case 14:
      return { at, kind: 'store', mode: rng.pick(['ok', 'slow', 'failing']) };
    default:
      return { at, kind: 'hide', conversation };
  }
}

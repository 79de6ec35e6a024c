import type { Bounds } from '../../src/realtime/index.js';

/** How a kind of thing goes wrong, from now until it is told otherwise. */
export type NetworkMode = 'calm' | 'lossy' | 'shuffled' | 'doubled' | 'delayed' | 'terrible';
/**
 * How the service takes new sockets in. `hanging`: they never open. `speechless`: no `hello.ok`. `late`: it comes when
 * the client is about to give up, or has. `flapping`: the socket is closed soon after it; `brief`: some seconds after it.
 * `refusing`: at once. `forbidding`: a proxy refuses in its place. `busy`: it asks to come back later (`Retry-After`).
 */
export type DoorMode =
  | 'open'
  | 'hanging'
  | 'speechless'
  | 'late'
  | 'flapping'
  | 'brief'
  | 'refusing'
  | 'forbidding'
  | 'busy';
/**
 * `limited`: 429. `lagging`: history is four seconds behind. `patchy`: a row may be invisible for a moment while a later
 * one is not. `gone`: history is refused for good (403, 404, 410), now and then. `foreign`: something on the way refuses in the
 * service's place, which says nothing (CATCH-3). The slow ones of CATCH-2: `thin link`, whose answers come row by row; `slow
 * pages`, of which nothing comes before they are whole; `slow start`, where even a single row takes longer than is waited at
 * first. `mixed`: ok, slow, failing, limited or hanging, drawn anew for each request.
 */
export type RestMode =
  | 'ok'
  | 'slow'
  | 'failing'
  | 'limited'
  | 'hanging'
  | 'lagging'
  | 'patchy'
  | 'gone'
  | 'foreign'
  | 'thin link'
  | 'slow pages'
  | 'slow start'
  | 'mixed';
/**
 * `hanging`: some never settle until the client stops. `replying`: they send, and wait for the response. The busy
 * ones never wait, and so keep the event loop for themselves: before they return, or in promises. `refused`: what they ask
 * of the service is, which no retry would change.
 */
export type HandlerMode =
  | 'sync'
  | 'async'
  | 'slow'
  | 'very slow'
  | 'failing'
  | 'hanging'
  | 'replying'
  | 'busy'
  | 'busy promises'
  | 'refused';
export type StoreMode = 'ok' | 'slow' | 'failing' | 'hanging';
/** What the handler of dead letters does with a message; `none`: there is no such handler. */
export type DeadLetterMode = 'none' | 'taking' | 'failing' | 'slow';
/** Which message of a burst the network loses. */
export type Loss = 'none' | 'first' | 'middle' | 'last';
/** When the response to a send of ours comes: before the echo, long after it, or never. */
export type Answer = 'early' | 'late' | 'lost';

/** One thing that happens at one moment of virtual time. */
export type Action = { readonly at: number } & (
  | { readonly kind: 'send'; readonly conversation: number }
  | { readonly kind: 'burst'; readonly conversation: number; readonly count: number; readonly lose: Loss }
  /** A message without a seq. */
  | { readonly kind: 'notice'; readonly conversation: number }
  /** The message that is so far back from the last is pushed once more, under another id. */
  | { readonly kind: 'twin'; readonly conversation: number; readonly back: number }
  /** A frame with a seq far above, which history does not know. */
  | { readonly kind: 'phantom'; readonly conversation: number; readonly above: number }
  /** The service leaves seqs out: a hole, however wide. */
  | { readonly kind: 'jump'; readonly conversation: number; readonly by: number }
  /** `crossing`: a message of the peer with the seq before it is lost on its way. */
  | {
      readonly kind: 'own-send';
      readonly conversation: number;
      readonly answer: Answer;
      readonly crossing: boolean;
    }
  | { readonly kind: 'hide'; readonly conversation: number }
  | { readonly kind: 'mute'; readonly conversation: number; readonly on: boolean }
  | { readonly kind: 'pause'; readonly on: boolean }
  | { readonly kind: 'network'; readonly mode: NetworkMode }
  | { readonly kind: 'drop-next'; readonly count: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'half-open' }
  | { readonly kind: 'door'; readonly mode: DoorMode }
  /** LIVE-3: whether pings reach the service, or something on the way keeps them. */
  | { readonly kind: 'pings'; readonly answered: boolean }
  /** BP-3: how long the service takes to read one of our frames. */
  | { readonly kind: 'reader'; readonly frameMs: number }
  | { readonly kind: 'restart'; readonly downMs: number }
  | { readonly kind: 'freeze'; readonly ms: number }
  | { readonly kind: 'crash'; readonly downMs: number }
  /** `disconnect()`, and `connect()` after a while; a pause of 0 does not wait for the stop to end. */
  | { readonly kind: 'stop'; readonly deadlineMs: number; readonly pauseMs: number }
  /** The same many times in a row, faster than sockets open. */
  | { readonly kind: 'churn'; readonly times: number }
  /** `drainOfflineEnvelopes()`. */
  | { readonly kind: 'ask' }
  | { readonly kind: 'rest'; readonly mode: RestMode }
  | { readonly kind: 'handler'; readonly mode: HandlerMode }
  | { readonly kind: 'store'; readonly mode: StoreMode }
);

/** Everything that decides a run. The same schedule gives the same run. */
export interface Schedule {
  readonly seed: number;
  /** `changing`: each session may offer acks or not. */
  readonly acks: 'ack' | 'legacy' | 'changing';
  readonly hasStore: boolean;
  /** Whether messages are claimed before they are handled. Never drawn: it would change what every seed means. */
  readonly hasClaims?: boolean;
  /** Without REST, what the socket loses can only be reported. */
  readonly hasRest: boolean;
  /** Whether our own messages come back to us. */
  readonly echo: boolean;
  /** Whether the service pushes what is undelivered after a connect, or leaves it to `sync`. */
  readonly backlog: boolean;
  /** Whether we are told who we are, or have to ask. */
  readonly handle: 'given' | 'asked';
  readonly conversations: number;
  /** The first seq of each conversation: a group that we joined late begins above 1. */
  readonly firstSeqs: readonly number[];
  readonly handlers: 1 | 2;
  readonly deadLetter: DeadLetterMode;
  readonly onHandlerFailure: 'park' | 'block';
  /** Every listener of the bot throws. */
  readonly rude: boolean;
  readonly gapFillWindowMs: number | 'adaptive';
  readonly gapGiveUpMs: number;
  /** 0: no reconcile, so that only a reconnect finds what was lost last. */
  readonly reconcileIntervalMs: number;
  readonly bounds: Partial<Bounds>;
  /** How far the clock of the bot's host is ahead of the service's (CATCH-4). */
  readonly hostAheadMs?: number;
  readonly actions: readonly Action[];
}

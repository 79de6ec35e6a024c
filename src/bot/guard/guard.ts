import type { Json } from '../../stores/index.js';
import { alike, essenceOf } from './likeness.js';
import type { GuardRules } from './options.js';

/** A text that was said, and how often in a row. */
interface Echo {
  /** Its essence: see `likeness.ts`. */
  readonly text: string;
  readonly times: number;
}

/** What the guard remembers of a peer or a group: small, plain JSON. Times are those of the wall clock, in milliseconds. */
export interface GuardState {
  /** When something last happened. */
  readonly at: number;
  /** When the bot answered, oldest first. */
  readonly replies: readonly number[];
  readonly heard: Echo | null;
  readonly said: Echo | null;
  readonly coolUntil: number;
  /** Interventions without a window of peace between them. */
  readonly trips: number;
  /** What was let pass last, by its id. */
  readonly allowed: string | null;
  /** What was answered last, by its id. */
  readonly answered: string | null;
}

/** Messages that wait for an answer. */
export interface Incoming {
  /** What they say. One that says nothing in words is left out. */
  readonly texts: readonly string[];
  /** The largest depth of them: see `depth.ts`. */
  readonly depth: number;
  /** Names what is judged, for ever. Judged again, as after a crash, it is judged the same, and counts once. */
  readonly id?: string | undefined;
  /** Wall clock, in milliseconds. */
  readonly now: number;
}

/**
 * Why the guard intervenes.
 * - `replies`: the bot has answered too often.
 * - `same text`: the peer, or the bot, says the same again and again.
 * - `depth`: too many answers of bots led here.
 * - `cooling down`: it has intervened a short time ago.
 */
export type GuardReason = 'replies' | 'same text' | 'depth' | 'cooling down';

export type Verdict =
  | { readonly allow: true }
  | {
      readonly allow: false;
      readonly reason: GuardReason;
      /** How long the bot stays silent from now on. Nothing for `depth`: the next message may be answered. */
      readonly coolDownMs?: number;
    };

const ALLOW: Verdict = { allow: true };
/** Clocks of several hosts differ. Beyond this a clock was set back. */
const SKEW_MS = 5_000;
/** Doubled so often, everything is longer than the longest cool-down. */
const MOST_TRIPS = 40;

export const FRESH: GuardState = {
  at: 0,
  replies: [],
  heard: null,
  said: null,
  coolUntil: 0,
  trips: 0,
  allowed: null,
  answered: null,
};

/**
 * Whether messages may be answered. The state is the same object when there is nothing new to remember.
 */
export function judge(
  state: GuardState,
  incoming: Incoming,
  rules: GuardRules,
): { readonly state: GuardState; readonly verdict: Verdict } {
  const { id, depth, texts } = incoming;
  if (id !== undefined && id === state.allowed) return { state, verdict: ALLOW };
  const { now, ...current } = asOf(state, incoming.now, rules);
  if (now < current.coolUntil) {
    const verdict = { allow: false, reason: 'cooling down', coolDownMs: current.coolUntil - now } as const;
    return { state, verdict };
  }
  if (depth >= rules.maxDepth) return { state, verdict: { allow: false, reason: 'depth' } };

  const heard = heardNow(current.heard, texts);
  const after: GuardState = { ...current, at: now, heard };
  const isEcho = texts.length > 0 && (heard?.times ?? 0) >= rules.sameText;
  if (isEcho || (after.said?.times ?? 0) >= rules.sameText) return trip(after, 'same text', now, rules);
  if (hasAnsweredEnough(after.replies, now, rules)) return trip(after, 'replies', now, rules);
  // Nothing was counted: there is nothing to count twice.
  if (texts.length === 0) return { state, verdict: ALLOW };
  return { state: { ...after, allowed: id ?? null }, verdict: ALLOW };
}

/**
 * The bot has answered.
 *
 * @param answer Its text, once for an answer in several parts; null when the text does not count.
 */
export function replied(
  state: GuardState,
  answer: { readonly text: string | null; readonly id?: string | undefined; readonly now: number },
  rules: GuardRules,
): GuardState {
  const { text, id } = answer;
  if (id !== undefined && id === state.answered) return state;
  const { now, ...current } = asOf(state, answer.now, rules);
  return {
    ...current,
    at: now,
    replies: [...current.replies, now].slice(-rules.repliesPerPeer),
    said: text === null ? current.said : echoOf(current.said, essenceOf(text)),
    answered: id ?? null,
  };
}

/** After so long nothing of a state matters any more. */
export function lifetimeMs(state: GuardState, { windowMs }: GuardRules): number {
  return Math.max(0, state.coolUntil - state.at) + 2 * windowMs;
}

/** The state as it is now: without what is too old, in a time that does not run backwards. */
function asOf(stored: GuardState, wallNow: number, { windowMs }: GuardRules): GuardState & { now: number } {
  const behind = stored.at - wallNow;
  const state = behind > SKEW_MS ? shifted(stored, behind) : stored;
  const now = Math.max(wallNow, state.at);
  const isNewTopic = now - Math.max(state.at, state.coolUntil) >= windowMs;
  const { heard, said } = isNewTopic ? FRESH : state;
  return { ...state, heard, said, replies: state.replies.filter((at) => now - at < windowMs), now };
}

/** The clock was set back: what happened happened as long ago as before. */
function shifted(state: GuardState, byMs: number): GuardState {
  return {
    ...state,
    at: state.at - byMs,
    coolUntil: state.coolUntil - byMs,
    replies: state.replies.map((at) => at - byMs),
  };
}

/** A text that stands several times among messages that wait together was said once: nobody has answered between. */
function heardNow(before: Echo | null, texts: readonly string[]): Echo | null {
  let heard = before;
  let isCounted = false;
  for (const text of texts.map(essenceOf)) {
    const isSame = heard !== null && alike(heard.text, text);
    if (isSame && isCounted) continue;
    heard = echoOf(heard, text);
    isCounted = true;
  }
  return heard;
}

function echoOf(before: Echo | null, text: string): Echo {
  return before !== null && alike(before.text, text) ? { text, times: before.times + 1 } : { text, times: 1 };
}

function hasAnsweredEnough(replies: readonly number[], now: number, rules: GuardRules): boolean {
  const { repliesPerPeer, windowMs } = rules;
  const lately = replies.filter((at) => now - at < windowMs / 10);
  return replies.length >= repliesPerPeer || lately.length >= Math.ceil(repliesPerPeer / 2);
}

/** Counters that led here begin anew after the cool-down, but for a text that is said once more. */
function trip(
  state: GuardState,
  reason: GuardReason,
  now: number,
  { windowMs, coolDownMs, maxCoolDownMs, sameText }: GuardRules,
): { readonly state: GuardState; readonly verdict: Verdict } {
  const earlier = now - state.coolUntil >= windowMs ? 0 : state.trips;
  const pauseMs = Math.min(maxCoolDownMs, coolDownMs * 2 ** earlier);
  const said =
    state.said === null ? null : { ...state.said, times: Math.min(state.said.times, sameText - 1) };
  return {
    state: {
      ...state,
      said,
      replies: [],
      coolUntil: now + pauseMs,
      trips: Math.min(earlier + 1, MOST_TRIPS),
    },
    verdict: { allow: false, reason, coolDownMs: pauseMs },
  };
}

/** What a store holds, as a state. What cannot be one is a fresh one. */
export function guardStateOf(value: Json): GuardState {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return FRESH;
  const { at, replies, heard, said, coolUntil, trips, allowed, answered } = value as {
    readonly [Name in keyof GuardState]?: unknown;
  };
  return {
    at: numberOf(at),
    replies: Array.isArray(replies) ? replies.filter((time) => Number.isFinite(time)) : [],
    heard: storedEcho(heard),
    said: storedEcho(said),
    coolUntil: numberOf(coolUntil),
    trips: Math.min(Math.max(Math.trunc(numberOf(trips)), 0), MOST_TRIPS),
    allowed: typeof allowed === 'string' ? allowed : null,
    answered: typeof answered === 'string' ? answered : null,
  };
}

function storedEcho(value: unknown): Echo | null {
  const { text, times } = (value ?? {}) as { readonly text?: unknown; readonly times?: unknown };
  return typeof text === 'string' && typeof times === 'number' ? { text, times } : null;
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

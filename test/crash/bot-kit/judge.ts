import type { Message } from 'agentchat-client';
import { PARTS, type Saying, sayingIn } from './answer.js';
import type { Entry } from './happening.js';
import type { Booking } from './ledger.js';

/** What the world knows when all is over. */
export interface Records {
  /** Messages to the bot and from it, in the order in which they were stored. */
  readonly messages: readonly Message[];
  /** By message: the first life that began after the service had taken its acknowledgement. */
  readonly acknowledgedBefore: ReadonlyMap<string, number>;
  /** Messages that the service would give again. */
  readonly undelivered: readonly Message[];
  readonly charges: readonly Booking[];
  readonly tallies: readonly Booking[];
  /** By conversation: what the store holds of it. */
  readonly stored: ReadonlyMap<string, StoredConversation>;
}

export interface StoredConversation {
  /** How many turns have succeeded, says the session. */
  readonly turns: number;
  /** The keys of the turns that are still frozen. */
  readonly frozen: readonly string[];
}

/** A turn, put together from what was written down about it. */
interface JudgedTurn {
  readonly key: string;
  readonly conversation: string;
  readonly messages: readonly string[];
}

/** What went wrong, in words that begin with the rule; empty when every promise was kept. */
export function violationsIn(journal: readonly Entry[], records: Records, bot: string): string[] {
  const turns = turnsIn(journal);
  return [
    ...frozenWrongly(journal, turns),
    ...leftOver(turns, records, bot),
    ...bookedWrongly(journal, turns, records),
    ...ranTooLate(journal, turns, records),
    ...answeredWrongly(turns, records, bot),
  ];
}

function turnsIn(journal: readonly Entry[]): readonly JudgedTurn[] {
  const turns = new Map<string, JudgedTurn>();
  for (const entry of journal)
    if (entry.what === 'think' && !turns.has(entry.key)) turns.set(entry.key, entry);
  return [...turns.values()];
}

/** Turns that were another turn when they ran again. */
function* frozenWrongly(journal: readonly Entry[], turns: readonly JudgedTurn[]): Generator<string, void> {
  const wanted = new Map(turns.map(({ key, messages }) => [key, String(messages)]));
  for (const entry of journal) {
    if (entry.what === 'think' && wanted.get(entry.key) !== String(entry.messages))
      yield `TURN-1 the turn ${entry.key} had other messages in life ${entry.life}`;
  }
  const owners = new Map<string, string>();
  for (const { key, messages } of turns) {
    for (const id of messages) {
      const owner = owners.get(id);
      if (owner !== undefined) yield `TURN-1 ${id} is in the turns ${owner} and ${key}`;
      owners.set(id, key);
    }
  }
}

/** What should be over, and is not. */
function* leftOver(
  turns: readonly JudgedTurn[],
  { messages, undelivered, stored }: Records,
  bot: string,
): Generator<string, void> {
  const handled = new Set(turns.flatMap((turn) => turn.messages));
  for (const { id, sender } of messages) {
    if (sender !== bot && !handled.has(id)) yield `TURN-1 ${id} was never handled`;
  }
  for (const { id } of undelivered) yield `ACK-1 ${id} was not acknowledged in the end`;
  for (const [conversation, { frozen }] of stored) {
    for (const key of frozen) yield `TURN-1 the turn ${key} of ${conversation} is still frozen`;
  }
}

/** Charges that are not booked once; tallies that were repeated outside the one window that is allowed. */
function* bookedWrongly(
  journal: readonly Entry[],
  turns: readonly JudgedTurn[],
  { charges, tallies }: Records,
): Generator<string, void> {
  const charged = timesOf(charges);
  const tallied = timesOf(tallies);
  const windows = windowsIn(journal, tallies);
  for (const { key } of turns) {
    const chargedTimes = charged.get(key) ?? 0;
    if (chargedTimes !== 1) yield `TURN-2 the turn ${key} was charged ${chargedTimes} times`;
    const talliedTimes = tallied.get(key) ?? 0;
    const allowed = 1 + (windows.get(key) ?? 0);
    if (talliedTimes < 1 || talliedTimes > allowed)
      yield `TURN-2 the turn ${key} was tallied ${talliedTimes} times, and at most ${allowed} are allowed`;
  }
}

/** By turn: how many lives were cut off between the tally and the confirmation that it is recorded. */
function windowsIn(journal: readonly Entry[], tallies: readonly Booking[]): ReadonlyMap<string, number> {
  const dead = new Set(journal.flatMap((entry) => (entry.what === 'die' ? [entry.life] : [])));
  const confirmed = new Set<string>();
  const refused = new Map<string, number>();
  for (const entry of journal) {
    if (!('step' in entry) || entry.step !== 'step/tally') continue;
    const name = `${entry.life} ${entry.key}`;
    if (entry.what === 'refused') refused.set(name, (refused.get(name) ?? 0) + 1);
    else confirmed.add(name);
  }
  const windows = new Map<string, number>();
  for (const name of new Set(tallies.map(({ life, turn }) => `${life} ${turn}`))) {
    const [life, key = ''] = name.split(' ');
    const isCut = dead.has(Number(life)) && !confirmed.has(name);
    const cuts = (refused.get(name) ?? 0) + (isCut ? 1 : 0);
    windows.set(key, (windows.get(key) ?? 0) + cuts);
  }
  return windows;
}

function timesOf(bookings: readonly Booking[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { turn } of bookings) times.set(turn, (times.get(turn) ?? 0) + 1);
  return times;
}

/** Turns that ran although they were over. */
function* ranTooLate(
  journal: readonly Entry[],
  turns: readonly JudgedTurn[],
  { acknowledgedBefore }: Records,
): Generator<string, void> {
  const messagesOf = new Map(turns.map(({ key, messages }) => [key, messages]));
  const finished = new Map<string, number>();
  for (const entry of journal) {
    const { life } = entry;
    if (entry.what === 'finished') finished.set(entry.key, life);
    if (entry.what !== 'think' && entry.what !== 'again') continue;
    const { key } = entry;
    const end = finished.get(key);
    if (end !== undefined) yield `TURN-1 the turn ${key} ran in life ${life}: it was finished in life ${end}`;
    for (const id of messagesOf.get(key) ?? []) {
      const since = acknowledgedBefore.get(id);
      if (since !== undefined && since <= life)
        yield `ACK-1 ${id} was handed out in life ${life}: it had been acknowledged before life ${since}`;
    }
  }
}

/** Answers that are not there once, whole, of one piece, and in the order of the turns. */
function* answeredWrongly(
  turns: readonly JudgedTurn[],
  { messages, stored }: Records,
  bot: string,
): Generator<string, void> {
  const seqs = new Map(messages.map(({ id, seq }) => [id, seq]));
  const said = new Map<string, Saying[]>();
  for (const { id, sender, content, conversation_id: conversation } of messages) {
    if (sender !== bot) continue;
    const saying = sayingIn(content.text ?? '');
    if (saying === null) yield `TURN-2 ${id} is no part of an answer`;
    else said.set(conversation, [...(said.get(conversation) ?? []), saying]);
  }
  for (const conversation of new Set(turns.map((turn) => turn.conversation))) {
    const sayings = said.get(conversation) ?? [];
    const here = turns.filter((turn) => turn.conversation === conversation);
    for (const { key } of here) yield* splicedOf(key, sayings);
    const order = here
      .toSorted((a, b) => (seqs.get(a.key) ?? 0) - (seqs.get(b.key) ?? 0))
      .flatMap(({ key }, place) => PARTS.map((part) => `${key} ${part} ${place + 1}`));
    const found = sayings.map(({ key, part, turn }) => `${key} ${part} ${turn}`);
    const wrong = order.findIndex((name, place) => found[place] !== name);
    if (wrong >= 0 || found.length !== order.length)
      yield `ORD-1 the answers in ${conversation} are not in the order of its turns: ${found[wrong]} stands where ${order[wrong]} should`;
    const counted = stored.get(conversation)?.turns ?? 0;
    if (counted !== here.length)
      yield `TURN-2 the session of ${conversation} has counted ${counted} turns of ${here.length}`;
  }
}

function* splicedOf(key: string, sayings: readonly Saying[]): Generator<string, void> {
  const own = sayings.filter((saying) => saying.key === key);
  for (const part of PARTS) {
    const times = own.filter((saying) => saying.part === part).length;
    if (times !== 1) yield `TURN-2 the ${part} part of the turn ${key} was stored ${times} times`;
  }
  const runs = new Set(own.flatMap(({ part, run }) => (part === 'note' ? [] : [run])));
  if (runs.size > 1) yield `TURN-2 the answer of the turn ${key} is spliced from the runs ${[...runs]}`;
}

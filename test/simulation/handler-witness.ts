import type { EventContext, MessageEvent } from '../../src/realtime/index.js';
import { type Message, readSeq } from '../../src/wire/index.js';
import type { Facts } from './facts.js';
import { BOT, isOwed, keyOf, type Stored } from './stored.js';

/** ORD-1: a handler that is at work for longer may have given its slot to others. */
const SLOT_MS = 60_000;

/** HND-2: the shortest wait for what retrying cannot change: ten seconds, and the jitter. */
const LEAST_PATIENCE_MS = 7_500;

/** What handlers are at work on in one conversation. */
interface Work {
  readonly key: string;
  readonly since: number;
  handlers: number;
}

/** One conversation, in the life that is under way. */
interface Seen {
  /** The highest seq that was started in its turn. */
  highest: number;
  /** Everything before this place in the conversation's history was accounted for. */
  at: number;
}

/** A start so far above the last that it may be one by itself. */
interface FarOff {
  readonly key: string;
  /** Null for the first of its conversation. */
  readonly highestBefore: number | null;
  /** What was left out, if anything: then the report is due. */
  readonly skipped: string | null;
}

export interface HandlerWitnessPorts {
  readonly facts: Facts;
  readonly handlers: number;
  readonly concurrency: number;
  readonly absurdSeqDistance: number;
  /** Without REST what was parked comes with the backlog, too. */
  readonly hasRest: boolean;
  /** HND-2: whether a message with a verdict that stands is put aside, or waited for. `few`: for want of room. */
  readonly parks: 'all' | 'few' | 'none';
  now(): number;
  historyOf(conversationId: string): readonly Stored[];
  onHandled(message: Message): void;
}

/** Watches what handlers are given: in order, one at a time, once, nothing left out, and what they are told about it. */
export class HandlerWitness {
  private atWork = new Map<string, Work>();
  private seen = new Map<string, Seen>();
  /** Which handlers were given which message, in this life. */
  private given = new Set<string>();
  private succeeded = new Map<string, Set<string>>();
  /** Ids of messages whose handlers failed as often as they may, and have not been called since. A frame may tell a false seq. */
  private judged = new Set<string>();
  /** Far-off messages that were started in this very step, perhaps by themselves (GAP-2). */
  private farOff = new Map<string, FarOff>();
  /** HND-2: verdicts on messages that have not been given to handlers again. */
  private verdicts = new Map<string, { readonly at: number; readonly stands: boolean }>();
  private isStopped = false;
  /** A stop is not over yet, whatever was asked for since. */
  isStopping = false;

  constructor(private readonly ports: HandlerWitnessPorts) {}

  newLife(): void {
    this.atWork = new Map();
    this.seen = new Map();
    this.given = new Set();
    this.succeeded = new Map();
    this.judged = new Set();
    this.farOff = new Map();
    this.isStopped = false;
    this.verdicts = new Map();
    this.ports.facts.resting.clear();
    this.ports.facts.startedInLife.clear();
    this.ports.facts.handledInLife.clear();
  }

  /** What is still at work belongs to nobody any more: it holds no slot of the life that begins. */
  connects(): void {
    this.isStopped = false;
    // What is waited for is tried at once when a new life begins.
    this.verdicts = new Map();
    const { atWork } = this;
    for (const [id, work] of atWork) atWork.set(id, { ...work, since: Number.NEGATIVE_INFINITY });
  }

  stopped(): void {
    this.isStopped = true;
  }

  /** Where the store says that an earlier life had come to. */
  restored(conversationId: string, expected: number): void {
    if (this.seen.has(conversationId)) return;
    const history = this.ports.historyOf(conversationId);
    const from = history.findIndex(({ message }) => message.seq >= expected);
    this.seen.set(conversationId, { highest: expected - 1, at: from < 0 ? history.length : from });
  }

  /** Whether this life has given handlers anything of a conversation yet. */
  hasSeen(conversationId: string): boolean {
    return this.seen.has(conversationId);
  }

  // -- handlers -------------------------------------------------------------------------------------------------------

  starts(handler: string, { payload }: MessageEvent, context: EventContext): void {
    const { facts } = this.ports;
    const { id, conversation_id: conversationId, sender } = payload;
    const key = keyOf(payload);
    facts.note(
      () =>
        `${handler.padEnd(8)} ${id} ${key} ${context.source}${context.late ? ' late' : ''}` +
        `${context.redelivered ? ' again' : ''} try ${context.attempt}`,
    );
    if (this.isStopped) facts.object('STOP-1', `${key} was given to a handler after disconnect()`);
    if (sender === BOT) facts.object('GAP-5', `own message ${key} was delivered`);
    if (facts.handledInLife.has(key))
      facts.object('ONCE', `${key} was given to handlers after it was handled`);
    // Parked, and fetched again: all of them run again.
    if (context.attempt === 1 && this.judged.delete(id)) this.succeeded.delete(key);
    if (this.succeeded.get(key)?.has(handler))
      facts.object('HND-1', `${handler} ran again on ${key} although it had succeeded`);
    // What was named as missing is forgotten.
    if (this.given.has(`${handler} ${key}`) && !context.redelivered && !facts.named.has(key))
      facts.object('HND-1', `${key} came again, and ctx.redelivered is false`);
    if (context.redelivered && !facts.started.has(key))
      facts.object('HND-1', `${key} is new, and ctx.redelivered is true`);
    if (handler === 'first') this.judgeVerdict(key);
    this.judgeOrder(key, payload, context);
    this.begin(conversationId, key);
    facts.started.add(key);
    facts.startedInLife.add(key);
    this.given.add(`${handler} ${key}`);
  }

  ends(handler: string, message: Message, succeeded: boolean): void {
    const key = keyOf(message);
    const work = this.atWork.get(message.conversation_id);
    if (work?.key === key) {
      work.handlers -= 1;
      if (work.handlers === 0) this.atWork.delete(message.conversation_id);
    }
    if (!succeeded) return;
    const done = this.succeeded.get(key) ?? new Set<string>();
    this.succeeded.set(key, done);
    done.add(handler);
    if (done.size >= this.ports.handlers) this.handled(key, message);
  }

  /** HND-2: a handler fails with what the service said, which `stands` or can be lifted. */
  refused(message: Message, stands: boolean): void {
    // What fails in a stop was interrupted, not judged.
    if (this.ports.hasRest && !this.isStopping)
      this.verdicts.set(keyOf(message), { at: this.ports.now(), stands });
  }

  private judgeVerdict(key: string): void {
    const { facts, now, parks } = this.ports;
    if (facts.resting.delete(key) && parks === 'all')
      facts.object('HND-2', `${key} was given to handlers again, and rests`);
    const verdict = this.verdicts.get(key);
    if (verdict === undefined) return;
    this.verdicts.delete(key);
    const ms = Math.round(now() - verdict.at);
    if (ms < LEAST_PATIENCE_MS) facts.object('HND-2', `${key} was tried again ${ms} ms after a verdict`);
  }

  /** HND-1: the handlers kept failing, and a dead letter handler is given the message instead. */
  deadLetterStarts({ payload }: MessageEvent): void {
    this.ports.facts.note(() => `dead     ${keyOf(payload)}`);
    this.begin(payload.conversation_id, keyOf(payload));
  }

  deadLetterEnds({ payload }: MessageEvent, succeeded: boolean): void {
    const key = keyOf(payload);
    if (this.atWork.get(payload.conversation_id)?.key === key) this.atWork.delete(payload.conversation_id);
    if (succeeded) this.handled(key, payload);
  }

  /** The handlers failed as often as they may. */
  exhausted(messageId: string, conversationId: string): void {
    const { facts, parks } = this.ports;
    const message = this.ports.historyOf(conversationId).find((one) => one.message.id === messageId)?.message;
    const key = message === undefined ? messageId : keyOf(message);
    facts.exhausted.add(key);
    if (parks !== 'none' && this.verdicts.get(key)?.stands) facts.resting.add(key);
    this.judged.add(messageId);
  }

  private handled(key: string, message: Message): void {
    const { facts } = this.ports;
    facts.handled.add(key);
    facts.handledInLife.add(key);
    this.ports.onHandled(message);
  }

  /** ORD-1: one at a time in a conversation, and in all no more than there are slots. */
  private begin(conversationId: string, key: string): void {
    const { facts, concurrency } = this.ports;
    const now = this.ports.now();
    const work = this.atWork.get(conversationId);
    if (work !== undefined && work.key === key) {
      work.handlers += 1;
      return;
    }
    if (work !== undefined)
      facts.object('ORD-1', `${key} began while ${work.key} of its conversation was at work`);
    this.atWork.set(conversationId, { key, since: now, handlers: 1 });
    let taken = 0;
    for (const { since } of this.atWork.values()) if (now - since < SLOT_MS) taken += 1;
    if (taken > concurrency) facts.object('ORD-1', `${taken} handlers at work, ${concurrency} slots`);
  }

  // -- order ----------------------------------------------------------------------------------------------------------

  private judgeOrder(key: string, payload: Message, context: EventContext): void {
    const { facts, absurdSeqDistance } = this.ports;
    const wasStarted = facts.startedInLife.has(key);
    const seq = readSeq(payload.seq);
    if (seq === undefined || context.late || facts.strays.has(key)) return;
    // The second handler of what the first has just been given.
    if (this.farOff.get(payload.conversation_id)?.key === key) return;
    const seen = this.seen.get(payload.conversation_id);
    if (seen === undefined) {
      this.anchor(payload.conversation_id, seq);
      this.farOff.set(payload.conversation_id, { key, highestBefore: null, skipped: null });
      return;
    }
    if (wasStarted ? seq < seen.highest : seq <= seen.highest) {
      facts.object('ORD-1', `${key} began after #${seen.highest}`);
      return;
    }
    const { highest } = seen;
    seen.highest = seq;
    const skipped = this.skipped(payload.conversation_id, seen, seq);
    if (seq - highest > absurdSeqDistance)
      this.farOff.set(payload.conversation_id, { key, highestBefore: highest, skipped });
    else if (skipped !== null)
      facts.object('GAP-3', `${key} began before ${skipped}, which nobody has named`);
  }

  /** The first that a life starts in a conversation: what is older is late (ORD-3). */
  private anchor(conversationId: string, seq: number): void {
    const history = this.ports.historyOf(conversationId);
    const at = history.findIndex(({ message }) => message.seq >= seq);
    this.seen.set(conversationId, { highest: seq, at: at < 0 ? history.length : at });
  }

  /** The key of a message before `seq` that was neither given to handlers nor named as missing. */
  private skipped(conversationId: string, seen: Seen, seq: number): string | null {
    const { facts } = this.ports;
    const history = this.ports.historyOf(conversationId);
    for (; ; seen.at += 1) {
      const stored = history[seen.at];
      if (stored === undefined || stored.message.seq >= seq) return null;
      const key = keyOf(stored.message);
      if (!isOwed(stored) || facts.started.has(key) || facts.named.has(key) || facts.excused.has(key))
        continue;
      return key;
    }
  }

  /** GAP-2: a far-off message was delivered by itself, moved nothing, and the report says so. */
  strayReported(conversationId: string, seq: number): void {
    const key = `${conversationId}#${seq}`;
    this.ports.facts.strays.add(key);
    const farOff = this.farOff.get(conversationId);
    const seen = this.seen.get(conversationId);
    // Its handlers run before its report when they are free.
    if (farOff?.key !== key || seen === undefined) return;
    this.farOff.delete(conversationId);
    if (farOff.highestBefore === null) this.seen.delete(conversationId);
    else seen.highest = farOff.highestBefore;
  }

  // -- after every step -----------------------------------------------------------------------------------------------

  check(): void {
    for (const { key, skipped } of this.farOff.values()) {
      if (skipped !== null)
        this.ports.facts.object('GAP-3', `far-off ${key} began before ${skipped}, and nobody has said so`);
    }
    this.farOff.clear();
  }
}

import type { Message } from 'agentchat-client';
import type { HandledMessage } from './bot.js';

/** What came of a run, counted from the server's store and from the handler calls; nobody's own opinion is in it. */
export interface Tally {
  /** Messages to the bot that the server stored. */
  sent: number;
  /** Of those, how many a handler finished. */
  handled: number;
  /** Answers by the bot that the server stored. */
  replies: number;
  /** Stored for the bot, and never handled. */
  lost: number;
  /** Messages that more than one handler call finished, although the first could save it. */
  handledTwice: number;
  /** Messages that were finished once more because the hand which had finished them first was dropped. */
  handledAgain: number;
  /** Handler calls that began after a call for a later message of the same conversation; a dropped hand's do not count. */
  outOfOrder: number;
  /** Messages with more than one stored answer. */
  answeredTwice: number;
}

/** The only hand of a bot that is one process. */
const ONLY = 'the bot';

/**
 * Writes down each call of the bot's handlers as it happens. Where several processes handle, each call is in a *hand*: a process, for
 * as long as it has the conversation. A hand that was dropped (its process was killed, or stalled for too long) may have
 * finished what it could not save, and whoever comes next does that again.
 */
export class Ledger {
  readonly #finished = new Map<string, string[]>();
  readonly #newestStarted = new Map<string, { seq: number; hand: string }>();
  /** The hand that had begun the later message, for each call that came after it. */
  readonly #outOfOrder: string[] = [];
  readonly #dropped = new Set<string>();
  #calls = 0;

  /** A handler call begins. A retry of the same message begins again at the same seq, which is in order. */
  started({ conversation_id, seq }: HandledMessage, hand = ONLY): void {
    this.#calls += 1;
    const newest = this.#newestStarted.get(conversation_id);
    if (newest !== undefined && seq < newest.seq) {
      this.#outOfOrder.push(newest.hand);
      // Another hand begins anew; in the same one, everything up to the newest is out of order.
      if (newest.hand === hand) return;
    }
    this.#newestStarted.set(conversation_id, { seq, hand });
  }

  /** A handler call ended well. */
  finished({ id }: HandledMessage, hand = ONLY): void {
    const hands = this.#finished.get(id);
    if (hands === undefined) this.#finished.set(id, [hand]);
    else hands.push(hand);
  }

  /** What this hand has finished and not saved will be handled again. */
  dropped(hand: string): void {
    this.#dropped.add(hand);
  }

  /** Distinct messages handled so far. */
  get handled(): number {
    return this.#finished.size;
  }

  /** Moves whenever a handler call begins or ends well: what "no progress" is judged by. */
  get pulse(): number {
    let finished = 0;
    for (const hands of this.#finished.values()) finished += hands.length;
    return this.#calls + finished;
  }

  /** Compares with what the server stored. `bot` is the bare handle of the bot. */
  tally(stored: readonly Message[], bot: string): Tally {
    const sent = stored.filter((message) => message.sender !== bot);
    const answers = new Map<string, number>();
    for (const message of stored) {
      const answered = message.metadata.reply_to;
      if (message.sender === bot && typeof answered === 'string') {
        answers.set(answered, (answers.get(answered) ?? 0) + 1);
      }
    }
    const handled = sent.filter((message) => this.#finished.has(message.id)).length;
    return {
      sent: sent.length,
      handled,
      replies: sum(answers.values()),
      lost: sent.length - handled,
      handledTwice: count(this.#finished.values(), (hands) => this.#isTwice(hands)),
      handledAgain: count(this.#finished.values(), (hands) => hands.length > 1 && !this.#isTwice(hands)),
      outOfOrder: count(this.#outOfOrder, (hand) => !this.#dropped.has(hand)),
      answeredTwice: count(answers.values(), (times) => times > 1),
    };
  }

  /** Finished again after a hand that could save it. */
  #isTwice(hands: readonly string[]): boolean {
    return hands.slice(0, -1).some((hand) => !this.#dropped.has(hand));
  }
}

/** Whether the three promises were kept: nothing lost, nothing out of order, nothing done twice. */
export function isClean(tally: Tally): boolean {
  return tally.lost + tally.handledTwice + tally.outOfOrder + tally.answeredTwice === 0;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function count<Value>(values: Iterable<Value>, holds: (value: Value) => boolean): number {
  let found = 0;
  for (const value of values) if (holds(value)) found += 1;
  return found;
}

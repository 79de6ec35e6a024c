import type { Message } from 'agentchat-client';

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
  /** Messages that more than one handler call finished. */
  handledTwice: number;
  /** Handler calls that began after a call for a later message of the same conversation. */
  outOfOrder: number;
  /** Messages with more than one stored answer. */
  answeredTwice: number;
}

/** Writes down each call of the bot's handler as it happens. */
export class Ledger {
  readonly #finished = new Map<string, number>();
  readonly #newestStarted = new Map<string, number>();
  #outOfOrder = 0;
  #calls = 0;

  /** A handler call begins. A retry of the same message begins again at the same seq, which is in order. */
  started(message: Message): void {
    this.#calls += 1;
    const newest = this.#newestStarted.get(message.conversation_id) ?? 0;
    if (message.seq < newest) this.#outOfOrder += 1;
    else this.#newestStarted.set(message.conversation_id, message.seq);
  }

  /** A handler call ended well. */
  finished(message: Message): void {
    this.#finished.set(message.id, (this.#finished.get(message.id) ?? 0) + 1);
  }

  /** Distinct messages handled so far. */
  get handled(): number {
    return this.#finished.size;
  }

  /** Moves whenever a handler call begins or ends well: what "no progress" is judged by. */
  get pulse(): number {
    let finished = 0;
    for (const times of this.#finished.values()) finished += times;
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
      handledTwice: count(this.#finished.values(), (times) => times > 1),
      outOfOrder: this.#outOfOrder,
      answeredTwice: count(answers.values(), (times) => times > 1),
    };
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

function count(values: Iterable<number>, holds: (value: number) => boolean): number {
  let found = 0;
  for (const value of values) if (holds(value)) found += 1;
  return found;
}

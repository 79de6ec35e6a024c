import { AsyncLocalStorage } from 'node:async_hooks';
import { replyId } from '../rest/index.js';

/** A post that is being made: which ids its messages have, and what to do when it fails. */
export interface Place {
  /** The `client_msg_id` of a message of the post, counted from 0: a post with several files is several messages. */
  clientMsgId(part: number): string;
  /** The post has failed. The next one takes its place, so that what was stored of it all the same is not said twice. */
  giveBack(): void;
}

/**
 * One run of the Chat SDK's handlers for one message. What it posts is numbered by thread, so that a second run for the same
 * message gives the same ids, and the service keeps one answer.
 */
export class Turn {
  /** Aborts when the client stops, or loses the conversation to another replica, before the handlers have finished. */
  readonly signal: AbortSignal;
  /** The conversations in which typing is shown. */
  readonly typingIn = new Set<string>();
  /** The handlers have finished, or failed. */
  isOver = false;
  readonly #messageId: string;
  readonly #threadId: string;
  /** By thread: the number of the next post. */
  readonly #next = new Map<string, number>();

  constructor(messageId: string, threadId: string, signal: AbortSignal) {
    this.#messageId = messageId;
    this.#threadId = threadId;
    this.signal = signal;
  }

  /** The place of the next post in a thread. Taken when the post begins, so that it does not depend on which ends first. */
  take(threadId: string): Place {
    const number = this.#next.get(threadId) ?? 0;
    this.#next.set(threadId, number + 1);
    return {
      clientMsgId: (part) => {
        const isPlain = part === 0 && threadId === this.#threadId;
        return replyId(isPlain ? this.#messageId : `${this.#messageId} ${threadId} ${part}`, number);
      },
      giveBack: () => {
        if (this.#next.get(threadId) === number + 1) this.#next.set(threadId, number);
      },
    };
  }
}

/** Which turn the running code belongs to: the SDK calls an adapter without saying for which message. */
export class Turns {
  readonly #storage = new AsyncLocalStorage<Turn>();

  /** `undefined` for code that no message has called: a timer, say. */
  get current(): Turn | undefined {
    return this.#storage.getStore();
  }

  run<T>(turn: Turn, work: () => Promise<T>): Promise<T> {
    return this.#storage.run(turn, work);
  }
}

import type { Clock } from '../../clock/index.js';
import { AbortedError, AgentChatClientError, StoreError, TimeoutError } from '../../errors/index.js';
import type { CursorStore, StoredCursor } from '../../stores/index.js';
import { TIMING } from '../bounds.js';
import type { ErrorListener } from '../listeners.js';
import { LazyMap } from '../util/collections.js';
import { Life, type Lives, type TimeLimit, timeLimit } from '../util/life.js';
import { pause, Retrying } from '../util/retrying.js';
import { readCursor, readCursors } from './stored.js';
import type { Unsaved, UnsavedConversation } from './unsaved.js';

/** How soon it is looked again whether what is unsaved has been written, between two writes. */
const FLUSH_LOOK_MS = 20;
/** Writes without an answer whose late landing is watched for. */
const ABANDONED_AT_MOST = 8;

/** Who acknowledges what has been saved. */
export interface Saved {
  /** The handled message is saved, and may be acknowledged. */
  saved(conversationId: string, messageId: string, isEcho: boolean): void;
}

/** Persists cursors and only then lets the acknowledgements go (ACK-1): a crash in between repeats, never loses. */
export class Keeper {
  /** The write under way: newer than what the store may give meanwhile. One at a time, so that none overtakes another. */
  private write: CursorWrite | null = null;
  /** Writes that were given up waiting for, oldest first. Each may still land, on top of what was written since. */
  private abandoned: CursorWrite[] = [];
  /** What was saved since, of the conversations in them. */
  private readonly savedSince = new LazyMap<string, StoredCursor>();
  /** Conversations whose cursors have changed since the store began to list its own; null while it does not. */
  private changed: Set<string> | null = null;
  private saving: Promise<void> | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly store: CursorStore,
    private readonly unsaved: Unsaved,
    private readonly listener: ErrorListener,
    private readonly lives: Lives,
    private readonly acknowledger: Saved,
  ) {}

  get pending(): number {
    return this.unsaved.ackCount;
  }

  /** Saves the cursor soon, and has the message acknowledged once it is saved: its id, and whether it is an echo of our own. */
  keep(cursor: StoredCursor, ack?: readonly [id: string, isEcho: boolean]): void {
    this.changed?.add(cursor.conversationId);
    this.unsaved.put(cursor, ack === undefined ? undefined : [[...ack]]);
    this.resume();
  }

  /** Saves what is unsaved, unless the client is stopped: a handler that ends after that is saved by the next life. */
  resume(): void {
    if (this.saving !== null || this.lives.current.ended) return;
    if (this.write === null && this.unsaved.size === 0) return;
    this.saving = this.save().finally(() => {
      this.saving = null;
      // What came while the last write was failing into a stop belongs to the life that has begun since.
      this.resume();
    });
  }

  /**
   * Asks until the store answers: to begin a conversation without it could repeat what was handled, or skip what was
   * not. Resolves with null only when the store knows nothing (or the client stopped).
   */
  async load(conversationId: string): Promise<StoredCursor | null> {
    const newer = this.newerThanStored(conversationId);
    if (newer !== undefined) return newer;
    // Read inside the guard: what a store gives may throw when it is read.
    return this.ask('load', async () => readCursor(await this.store.load(conversationId)));
  }

  /**
   * The cursors of conversations that owe something, for conversations of which nothing else reminds us (HND-1). Those
   * that have changed since the store was asked are left out. Null when the client stopped before it had answered.
   */
  async unfinished(most: number): Promise<readonly StoredCursor[] | null> {
    if (typeof this.store.unfinished !== 'function') return [];
    const found = await this.ask('list', async () => {
      this.changed = new Set();
      return readCursors(await this.store.unfinished?.(), most);
    });
    const { changed } = this;
    this.changed = null;
    const isCurrent = (id: string) => changed?.has(id) !== true && this.newerThanStored(id) === undefined;
    return found?.filter(({ conversationId }) => isCurrent(conversationId)) ?? null;
  }

  /** REP-3: these conversations are not ours any more. What is being written of them is not acknowledged. */
  forget(fits: (conversationId: string) => boolean): void {
    this.unsaved.forget(fits);
    for (const write of [this.write, ...this.abandoned]) write?.forget(fits);
    for (const id of this.savedSince.keys()) if (fits(id)) this.savedSince.delete(id);
  }

  /** Resolves when everything is saved (or the client stopped). */
  async flush(): Promise<void> {
    await this.saving;
  }

  /** REP-6: resolves when nothing of these conversations waits to be saved, whatever else does (or the client stopped). */
  async flushOf(fits: (conversationId: string) => boolean): Promise<void> {
    const life = this.lives.current;
    while (!life.ended && (this.unsaved.hasOf(fits) || this.write?.hasOf(fits) === true)) {
      const { write } = this;
      if (write === null) await pause(this.clock, FLUSH_LOOK_MS, life);
      else await write.wait(this.clock, TIMING.storePatience, life);
      // The keeper takes note of its end before we look again.
      await new Promise<void>((resolve) => this.clock.defer(resolve));
    }
  }

  private newerThanStored(conversationId: string): StoredCursor | undefined {
    return (
      this.unsaved.cursorOf(conversationId) ??
      this.write?.content.get(conversationId)?.cursor ??
      this.savedSince.get(conversationId)
    );
  }

  /** Asks the store until it answers. Null when the client stopped. */
  private ask<T>(what: 'load' | 'list', work: () => Promise<T>): Promise<T | null> {
    const life = this.lives.current;
    const attempt = () => this.bounded(work, life);
    return new Retrying(this.clock).until(life, attempt, (error) => {
      this.listener.onError(storeError(what, error));
      return { final: false, retryAfterMs: 0 };
    });
  }

  /** A store that does not answer has failed. Nobody waits for it when the client has stopped (STOP-1). */
  private bounded<T>(work: () => Promise<T>, life: Life): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const stopped = 'The client stopped before the cursor store had answered.';
      const giveUp = (why: TimeLimit) => reject(why === 'late' ? noAnswer() : new AbortedError(stopped));
      const callOff = timeLimit(this.clock, TIMING.storePatience, life, giveUp, 'background');
      work().then(resolve, reject).finally(callOff);
    });
  }

  private async save(): Promise<void> {
    const life = this.lives.current;
    // One turn of the loop is one write.
    await new Promise<void>((resolve) => this.clock.defer(resolve));
    const retrying = new Retrying(this.clock);
    while (this.write !== null || this.unsaved.size > 0) {
      this.write ??= new CursorWrite(this.store, this.unsaved.take());
      const { write } = this;
      if (!(await this.outlast(write, life))) return;
      this.write = null;
      if (write.state.kind === 'saved') {
        retrying.succeeded();
        this.saved(write);
        continue;
      }
      this.unsaved.takeBack(write.content);
      if (write.state.kind === 'failed') this.failed(write.state.error);
      else this.abandon(write);
      if (life.ended) return;
      await retrying.pause(life);
    }
  }

  /** REP-2: that a conversation went to another replica is no fault of the store's. */
  private failed(error: unknown): void {
    if (error instanceof StoreError && error.fault === 'lease_lost') return;
    this.listener.onError(storeError('save', error));
  }

  /**
   * Waits until the write has settled, or is taken for dead. Returns false when the client stopped: the next life waits
   * on. To write again while an older write may still land would let that one have the last word.
   */
  private async outlast(write: CursorWrite, life: Life): Promise<boolean> {
    for (;;) {
      const what = await write.wait(this.clock, TIMING.storePatience, life);
      if (what !== 'late') return what === 'settled';
      write.lateCount += 1;
      this.listener.onError(storeError('save', noAnswer()));
      if (write.lateCount * TIMING.storePatience >= TIMING.storeAbandon) return true;
    }
  }

  private saved({ content }: CursorWrite): void {
    for (const [id, { cursor }] of content) {
      if (this.abandoned.some((older) => older.content.has(id))) this.savedSince.set(id, cursor);
    }
    for (const [id, { acks }] of content) {
      for (const [messageId, isEcho] of acks) this.acknowledger.saved(id, messageId, isEcho);
    }
  }

  /** A promise that never settles must not keep every later acknowledgement waiting. */
  private abandon(write: CursorWrite): void {
    this.abandoned.push(write);
    if (this.abandoned.length > ABANDONED_AT_MOST) this.forgetAbandoned(this.abandoned[0]);
    write.life.onEnd(() => this.landed(write));
  }

  /** It may have put older cursors in the place of newer ones: those are written once more. */
  private landed(write: CursorWrite): void {
    if (!this.abandoned.includes(write)) return;
    for (const id of write.content.keys()) {
      // Also what is being written: nobody knows which of the two lands on top.
      const newest = this.newerThanStored(id);
      if (newest !== undefined) this.unsaved.put(newest);
    }
    this.forgetAbandoned(write);
    this.resume();
  }

  private forgetAbandoned(write: CursorWrite | undefined): void {
    this.abandoned = this.abandoned.filter((other) => other !== write);
    for (const id of this.savedSince.keys()) {
      if (!this.abandoned.some((other) => other.content.has(id))) this.savedSince.delete(id);
    }
  }
}

/** One call of a store's `save`, from its start until it settles, however late. */
class CursorWrite {
  /** One that gave no answer may still be carried out, at any time. */
  state: { kind: 'under way' | 'saved' } | { kind: 'failed'; error: unknown } = { kind: 'under way' };
  /** Ends when it settles. */
  readonly life = new Life();
  lateCount = 0;

  constructor(
    store: CursorStore,
    readonly content: Map<string, UnsavedConversation>,
  ) {
    const cursors = [...content.values()].map(({ cursor }) => cursor);
    const settle = (state: CursorWrite['state']) => {
      this.state = state;
      this.life.end();
    };
    // Inside a promise, so that a store that throws instead of rejecting is no different.
    new Promise<void>((answer) => {
      answer(store.save(cursors));
    }).then(
      () => settle({ kind: 'saved' }),
      (error: unknown) => settle({ kind: 'failed', error }),
    );
  }

  hasOf(fits: (conversationId: string) => boolean): boolean {
    return [...this.content.keys()].some(fits);
  }

  forget(fits: (conversationId: string) => boolean): void {
    for (const id of this.content.keys()) if (fits(id)) this.content.delete(id);
  }

  /** Resolves when it has settled, after `ms`, or when `life` ends; with what it was. */
  wait(clock: Clock, ms: number, life: Life): Promise<'settled' | TimeLimit> {
    if (this.life.ended) return Promise.resolve('settled');
    return new Promise((resolve) => {
      const callOff = timeLimit(clock, ms, life, resolve, 'background');
      this.life.onEnd(() => {
        callOff();
        resolve('settled');
      });
    });
  }
}

function noAnswer(): TimeoutError {
  return new TimeoutError(`The cursor store gave no answer for ${TIMING.storePatience / 1000} s.`);
}

function storeError(what: 'load' | 'list' | 'save', cause: unknown): AgentChatClientError {
  return new AgentChatClientError({
    code: 'STORE_FAILED',
    message: TROUBLE[what],
    outcome: 'unknown',
    cause,
  });
}

const TROUBLE = {
  load: 'The cursor store could not be read. The conversation waits, and the client tries again. Check the store.',
  list: 'The cursor store could not list what is unfinished. Parked messages wait, and the client tries again. Check the store.',
  save: 'The cursor store could not be written. Messages stay unacknowledged, and the client tries again. Check the store.',
};

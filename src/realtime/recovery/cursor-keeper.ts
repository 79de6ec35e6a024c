import type { Clock } from '../../clock/index.js';
import { AgentChatError, TimeoutError } from '../../errors/index.js';
import type { CursorStore, StoredCursor } from '../../stores/index.js';
import { TIMING } from '../bounds.js';
import type { Life } from '../life.js';
import { backoff, pause } from './pause.js';

/** Persists cursors and only then lets the acknowledgements go (ACK-1): a crash in between repeats, never loses. */
export class CursorKeeper {
  private dirty = new Map<string, StoredCursor>();
  /** What the write under way contains: newer than what the store may give meanwhile. */
  private writing = new Map<string, StoredCursor>();
  /** What acknowledges messages, by their ids, once what is dirty has been saved. */
  private waiting = new Map<string, () => void>();
  private saving: Promise<void> | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly store: CursorStore,
    /** Acknowledgements that may wait. */
    private readonly most: number,
    private readonly onError: (error: AgentChatError) => void,
    private readonly life: () => Life,
  ) {}

  /** Acknowledgements that wait for the store. */
  get pending(): number {
    return this.waiting.size;
  }

  /** Saves the cursor soon. */
  keep(cursor: StoredCursor): void {
    this.dirty.set(cursor.conversationId, cursor);
    this.resume();
  }

  /** Saves the cursor soon, then acknowledges the message. */
  keepAndAcknowledge(cursor: StoredCursor, messageId: string, acknowledge: () => void): void {
    this.waiting.set(messageId, acknowledge);
    this.forgetOldest();
    this.keep(cursor);
  }

  /** While the store is down. What is forgotten comes again, and is acknowledged then. */
  private forgetOldest(): void {
    for (const oldest of this.waiting.keys()) {
      if (this.waiting.size <= this.most) return;
      this.waiting.delete(oldest);
    }
  }

  /** Saves what is dirty, unless the client is stopped: a handler that ends after that is saved by the next life. */
  resume(): void {
    if (this.saving !== null || this.dirty.size === 0 || this.life().ended) return;
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
    const unsaved = this.dirty.get(conversationId) ?? this.writing.get(conversationId);
    if (unsaved !== undefined) return unsaved;
    const life = this.life();
    for (let failures = 0; !life.ended; failures += 1) {
      try {
        return await this.bounded(() => this.store.load(conversationId));
      } catch (error) {
        this.onError(storeError('load', error));
        const bounds = { min: TIMING.syncBackoffMin, max: TIMING.syncBackoffMax };
        await pause(this.clock, backoff(this.clock, failures, bounds, 0), life);
      }
    }
    return null;
  }

  /** A store that does not answer has failed. */
  private bounded<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const late = new TimeoutError(`The cursor store gave no answer for ${TIMING.storePatience / 1000} s.`);
      const timer = this.clock.setTimer(() => reject(late), TIMING.storePatience, 'background');
      new Promise<T>((answer) => answer(work()))
        .then(resolve, reject)
        .finally(() => this.clock.clearTimer(timer));
    });
  }

  /** Resolves when everything is saved (or the client stopped). */
  async flush(): Promise<void> {
    await this.saving;
  }

  private async save(): Promise<void> {
    const life = this.life();
    // One turn of the loop is one write.
    await new Promise<void>((resolve) => this.clock.defer(resolve));
    for (let failures = 0; this.dirty.size > 0; ) {
      const batch = this.dirty;
      const acknowledged = this.waiting;
      this.dirty = new Map();
      this.waiting = new Map();
      this.writing = batch;
      try {
        await this.bounded(() => this.store.save([...batch.values()]));
        failures = 0;
        this.writing = new Map();
        for (const acknowledge of acknowledged.values()) acknowledge();
      } catch (error) {
        this.onError(storeError('save', error));
        // Newer values win over those that could not be written.
        for (const [id, cursor] of batch) if (!this.dirty.has(id)) this.dirty.set(id, cursor);
        this.waiting = new Map([...acknowledged, ...this.waiting]);
        this.forgetOldest();
        if (life.ended) return;
        const bounds = { min: TIMING.syncBackoffMin, max: TIMING.syncBackoffMax };
        await pause(this.clock, backoff(this.clock, failures, bounds, 0), life);
        failures += 1;
      }
    }
  }
}

function storeError(what: 'load' | 'save', cause: unknown): AgentChatError {
  return new AgentChatError({
    code: 'STORE_FAILED',
    message:
      what === 'load'
        ? 'The cursor store could not be read. The conversation waits, and it is read again; check the store.'
        : 'The cursor store could not be written. Messages stay unacknowledged until it can; check the store.',
    outcome: 'unknown',
    cause,
  });
}

import type { Clock } from '../clock/index.js';
import { SignalRelay } from './signal-relay.js';
import { startTimer } from './wait.js';

/** Why a call has to end now, whatever it is doing. */
export type Interruption =
  /** The caller's signal fired; `reason` is what it was aborted with. */
  | { readonly kind: 'aborted'; readonly reason: unknown }
  /** The overall deadline of the call passed. */
  | { readonly kind: 'deadline'; readonly deadlineMs: number }
  /** One attempt took longer than it may. `endless`: its answer kept coming all the time, and did not end. */
  | { readonly kind: 'timeout'; readonly timeoutMs: number; readonly endless: boolean };

/**
 * The life of one logical call, over all of its attempts and the pauses between them: it listens once to the caller's
 * signal, holds the deadline, and tells whatever is going on right now when either fires. `close()` takes the listener
 * off again, so that any number of calls on one long-lived signal leave nothing behind.
 */
export class CallScope {
  /** When the call has to be over, on `clock.now()`; `undefined` without a deadline. */
  readonly deadlineAt: number | undefined;
  private readonly clock: Clock;
  private readonly stopDeadline: (() => void) | undefined;
  private readonly stopListening: (() => void) | undefined;
  private interruption: Interruption | undefined;
  private listener: ((why: Interruption) => void) | undefined;

  /** @param relay Shared by the calls of one transport, which may share their signals. */
  constructor(
    clock: Clock,
    signal: AbortSignal | undefined,
    deadlineMs: number,
    relay: SignalRelay = new SignalRelay(),
  ) {
    this.clock = clock;
    if (signal !== undefined) {
      if (signal.aborted) {
        this.interruption = { kind: 'aborted', reason: signal.reason };
      } else {
        this.stopListening = relay.listen(signal, (reason) => this.interrupt({ kind: 'aborted', reason }));
      }
    }
    if (deadlineMs > 0 && Number.isFinite(deadlineMs)) {
      this.deadlineAt = clock.now() + deadlineMs;
      this.stopDeadline = startTimer(
        clock,
        () => this.interrupt({ kind: 'deadline', deadlineMs }),
        deadlineMs,
      );
    }
  }

  /** Set once the call has to end. */
  get interrupted(): Interruption | undefined {
    return this.interruption;
  }

  /** Milliseconds until the deadline; `Infinity` without one. */
  remainingMs(): number {
    return this.deadlineAt === undefined ? Number.POSITIVE_INFINITY : this.deadlineAt - this.clock.now();
  }

  /** Tells `listener` when the call has to end. One at a time: an attempt or a pause, never both. Returns its off. */
  onInterrupt(listener: (why: Interruption) => void): () => void {
    this.listener = listener;
    return () => {
      if (this.listener === listener) this.listener = undefined;
    };
  }

  /** Pauses between two attempts. Resolves to the interruption that cut it short, if one did. */
  pause(delayMs: number): Promise<Interruption | undefined> {
    return new Promise((resolve) => {
      if (this.interruption !== undefined) {
        resolve(this.interruption);
        return;
      }
      const stopTimer = startTimer(
        this.clock,
        () => {
          off();
          resolve(undefined);
        },
        delayMs,
      );
      const off = this.onInterrupt((why) => {
        stopTimer();
        off();
        resolve(why);
      });
    });
  }

  /** Calls the call off, as the caller's signal would. */
  abort(reason: unknown): void {
    this.interrupt({ kind: 'aborted', reason });
  }

  /** Ends the scope: no timer and no listener is left. */
  close(): void {
    this.stopDeadline?.();
    this.stopListening?.();
    this.listener = undefined;
  }

  private interrupt(why: Interruption): void {
    if (this.interruption !== undefined) return;
    this.interruption = why;
    this.listener?.(why);
  }
}

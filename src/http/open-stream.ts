import type { Clock } from '../clock/index.js';
import type { AnswerHead, AttemptResult } from './attempt.js';
import { BodyCollector } from './body.js';
import type { CallScope, Interruption } from './call-scope.js';
import type { Cargo, Carried, PatientCarrier, PatientReceiver } from './carrier.js';
import { NoResponse } from './fetch-carrier.js';
import { startTimer } from './wait.js';

/** What comes next of a body that is read as it comes. */
export type Piece =
  | { readonly kind: 'chunk'; readonly chunk: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'broken'; readonly cause: unknown }
  | { readonly kind: 'interrupted'; readonly why: Interruption };

/** A body that is read as it comes, at the pace of who reads it. */
export interface StreamedBody {
  /** The next piece; one that is no chunk is the last. Call it again only when it has settled. */
  next(): Promise<Piece>;
  /** Gives the rest up, at once. A `next` that waits gets the end. */
  cancel(): void;
}

/** What became of a request for a stream: an answer that is one, or any other end of an attempt. */
export type Opening =
  | { readonly kind: 'open'; readonly head: AnswerHead; readonly body: StreamedBody }
  | AttemptResult;

/** What opening a stream needs from the call. */
export interface StreamTools {
  readonly clock: Clock;
  readonly carry: PatientCarrier;
  /** How long nothing may come: until the head, and then for each piece that somebody waits for. 0 and `Infinity`: no limit. */
  readonly timeoutMs: number;
  /** Whether an answer is the stream that was asked for. The body of any other is read whole, as a refusal is. */
  isStream(head: AnswerHead): boolean;
  /** How much is read of an answer that is no stream. */
  readonly refusalBytes: number;
}

/**
 * Asks for a stream. Resolves when the head of one has come, or when the attempt has ended in another way; it never rejects.
 * The scope must stay open as long as the body is read: what ends the scope ends the body.
 */
export function openStream(cargo: Cargo, scope: CallScope, tools: StreamTools): Promise<Opening> {
  return new Promise((resolve) => {
    const why = scope.interrupted;
    if (why === undefined) new StreamAttempt(scope, tools, resolve).start(cargo);
    else resolve({ kind: 'interrupted', why, phase: 'key', head: undefined });
  });
}

type Phase = 'request' | 'refusal' | 'open' | 'over';

/** One request for a stream, from its leaving to the end of the body. */
class StreamAttempt implements PatientReceiver, StreamedBody {
  readonly #tools: StreamTools;
  readonly #settle: (opening: Opening) => void;
  #phase: Phase = 'request';
  #carried: Carried | undefined;
  #head: AnswerHead | undefined;
  #refusal: BodyCollector | undefined;
  #stopTimer: (() => void) | undefined;
  /** A chunk for which nobody has asked yet. At most one: the carrier waits. */
  #held: Uint8Array | undefined;
  /** Lets the carrier go on. */
  #goOn: ((more: boolean) => void) | undefined;
  /** Who waits for the next piece. */
  #waiter: ((piece: Piece) => void) | undefined;
  /** How the body ended. */
  #last: Piece | undefined;

  constructor(scope: CallScope, tools: StreamTools, settle: (opening: Opening) => void) {
    this.#tools = tools;
    this.#settle = settle;
    scope.onInterrupt((why) => this.#interrupt(why));
  }

  start(cargo: Cargo): void {
    this.#limit();
    const carried = this.#tools.carry(cargo, this);
    this.#carried = carried;
    if (this.#phase === 'over') carried.cancel();
  }

  onHead(status: number, headers: Headers, hidden: boolean): void {
    if (this.#phase !== 'request') return;
    const head = { status, headers };
    this.#head = head;
    this.#stopTimer?.();
    if (hidden || (status >= 300 && status < 400)) {
      this.#refuse({ kind: 'redirected', head, hidden });
      this.#carried?.cancel();
    } else if (this.#tools.isStream(head)) {
      this.#phase = 'open';
      this.#settle({ kind: 'open', head, body: this });
    } else {
      this.#phase = 'refusal';
      this.#refusal = new BodyCollector({ as: 'text', limitBytes: this.#tools.refusalBytes });
      // For all of it: a refusal is short.
      this.#limit();
    }
  }

  onChunk(chunk: Uint8Array): boolean | Promise<boolean> {
    const refusal = this.#refusal;
    if (this.#phase === 'refusal' && refusal !== undefined) {
      if (refusal.add(chunk)) return true;
      this.#refuse({ kind: 'answered', head: this.#knownHead(), body: refusal.beginning() });
      this.#carried?.cancel();
      return false;
    }
    if (this.#phase !== 'open') return false;
    if (this.#hand({ kind: 'chunk', chunk })) return true;
    this.#held = chunk;
    return new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  onEnd(): void {
    if (this.#phase === 'refusal') {
      const body = (this.#refusal as BodyCollector).complete();
      this.#refuse({ kind: 'answered', head: this.#knownHead(), body });
    } else if (this.#phase === 'open') {
      this.#finish({ kind: 'end' });
    }
  }

  onError(cause: unknown): void {
    if (this.#phase === 'open') this.#finish({ kind: 'broken', cause });
    else if (cause instanceof NoResponse) this.#refuse({ kind: 'no_response', given: cause.given });
    else
      this.#refuse({
        kind: 'failed',
        cause,
        phase: this.#head === undefined ? 'request' : 'body',
        head: this.#head,
      });
  }

  next(): Promise<Piece> {
    const chunk = this.#held;
    if (chunk !== undefined) {
      this.#held = undefined;
      this.#release(true);
      return Promise.resolve({ kind: 'chunk', chunk });
    }
    if (this.#last !== undefined) return Promise.resolve(this.#last);
    return new Promise((resolve) => {
      this.#waiter = resolve;
      this.#limit();
    });
  }

  cancel(): void {
    if (this.#phase === 'open') this.#giveUp({ kind: 'end' });
  }

  #interrupt(why: Interruption): void {
    if (this.#phase === 'over') return;
    if (this.#phase === 'open') {
      this.#giveUp({ kind: 'interrupted', why });
      return;
    }
    const phase = this.#head === undefined ? 'request' : 'body';
    this.#refuse({ kind: 'interrupted', why, phase, head: this.#head });
    this.#carried?.cancel();
  }

  #giveUp(last: Piece): void {
    this.#held = undefined;
    this.#finish(last);
    this.#carried?.cancel();
    this.#release(false);
  }

  /** The body is over. A chunk that is held is still given out. */
  #finish(last: Piece): void {
    this.#phase = 'over';
    this.#last = last;
    this.#hand(last);
  }

  /** There is no stream. */
  #refuse(result: AttemptResult): void {
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    this.#stopTimer?.();
    this.#settle(result);
  }

  /** Gives a piece to who waits for one. False: nobody does. */
  #hand(piece: Piece): boolean {
    const waiter = this.#waiter;
    if (waiter === undefined) return false;
    this.#stopTimer?.();
    this.#waiter = undefined;
    waiter(piece);
    return true;
  }

  #release(more: boolean): void {
    const goOn = this.#goOn;
    this.#goOn = undefined;
    goOn?.(more);
  }

  #limit(): void {
    const { clock, timeoutMs } = this.#tools;
    if (timeoutMs <= 0 || timeoutMs === Number.POSITIVE_INFINITY) return;
    const late = () => this.#interrupt({ kind: 'timeout', timeoutMs, endless: false });
    this.#stopTimer = startTimer(clock, late, timeoutMs);
  }

  #knownHead(): AnswerHead {
    return this.#head as AnswerHead;
  }
}

import type { Clock, TimerHandle } from '../../clock/index.js';
import { checkDuration, checkFunction, checkInteger, checkOptionNames } from '../../http/index.js';
import type { EventContext, MessageEvent } from '../events.js';
import { callGuarded } from '../util/guarded.js';
import { HandlerContext } from './call.js';

/** How the messages of a conversation are gathered for `onBatch`. */
export interface BatchOptions {
  /** The most messages of one batch. Default 30; at most what a lane holds (`bounds.lane`, 256 by default). */
  maxMessages?: number | undefined;
  /** A batch begins when its conversation has been quiet for so long, in milliseconds. Default 100; 0: at once. */
  settleMs?: number | undefined;
  /** A batch waits no longer than this for quiet, in milliseconds. Default 2,000. */
  maxWaitMs?: number | undefined;
  /**
   * Takes over a batch whose handler kept failing. When it succeeds the messages count as handled. Default: the client's option
   * `onDeadLetter`, for each message of the batch in turn.
   */
  onDeadLetter?: BatchDeadLetterHandler | undefined;
}

/** What the handler of a batch is told beside the messages. */
export interface BatchContext extends EventContext {
  /** Tells of each message of the conversation that comes while the handler is at work. It waits for the next batch. */
  onMore(listener: (event: MessageEvent) => void): void;
  /**
   * This call is about the first `count` messages only: they are handled when it succeeds, and called again when it fails. The others
   * are given again, in the next batch, with those that have come meanwhile.
   *
   * @throws ValidationError when `count` is no whole number from 0 to the length of the batch.
   */
  keep(count: number): void;
}

/**
 * Takes messages of one conversation that wait together, oldest first. They count as handled, and are acknowledged, when its
 * promise fulfils: all of them, and none before.
 */
export type BatchHandler = (messages: readonly MessageEvent[], context: BatchContext) => unknown;

export type BatchDeadLetterHandler = (messages: readonly MessageEvent[], error: unknown) => unknown;

/** Somebody who takes messages in batches, and how. */
export interface Batching {
  readonly handler: BatchHandler;
  readonly maxMessages: number;
  readonly settleMs: number;
  readonly maxWaitMs: number;
  readonly onDeadLetter: BatchDeadLetterHandler | undefined;
}

/** @throws ValidationError that names the option. */
export function batchingOf(handler: BatchHandler, options: BatchOptions, laneBound: number): Batching {
  checkFunction(handler ?? null, 'handler');
  checkOptionNames(options, ['maxMessages', 'settleMs', 'maxWaitMs', 'onDeadLetter'], 'onBatch() option');
  const { maxMessages = Math.min(30, laneBound), settleMs = 100, maxWaitMs = 2_000, onDeadLetter } = options;
  checkInteger(maxMessages, 'maxMessages', 1, laneBound);
  checkDuration(settleMs, 'settleMs');
  checkDuration(maxWaitMs, 'maxWaitMs');
  checkFunction(onDeadLetter, 'onDeadLetter');
  return { handler, maxMessages, settleMs, maxWaitMs, onDeadLetter };
}

/** The wait before a batch begins: until its conversation is quiet, the batch full, or the patience over (BAT-1). */
export class Gathering {
  private readonly since: number;
  private lastAt: number;
  private timer: TimerHandle = null;
  /** The batch may begin. */
  isOver = false;

  constructor(
    private readonly clock: Clock,
    private readonly batching: Batching,
  ) {
    this.since = clock.now();
    this.lastAt = this.since;
  }

  /** Waits unless there is nothing to wait for. `over` is called at most once, and never from in here. */
  begin(waiting: number, over: () => void): void {
    const { maxMessages, settleMs, maxWaitMs } = this.batching;
    const firstMs = Math.min(settleMs, maxWaitMs);
    if (waiting >= maxMessages || firstMs === 0) this.isOver = true;
    else this.arm(firstMs, over);
  }

  /** Another message has come. Returns true when the batch is full. */
  more(waiting: number): boolean {
    this.lastAt = this.clock.now();
    return waiting >= this.batching.maxMessages;
  }

  end(): void {
    this.isOver = true;
    this.clock.clearTimer(this.timer);
  }

  private arm(delayMs: number, over: () => void): void {
    this.timer = this.clock.setTimer(() => this.due(over), delayMs, 'background');
  }

  private due(over: () => void): void {
    const { settleMs, maxWaitMs } = this.batching;
    const leftMs = Math.min(this.lastAt + settleMs, this.since + maxWaitMs) - this.clock.now();
    if (leftMs > 0) {
      this.arm(leftMs, over);
      return;
    }
    this.isOver = true;
    over();
  }
}

/** What the handler of one batch is told, and what it says of the batch. */
export class BatchCallContext extends HandlerContext implements BatchContext {
  /** How many messages it has kept; null: all. */
  kept: number | null = null;
  private listeners: ((event: MessageEvent) => void)[] = [];

  constructor(
    context: HandlerContext,
    private readonly size: number,
    private readonly onListenerFailure: (error: unknown) => void,
  ) {
    super(context.source, context.attempt, context.redelivered, context.late, context.life);
  }

  onMore(listener: (event: MessageEvent) => void): void {
    checkFunction(listener ?? null, 'listener');
    this.listeners.push(listener);
  }

  keep(count: number): void {
    checkInteger(count, 'count', 0, this.size);
    this.kept = count;
  }

  tellMore(event: MessageEvent): void {
    for (const listener of this.listeners) callGuarded(() => listener(event), this.onListenerFailure);
  }
}

import type { Clock } from '../../clock/index.js';
import { ConnectionError } from '../../errors/index.js';
import { invalid } from '../../http/index.js';
import { TIMING } from '../bounds.js';
import type { MessageEvent } from '../events.js';
import type { ErrorListener } from '../listeners.js';
import { Lives } from '../util/life.js';
import type { Batching } from './batch.js';
import { Call, callHandlers, type HandlerContext, type Handlers } from './call.js';
import { ClaimedCall, type Claiming, type Place } from './claimed-call.js';
import { type MessageIterator, MessageLoop, MessageStream } from './stream.js';
import type { TimeSlice } from './time-slice.js';

export interface ConsumersListener extends ErrorListener {
  /** `asking` may have changed. Messages may be given out at once. */
  askingChanged(): void;
}

/**
 * Who takes messages: the handlers of `message.new`, the one handler of batches, or one iterator; never two of them. While nobody does, messages are held
 * back, unacknowledged (HND-1). Where there is a store of claims, a message is claimed before it is given to them.
 */
export class Consumers {
  /** True while somebody takes messages. A plain field: it is read for every message. */
  present = false;
  handlers: Handlers = [];
  stream: MessageStream | null = null;
  /** A plain field: it is read for every message. */
  batching: Batching | null = null;
  /** Ends with the first word of a stop: what is only being claimed by then does not start. */
  private readonly intake = new Lives();
  private absenceNoticed = false;

  constructor(
    private readonly clock: Clock,
    private readonly lives: Lives,
    /** Claims each message before it is given out; undefined when nobody else handles them. */
    private readonly claiming: Claiming | undefined,
    private readonly listener: ConsumersListener,
    private readonly slice: TimeSlice,
  ) {}

  /** True when a message may be given out. An iterator takes one only when it is asked for the next. */
  get asking(): boolean {
    return this.stream === null ? this.handlers.length > 0 || this.batching !== null : this.stream.wants;
  }

  setHandlers(handlers: Handlers): void {
    this.handlers = handlers;
    this.changed();
  }

  /** @throws ValidationError while somebody else takes the messages, and where each of them has to be claimed. */
  setBatching(batching: Batching): () => void {
    if (this.batching !== null || this.handlers.length > 0 || this.stream !== null) {
      throw invalid(
        'handler',
        'onBatch() takes all messages, so there can be one handler of it, and neither a handler of message.new nor an ' +
          'iterator of messages() beside it: remove the other first',
      );
    }
    if (this.claiming !== undefined) {
      throw invalid(
        'dedupe',
        'the option `dedupe` claims each message by itself, which does not go together with onBatch(): leave it out, or use ' +
          'on("message.new"). Where several processes share the work, use the option `replicas`',
      );
    }
    this.batching = batching;
    this.changed();
    return () => {
      if (this.batching !== batching) return;
      this.batching = null;
      this.changed();
    };
  }

  /** @throws ValidationError while there is an iterator, or a handler of batches: both would take the same messages. */
  checkHandlerAllowed(): void {
    if (this.batching !== null) {
      throw invalid(
        'type',
        'message.new cannot have a handler beside that of onBatch(), which takes the messages: remove that one first, with the ' +
          'function that onBatch() returned, or work in it',
      );
    }
    if (this.stream === null) return;
    throw invalid(
      'type',
      'message.new cannot have a handler while an iterator of messages() takes the messages: work in its loop, or end it ' +
        'first (break, return(), its signal, or disconnect())',
    );
  }

  /** @throws ValidationError beside a handler of `message.new`, or another iterator. */
  messages(signal: AbortSignal | undefined): MessageIterator {
    if (this.stream !== null) {
      throw invalid(
        'messages',
        'there is an iterator of messages() already, and each message is given out once: end it first (break, return(), ' +
          'its signal, or disconnect()), or let several loops share it',
      );
    }
    if (this.batching !== null || this.handlers.length > 0) {
      throw invalid(
        'messages',
        'messages() cannot be used beside a handler of message.new or onBatch(), which takes the same messages: remove the handler ' +
          'first, with the function that on() returned, or work in it',
      );
    }
    const stream = new MessageStream(
      signal,
      () => this.listener.askingChanged(),
      () => this.setStream(null),
    );
    this.setStream(stream);
    if (signal?.aborted) stream.end();
    return new MessageLoop(stream);
  }

  /** Gives a message to these handlers, or to the loop. Returns null when all of them are done with it already. */
  give(handlers: Handlers, event: MessageEvent, context: HandlerContext): Call | null {
    const { stream, claiming } = this;
    if (claiming !== undefined) {
      const place = stream?.reserve() ?? this.placeAmong(handlers);
      return new ClaimedCall(claiming, this.intake.current, event, context, place);
    }
    return stream === null ? this.call(handlers, event, context) : stream.take(event, context);
  }

  /** BP-2: what handlers use of the loop is counted. */
  private call(handlers: Handlers, event: MessageEvent, context: HandlerContext): Call | null {
    this.slice.begin();
    const call = callHandlers(handlers, event, context);
    this.slice.called();
    return call;
  }

  /** To one that stands for those which have failed. It sees what they would have seen. */
  giveTo(handler: Handlers[number], event: MessageEvent, context: HandlerContext): Call | null {
    const { claiming } = this;
    const take = () => this.call([handler], event, context);
    if (claiming === undefined) return take();
    return new ClaimedCall(claiming, this.intake.current, event, context, { take });
  }

  /** A claim takes time, in which handlers may be removed, or a loop take their place: then all is asked anew. */
  private placeAmong(handlers: Handlers): Place {
    const registered = this.handlers;
    const isAsBefore = () => this.handlers === registered && this.stream === null;
    return {
      take: (event, context) =>
        isAsBefore() ? this.call(handlers, event, context) : new Call(context, 'withheld'),
    };
  }

  start(): void {
    this.intake.renew();
    this.stream?.resume();
  }

  beginStop(): void {
    this.intake.end();
    this.stream?.beginStop();
  }

  /** A misspelt event name looks like silence: say once that messages wait, unless somebody comes soon. */
  noticeAbsence(): void {
    if (this.absenceNoticed) return;
    this.absenceNoticed = true;
    const report = () => {
      if (this.present || this.lives.current.ended) return;
      const message =
        'Messages arrive and wait: no handler is registered. Call on("message.new", handler) or onBatch(handler), or loop over messages().';
      this.listener.onError(new ConnectionError({ code: 'NO_HANDLER', message, outcome: 'rejected' }));
    };
    this.clock.setTimer(report, TIMING.handlerPatience, 'background');
  }

  private setStream(stream: MessageStream | null): void {
    this.stream = stream;
    this.changed();
  }

  private changed(): void {
    this.present = this.handlers.length > 0 || this.batching !== null || this.stream !== null;
    this.listener.askingChanged();
  }
}

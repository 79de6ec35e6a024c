import type { Clock } from '../../clock/index.js';
import { type AgentChatError, ConnectionError } from '../../errors/index.js';
import { invalid } from '../../http/index.js';
import { TIMING } from '../bounds.js';
import type { EventHandler } from '../events.js';
import type { Life } from '../util/life.js';
import type { Lanes } from './lanes.js';
import type { MessageIterator } from './loop.js';
import { MessageStream } from './stream.js';

export interface ConsumersPorts {
  readonly clock: Clock;
  readonly delivery: Pick<Lanes, 'setHandlers' | 'setTaker'>;
  /** The client's life, between `connect()` and `disconnect()`. */
  life(): Life;
  /** `asking` may have changed. Messages may be given out at once. */
  onAsking(): void;
  onError(error: AgentChatError): void;
}

/**
 * Who takes messages: the handlers of `message.new`, or one iterator, never both. While nobody does, messages are held
 * back, unacknowledged (HND-1).
 */
export class Consumers {
  /** True while somebody takes messages. A plain field: it is read for every message. */
  present = false;
  private handlers = 0;
  private stream: MessageStream | null = null;
  private absenceNoticed = false;

  constructor(private readonly ports: ConsumersPorts) {}

  /** True when a message may be given out. An iterator takes one only when it is asked for the next. */
  get asking(): boolean {
    return this.stream === null ? this.handlers > 0 : this.stream.wants;
  }

  setHandlers(handlers: readonly EventHandler<'message.new'>[]): void {
    this.handlers = handlers.length;
    this.ports.delivery.setHandlers(handlers);
    this.changed();
  }

  /** @throws ValidationError while there is an iterator: both would take the same messages. */
  checkHandlerAllowed(): void {
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
    if (this.handlers > 0) {
      throw invalid(
        'messages',
        'messages() cannot be used beside a handler of message.new, which takes the same messages: remove the handler ' +
          'first, with the function that on() returned, or work in it',
      );
    }
    const stream = new MessageStream(
      { onWants: () => this.ports.onAsking(), onEnd: () => this.setStream(null) },
      signal,
    );
    this.setStream(stream);
    return stream.iterator();
  }

  // -- life -----------------------------------------------------------------------------------------------------

  start(): void {
    this.stream?.resume();
  }

  beginStop(): void {
    this.stream?.beginStop();
  }

  stopped(): void {
    this.stream?.stopped();
  }

  refuse(error: AgentChatError): void {
    this.stream?.refuse(error);
  }

  /** A misspelt event name looks like silence: say once that messages wait, unless somebody comes soon. */
  noticeAbsence(): void {
    if (this.absenceNoticed) return;
    this.absenceNoticed = true;
    const { clock, onError, life } = this.ports;
    const report = () => {
      if (!this.present && !life().ended) onError(nobodyTakesMessages());
    };
    clock.setTimer(report, TIMING.handlerPatience, 'background');
  }

  private setStream(stream: MessageStream | null): void {
    this.stream = stream;
    this.ports.delivery.setTaker(stream);
    this.changed();
  }

  private changed(): void {
    this.present = this.handlers > 0 || this.stream !== null;
    this.ports.onAsking();
  }
}

function nobodyTakesMessages(): ConnectionError {
  return new ConnectionError({
    code: 'NO_HANDLER',
    message:
      'Messages arrive and wait: no handler is registered. Call on("message.new", handler), or loop over messages().',
    outcome: 'rejected',
  });
}

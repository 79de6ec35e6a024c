import type { WireMismatch } from '../http/index.js';
import { eventProblem, type ServerFrame } from '../wire/index.js';
import type { Engine } from './engine.js';
import type { MessageSource } from './events.js';
import { FrameCheck } from './frame-check.js';
import { HandlerContext } from './lanes/call.js';
import { Handlers } from './lanes/handlers.js';
import type { Observers } from './listeners.js';
import { listenerFailed } from './listeners.js';
import type { RealtimeOptions } from './options.js';

/** Takes the frames of the socket: messages go to the engine, every other event to its handlers. */
export class Incoming {
  readonly handlers: Handlers;
  private readonly check: FrameCheck | null;

  constructor(
    { validate, onWireMismatch }: Pick<RealtimeOptions, 'validate' | 'onWireMismatch'>,
    private readonly engine: Engine,
    observers: Observers,
  ) {
    this.handlers = new Handlers(
      (handlers) => engine.setHandlers(handlers),
      (type, error) => observers.report(listenerFailed(`handler of ${type}`, error)),
      (type, listening) => engine.setListening(type, listening),
    );
    const guarded =
      onWireMismatch &&
      ((mismatch: WireMismatch) => observers.guard('onWireMismatch', () => onWireMismatch(mismatch)));
    this.check = FrameCheck.from({ validate, onWireMismatch: guarded }, (error) => observers.report(error));
  }

  /** The hot path. */
  frame(frame: ServerFrame): void {
    this.check?.look(frame);
    if (frame.type === 'message.new') this.engine.message(frame);
    else this.otherEvent(frame);
  }

  helloOk(frame: ServerFrame): void {
    this.check?.look(frame);
  }

  /** Gives an event to its handlers, wherever it comes from. */
  emit(frame: ServerFrame, source: MessageSource): void {
    this.handlers.emit(frame, new HandlerContext(source, 1, false, false, this.engine.life));
  }

  private otherEvent(frame: ServerFrame): void {
    const problem = eventProblem(frame);
    if (problem !== null) this.engine.unusable.event(frame.type, problem);
    else if (this.engine.isNews(frame)) this.emit(frame, 'live');
  }
}

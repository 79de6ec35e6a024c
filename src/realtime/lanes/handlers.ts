import { framePayload, type ServerFrame } from '../../wire/index.js';
import type { EventContext, EventHandler, OtherEvent } from '../events.js';
import { callGuarded } from '../util/guarded.js';

/** A registration: the same function registered twice is two of them, with an `off` each. */
interface Registration {
  readonly handler: EventHandler;
}

/** The handlers of all event types, as `on(type, handler)` registered them. */
export class Handlers {
  private readonly byType = new Map<string, readonly Registration[]>();

  /**
   * `onMessageHandlers` is told whenever those of `message.new` change; `onListening` when a type gets its first or loses
   * its last.
   */
  constructor(
    private readonly onMessageHandlers: (handlers: readonly EventHandler<'message.new'>[]) => void,
    private readonly onFailure: (type: string, error: unknown) => void,
    private readonly onListening: (type: string, listening: boolean) => void = () => {},
  ) {}

  /** Returns its `off`, which may be called any number of times. */
  add(type: string, handler: EventHandler): () => void {
    const registration: Registration = { handler };
    this.set(type, [...this.of(type), registration]);
    return () => {
      const rest = this.of(type).filter((other) => other !== registration);
      if (rest.length < this.of(type).length) this.set(type, rest);
    };
  }

  /** Events other than messages: no order, no retry, nobody waits. Unknown types pass through. */
  emit(frame: ServerFrame, context: EventContext): void {
    const registrations = this.byType.get(frame.type);
    if (registrations === undefined) return;
    const event: OtherEvent = { ...frame, type: frame.type, payload: framePayload(frame) ?? {} };
    for (const { handler } of registrations) {
      callGuarded(
        () => handler(event, context),
        (error) => this.onFailure(frame.type, error),
      );
    }
  }

  private of(type: string): readonly Registration[] {
    return this.byType.get(type) ?? [];
  }

  private set(type: string, registrations: readonly Registration[]): void {
    const listened = this.byType.has(type);
    const listening = registrations.length > 0;
    if (listening) this.byType.set(type, registrations);
    else this.byType.delete(type);
    if (listening !== listened) this.onListening(type, listening);
    if (type === 'message.new') this.onMessageHandlers(registrations.map(({ handler }) => handler));
  }
}

import { DEFAULT_BOUNDS } from '../../../src/realtime/bounds.js';
import type { Bounds, EventContext, EventHandler, MessageEvent } from '../../../src/realtime/index.js';
import type { Claiming } from '../../../src/realtime/lanes/claimed-call.js';
import { Consumers } from '../../../src/realtime/lanes/consumers.js';
import type { LaneOptions } from '../../../src/realtime/lanes/lane.js';
import { Lanes } from '../../../src/realtime/lanes/lanes.js';
import { type Inflow, TimeSlice } from '../../../src/realtime/lanes/time-slice.js';
import type { Arrival } from '../../../src/realtime/order/arrival.js';
import { Busy, Conversation } from '../../../src/realtime/order/conversation.js';
import { Lives } from '../../../src/realtime/util/life.js';
import { VirtualClock } from '../../support/virtual-clock.js';

/** A handler's call that the test ends. */
export interface Call {
  readonly id: string;
  readonly context: EventContext;
  done(): void;
  fail(error?: unknown): void;
}

class SteadyClock extends VirtualClock {
  override random(): number {
    return 0.5;
  }
}

type Options = Partial<Omit<LaneOptions, 'bounds' | 'clock'>> & {
  bounds?: Partial<Bounds>;
  claiming?: (slice: TimeSlice) => Claiming;
  canPark?: () => boolean;
};

/** Nothing comes in by itself. */
export const NO_SOCKET: Inflow = { pauseReading: () => {}, resumeReading: () => {} };

/** The lanes alone: what goes in is given by hand, and what comes out is written down. */
export class LanesRig {
  readonly clock = new SteadyClock();
  readonly consumers: Consumers;
  readonly lanes: Lanes;
  /** `starts a1`, `handled a1`, `parked a1`, `failed a1`, ... in the order in which they happened. */
  readonly log: string[] = [];
  readonly calls: Call[] = [];
  readonly errors: {
    code: string;
    messageId: string;
    attempt: number;
    willRetry: boolean;
    cause: unknown;
  }[] = [];
  readonly rooms: string[] = [];
  private readonly conversations = new Map<string, Busy>();

  constructor(options: Options = {}) {
    const { bounds, claiming, canPark = () => true, ...rest } = options;
    const slice = new TimeSlice(this.clock, () => this.lanes.pumpReady(), NO_SOCKET);
    const listener = { askingChanged() {}, onError() {} };
    this.consumers = new Consumers(this.clock, new Lives(), claiming?.(slice), listener, slice);
    this.lanes = new Lanes(
      {
        clock: this.clock,
        bounds: { ...DEFAULT_BOUNDS, ...bounds },
        handlerRetry: { retries: 3, minDelayMs: 500, maxDelayMs: 10_000 },
        onHandlerFailure: 'park',
        onDeadLetter: undefined,
        slowHandlerMs: 60_000,
        ...rest,
      },
      this.consumers,
      {
        isOwn: ({ message }) => message?.sender === 'me',
        handled: (_busy, { message }) => this.log.push(`handled ${message?.id}`),
        parked: (_busy, { message }) => {
          if (!canPark()) return false;
          this.log.push(`parked ${message?.id}`);
          return true;
        },
        dropped: () => {},
        room: ({ id }) => this.rooms.push(id),
        emptied: ({ id }) => this.log.push(`empty ${id}`),
      },
      {
        onHandlerError: ({ code, messageId, attempt, willRetry, cause }) =>
          this.errors.push({ code, messageId, attempt, willRetry, cause }),
      },
      slice,
      null,
    );
  }

  /** Registers handlers and opens the lanes, as `on()` does. */
  handlers(...handlers: EventHandler<'message.new'>[]): void {
    this.consumers.setHandlers(handlers);
    this.lanes.setOpen(handlers.length > 0);
  }

  /** Stops and restarts what takes messages with the lanes, as the engine does. */
  stop(): void {
    this.lanes.stop();
    this.consumers.beginStop();
  }

  restart(): void {
    this.lanes.restart();
    this.consumers.start();
  }

  /** A handler whose calls the test ends. */
  readonly manual: EventHandler<'message.new'> = ({ payload }, context) => {
    this.log.push(`starts ${payload.id}`);
    return new Promise<void>((resolve, reject) => {
      this.calls.push({
        id: payload.id,
        context,
        done: resolve,
        fail: (error = new Error('on purpose')) => reject(error),
      });
    });
  };

  /** The latest call for a message. */
  call(id: string): Call {
    const call = this.calls.findLast((other) => other.id === id);
    if (call === undefined) throw new Error(`no handler was called for ${id}: ${this.log.join(', ')}`);
    return call;
  }

  async finish(...ids: string[]): Promise<void> {
    for (const id of ids) {
      this.call(id).done();
      await this.clock.settle();
    }
  }

  busy(conversation: string): Busy {
    let busy = this.conversations.get(conversation);
    if (busy === undefined) {
      busy = new Busy(new Conversation(conversation));
      this.conversations.set(conversation, busy);
    }
    return busy;
  }

  /** Ids are `a1`, `b7`: the conversation and a number. */
  push(...ids: string[]): void {
    for (const id of ids) this.lanes.push(this.busy(id.charAt(0)), arrivalOf(id));
  }

  get started(): string[] {
    return this.log.filter((line) => line.startsWith('starts')).map((line) => line.slice(7));
  }

  get handled(): string[] {
    return this.log.filter((line) => line.startsWith('handled')).map((line) => line.slice(8));
  }
}

export function eventOf(id: string, sender = 'alice'): MessageEvent {
  const seq = Number(id.slice(1));
  const payload = {
    id,
    conversation_id: id.charAt(0),
    sender,
    client_msg_id: `c-${id}`,
    seq,
    type: 'text',
    content: { text: id },
    metadata: {},
    created_at: '2026-01-01T00:00:00.000Z',
  };
  return { type: 'message.new', payload } as unknown as MessageEvent;
}

export function arrivalOf(id: string, sender?: string): Arrival {
  const event = eventOf(id, sender);
  const { payload: message } = event;
  return { seq: message.seq, message, event, source: 'live', at: 0, standing: 'ordered', redelivered: false };
}

import { DEFAULT_BOUNDS, TIMING } from '../../../src/realtime/bounds.js';
import { messageEvent } from '../../../src/realtime/events.js';
import { type Counters, newCounters } from '../../../src/realtime/explain/counters.js';
import type {
  Bounds,
  EventHandler,
  GapFillWindow,
  MessageSource,
  SequenceGapInfo,
} from '../../../src/realtime/index.js';
import { Consumers } from '../../../src/realtime/lanes/consumers.js';
import { Lanes } from '../../../src/realtime/lanes/lanes.js';
import { TimeSlice } from '../../../src/realtime/lanes/time-slice.js';
import { NO_SEQ } from '../../../src/realtime/order/arrival.js';
import { Sequence } from '../../../src/realtime/order/conversation.js';
import { GapWindow } from '../../../src/realtime/order/gap-window.js';
import { Sequencer } from '../../../src/realtime/order/sequencer.js';
import type { FetchPurpose } from '../../../src/realtime/order/step.js';
import { Lives } from '../../../src/realtime/util/life.js';
import type { Message } from '../../../src/wire/index.js';
import { VirtualClock } from '../../support/virtual-clock.js';
import { NO_SOCKET } from '../lanes/lanes-rig.js';

/** Time in which chance says always the same: two runs of the same stream differ in nothing but the path they take. */
class SteadyClock extends VirtualClock {
  override random(): number {
    return 0.5;
  }
}

/** By which way messages enter: the fast path where it applies, past it, or through the machine always. */
export type Way = 'fast' | 'slow' | 'machine';

export interface SequencerRigOptions {
  way?: Way;
  bounds?: Partial<Bounds>;
  handler?: EventHandler<'message.new'>;
  retries?: number;
  gapWindow?: GapFillWindow;
  dedupCacheSize?: number;
  own?: (message: Message) => boolean;
  /** Whether the service takes acks. It does by default. */
  acks?: boolean;
}

/** The sequencer with its lanes, in virtual time, around a history that the test fills. */
export class SequencerRig {
  readonly clock = new SteadyClock();
  readonly counters: Counters = newCounters();
  readonly delivery: Lanes;
  readonly sequencer: Sequencer;
  readonly log: string[] = [];
  readonly acked: string[] = [];
  readonly reports: SequenceGapInfo[] = [];
  readonly errors: string[] = [];
  readonly parks: string[] = [];
  readonly fetches: string[] = [];
  readonly anchors: string[] = [];
  /** What history shows, by conversation. */
  readonly history = new Map<string, Message[]>();
  private readonly way: Way;

  constructor(options: SequencerRigOptions = {}) {
    const { clock, counters } = this;
    const bounds = { ...DEFAULT_BOUNDS, ...options.bounds };
    this.way = options.way ?? 'fast';
    const rig = this;
    this.sequencer = new Sequencer(
      {
        clock,
        bounds,
        gapWindow: new GapWindow(options.gapWindow ?? 2_000),
        gapGiveUpMs: 300_000,
        dedupCacheSize: options.dedupCacheSize ?? 2_048,
        inflow: NO_SOCKET,
      },
      counters,
      {
        get lanes() {
          return rig.delivery;
        },
        catchUp: {
          canFetch: true,
          drains: { draining: false },
          fetch: (id, after, purpose) => this.fetch(id, after, purpose),
          confirm: (id, seq) =>
            clock.setTimer(() => this.sequencer.tell(id, { kind: 'confirmed', seq, exists: false }), 50),
          look: (id, before) => this.anchors.push(`${id} look ${before}`),
          turnedAway: () => {},
          park: (id, seq, times) => this.parks.push(`${id} ${seq} ${times}`),
          parkStray: (arrival, times) => {
            this.parks.push(`${arrival.message?.id} beside ${times}`);
            clock.setTimer(() => this.sequencer.redeliverStray(arrival, times), 60_000);
          },
        },
        acknowledger: {
          hasStore: false,
          wanted: options.acks ?? true,
          acknowledge: (_conversationId, messageId) => this.acked.push(messageId),
          remember: () => {},
          load: () => {},
        },
        identity: { isEcho: (message) => options.own?.(message) === true, need: () => {} },
        observers: { onGap: (gap) => this.reports.push(gap), onError: ({ code }) => this.errors.push(code) },
      },
    );
    const slice = new TimeSlice(clock, () => this.delivery.pumpReady(), NO_SOCKET);
    const listener = { askingChanged() {}, onError() {} };
    const consumers = new Consumers(clock, new Lives(), undefined, listener, slice);
    this.delivery = new Lanes(
      {
        clock,
        bounds,
        handlerRetry: { retries: options.retries ?? 3, minDelayMs: 500, maxDelayMs: 10_000 },
        onHandlerFailure: 'park',
        onDeadLetter: undefined,
        slowHandlerMs: TIMING.slowHandler,
      },
      consumers,
      this.sequencer,
      { onHandlerError: ({ messageId }) => this.note(`failed ${messageId}`) },
      slice,
      null,
    );
    if (options.handler !== undefined) consumers.setHandlers([options.handler]);
    this.delivery.setOpen(true);
  }

  note(what: string): void {
    this.log.push(`${this.clock.now()} ${what}`);
  }

  /** A conversation of which everything up to `expected` has been handled. */
  anchor(conversationId: string, expected: number): void {
    const conversation = this.sequencer.conversations.obtain(conversationId);
    conversation.expected = expected;
    conversation.floor = expected;
  }

  /** The message as a fresh object, as every frame brings it. */
  arrives(message: Message, source: MessageSource = 'live', anchors = false): void {
    const { sequencer } = this;
    const event = { type: 'message.new' as const, payload: { ...message } };
    if (this.way === 'fast') {
      sequencer.accept(event, event.payload, source, anchors);
      return;
    }
    if (this.way === 'machine') {
      const conversation = sequencer.conversations.obtain(message.conversation_id);
      const busy = sequencer.conversations.busyOf(conversation);
      busy.sequence ??= new Sequence();
    }
    sequencer.arrive(sequencer.arrivalOf(event, event.payload, message.seq, source), anchors);
  }

  arrivesUnordered(message: Message): void {
    const event = messageEvent(message);
    this.sequencer.arriveUnordered(this.sequencer.arrivalOf(event, message, NO_SEQ, 'live'));
  }

  /** Where a conversation stands, and whether anything of it is still under way. */
  stands(conversationId: string): string {
    const conversation = this.sequencer.conversations.get(conversationId);
    if (conversation === undefined) return 'unknown';
    const { expected, floor, busy } = conversation;
    const outstanding = busy?.outstanding ?? null;
    const owed =
      outstanding === null
        ? ''
        : ` missing ${JSON.stringify(outstanding.given())} parked ${outstanding.parked.size}`;
    return `expects ${expected} from ${floor}${busy === null ? '' : ' busy'}${owed}`;
  }

  private fetch(id: string, after: number, purpose: FetchPurpose): void {
    this.fetches.push(`${id} ${after}`);
    this.clock.setTimer(() => {
      const rows = (this.history.get(id) ?? [])
        .filter(({ seq }) => seq > after)
        .slice(0, 200)
        .map((message) => {
          const event = { type: 'message.new' as const, payload: { ...message } };
          return this.sequencer.arrivalOf(event, event.payload, message.seq, 'fill');
        });
      this.sequencer.tell(id, { kind: 'page', purpose, after, rows });
    }, 50);
  }
}

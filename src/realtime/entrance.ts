import type { Clock } from '../clock/index.js';
import {
  framePayload,
  isMessageLike,
  type Message,
  messageProblem,
  readSeq,
  type ServerFrame,
  withSender,
} from '../wire/index.js';
import type { CatchUp } from './catchup/catchup.js';
import type { MessageEvent, MessageSource } from './events.js';
import type { Counters } from './explain/counters.js';
import type { Identity } from './identity.js';
import type { Consumers } from './lanes/consumers.js';
import { NO_SEQ } from './order/arrival.js';
import type { Sequencer } from './order/sequencer.js';
import { readDate } from './read-date.js';
import type { Unusable } from './unusable.js';

export interface EntranceParts {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly unusable: Unusable;
  readonly identity: Identity;
  readonly consumers: Consumers;
  readonly sequencer: Sequencer;
  /** Null without a REST source. */
  readonly recovery: CatchUp | null;
  readonly deliverOwn: boolean;
}

/** Where messages come in that were not asked for: those of the socket, and what the service stored for our own sends. */
export class Entrance {
  private sessionWallTime = 0;

  constructor(private readonly parts: EntranceParts) {}

  sessionStarted(): void {
    this.sessionWallTime = this.parts.clock.wallNow();
  }

  /** A `message.new` frame from the socket. The hot path. */
  message(frame: ServerFrame): void {
    const { counters, unusable, recovery, consumers, sequencer } = this.parts;
    const raw = framePayload(frame);
    counters.received += 1;
    if (!isMessageLike(raw)) {
      unusable.message(raw, messageProblem(raw) ?? 'unknown');
      return;
    }
    const payload = withSender(raw);
    recovery?.deafness.brought(payload);
    const event =
      frame.payload === payload
        ? (frame as unknown as MessageEvent)
        : { type: 'message.new' as const, payload };
    if (!consumers.present) consumers.noticeAbsence();
    const seq = readSeq(payload.seq);
    const source = this.sourceOf(payload);
    if (seq !== undefined) sequencer.accept(event, payload, source);
    else {
      // Some system messages have no seq. One that is no seq (-1, 1.5, "7") is treated the same: delivered, by id.
      sequencer.arriveUnordered(sequencer.arrivalOf(event, payload, NO_SEQ, source));
    }
  }

  /** GAP-5: what the service stored for a send of ours. */
  sent(message: Message): void {
    if (!isMessageLike(message)) return;
    const { clock, identity, sequencer, deliverOwn } = this.parts;
    identity.learnFromSend(message);
    const seq = readSeq(message.seq);
    if (seq === undefined) return;
    if (!deliverOwn) sequencer.consumed(message.conversation_id, seq);
    else {
      // ORD-1: perhaps a handler is sending, and its source tells of it at once: it must have returned before the next.
      const event = { type: 'message.new' as const, payload: message };
      clock.defer(() => sequencer.accept(event, message, 'live'));
    }
  }

  /** Only a pushed message can be backlog: it has a delivery cursor, or is older than the session. */
  private sourceOf(message: Message): MessageSource {
    if (typeof message.delivery_id === 'string') return 'backlog';
    if (this.parts.recovery?.drain.draining !== true) return 'live';
    return readDate(message.created_at) < this.sessionWallTime ? 'backlog' : 'live';
  }
}

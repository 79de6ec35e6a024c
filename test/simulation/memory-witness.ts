import { type Bounds, DEFAULT_BOUNDS, type Totals } from '../../src/realtime/index.js';
import type { Facts } from './facts.js';
import type { Schedule } from './schedule.js';

/** Watches that nothing grows beyond the bounds that were asked for. */
export class MemoryWitness {
  private readonly bounds: Bounds;

  constructor(
    private readonly facts: Facts,
    private readonly schedule: Schedule,
  ) {
    this.bounds = { ...DEFAULT_BOUNDS, ...schedule.bounds };
  }

  check(totals: Totals): void {
    const { bounds } = this;
    const { conversations, acks } = this.schedule;
    // Without acks a lane takes as many once more of what would never come again.
    const extra = acks === 'ack' ? 0 : bounds.lane;
    this.within('ORD-1', 'slots taken', totals.slotsTaken, bounds.concurrency);
    // A conversation without a position keeps one message, which says where it may begin.
    this.within('GAP-4', 'messages held', totals.held, bounds.holdTotal + conversations);
    this.within('GAP-4', 'held in one conversation', totals.heldMost, bounds.holdPerConversation);
    this.within('BP-1', 'waiting in one lane', totals.waitingMost, bounds.lane + extra);
    this.within('BP-1', 'waiting in all lanes', totals.waiting, bounds.laneTotal + extra * conversations);
    this.within('GAP-3', 'missing ranges', totals.missing, bounds.missing);
    this.within('HND-1', 'parked messages', totals.parked, bounds.parked);
    this.within('ACK-1', 'acks that wait for a session', totals.pendingAcks, bounds.pendingAcks);
    this.within('ACK-1', 'acks that wait for the store', totals.unsavedAcks, bounds.unsavedAcks);
    this.within('ORD-2', 'idle conversations', totals.idleConversations, bounds.idleConversations);
  }

  private within(rule: string, what: string, size: number, bound: number): void {
    if (size < 0 || size > bound) this.facts.object(rule, `${what}: ${size}, bound ${bound}`);
  }
}

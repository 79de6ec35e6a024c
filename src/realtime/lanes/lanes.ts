import type { MessageEvent, MessageSource } from '../events.js';
import type { Arrival } from '../order/arrival.js';
import type { Tenancy } from '../replicas/tenancy.js';
import { Fifo, LazySet } from '../util/collections.js';
import { Life } from '../util/life.js';
import { type Call, HandlerContext } from './call.js';
import type { Consumers } from './consumers.js';
import { Lane, type LaneListener, type LaneOptions, type LaneOwner, type LaneSurroundings } from './lane.js';
import { type MessageAtWork, Slots } from './slots.js';
import type { TimeSlice } from './time-slice.js';

/**
 * The lanes. Handlers of one conversation run strictly one after the other, different conversations concurrently up
 * to `bounds.concurrency` (ORD-1). A handler that returns no promise is done when it returns: no promise, no slot.
 */
export class Lanes implements LaneSurroundings {
  readonly slots: Slots;
  readonly ready = new Fifo<Lane>();
  readonly backingOff = new Set<Lane>();
  readonly gathering = new LazySet<Lane>();
  waitingTotal = 0;
  life = new Life();
  private intake: 'closed' | 'open' | 'stopped' = 'closed';
  private pumpingReady = false;
  private offeringRoom = false;
  /** Conversations without a lane that were turned away because all lanes together were full, first come first served. */
  private readonly waitingForRoom = new LazySet<LaneOwner>();

  constructor(
    readonly options: LaneOptions,
    readonly consumers: Consumers,
    readonly listener: LaneListener,
    readonly errors: LaneSurroundings['errors'],
    private readonly slice: TimeSlice,
    /** Null without replicas. */
    private readonly tenancy: Tenancy | null,
  ) {
    const { clock, slowHandlerMs } = options;
    this.slots = new Slots(clock, slowHandlerMs, () => this.pumpReady(), slice);
  }

  get flowing(): boolean {
    return this.intake === 'open' && !this.full && !this.slice.isOver;
  }

  /** A message may be given to its handlers as it comes: nothing has to wait for others of its batch. */
  get immediate(): boolean {
    return this.flowing && this.consumers.batching === null;
  }

  /** As many handlers are at work as may be. */
  get full(): boolean {
    return this.slots.taken >= this.options.bounds.concurrency;
  }

  get stopped(): boolean {
    return this.intake === 'stopped';
  }

  /** While closed (nobody takes them, identity unknown) messages wait in their lanes, unacknowledged. */
  setOpen(open: boolean): void {
    if (this.stopped) return;
    this.intake = open ? 'open' : 'closed';
    this.pumpReady();
  }

  /** STOP-1: starts nothing any more. What runs may finish. */
  stop(): void {
    this.intake = 'stopped';
    for (const lane of [...this.backingOff]) lane.endBackoff();
    for (const lane of [...this.gathering]) lane.endGathering();
  }

  /** Ends what `stop` began: handlers still at work see their signal aborted. Returns what they are at. */
  abandon(): readonly MessageAtWork[] {
    const { atWork } = this.slots;
    // A loop gives its message back.
    this.life.end();
    this.slots.abandon();
    return atWork;
  }

  /** A new life after `stop`: lanes go on where they stood, once opened. */
  restart(): void {
    if (!this.stopped) return;
    this.life = new Life();
    this.intake = 'closed';
  }

  /** Puts a message into its lane, or straight into its handlers' hands when the lane is empty. */
  push(owner: LaneOwner, arrival: Arrival): void {
    this.laneOf(owner).push(arrival);
  }

  /**
   * The fast path: an idle conversation's next message, given to its handlers at once. Returns null when all of them
   * are done with it already. Otherwise the caller makes the conversation busy and calls `adopt`.
   */
  runNow(event: MessageEvent, source: MessageSource): Call | null {
    const life = this.lifeOf(event.payload.conversation_id);
    const context = new HandlerContext(source, 1, false, false, life);
    return this.consumers.give(this.consumers.handlers, event, context);
  }

  /** In which handlers of the conversation work. */
  lifeOf(conversationId: string): Life {
    return this.tenancy === null ? this.life : this.tenancy.lifeOf(conversationId);
  }

  /** REP-3: a message of a conversation that is not ours, or is leaving us, does not begin. */
  mayBegin(conversationId: string): boolean {
    return this.tenancy === null || this.tenancy.owns(conversationId);
  }

  /** REP-6: resolves when no handler is at work in a conversation that fits. */
  async whenQuiet(fits: (conversationId: string) => boolean): Promise<void> {
    while (this.slots.atWork.some(({ conversationId }) => fits(conversationId)))
      await this.slots.nextRelease();
  }

  adopt(owner: LaneOwner, arrival: Arrival, call: Call): void {
    this.laneOf(owner).adopt(arrival, call);
  }

  private laneOf(owner: LaneOwner): Lane {
    owner.lane ??= new Lane(owner, this);
    return owner.lane;
  }

  drop(lane: Lane): void {
    const { owner } = lane;
    owner.lane = null;
    // There was room in this lane, and none in all of them together.
    if (lane.owesRoom) this.waitingForRoom.add(owner);
    this.listener.emptied(owner);
  }

  goOn(lane: Lane): void {
    // BP-2: handlers that wait for nothing but each other come here from microtasks, without a turn in between.
    this.slice.look();
    if (this.ready.size > 0 && lane.waiting > 0 && !lane.pumping) this.ready.push(lane);
    else lane.pump();
    this.pumpReady();
  }

  /** Never inside itself: handlers that throw at once would pile up one lane on the other. */
  pumpReady(): void {
    if (this.pumpingReady) return;
    this.pumpingReady = true;
    while (this.flowing) {
      const lane = this.ready.shift();
      if (lane === undefined) break;
      if (lane.state === 'ready') lane.pump();
    }
    this.pumpingReady = false;
    this.offerRoom();
  }

  /** How many messages a conversation's lane can still take (BP-1). */
  roomOf(owner: LaneOwner | null): number {
    const { lane, laneTotal } = this.options.bounds;
    const room = Math.min(lane - (owner?.lane?.waiting ?? 0), laneTotal - this.waitingTotal);
    // ORD-1: lanes that are stuck must not close the way to handlers that are free. What is taken at once never waits.
    return owner?.lane == null && this.immediate ? Math.max(room, 1) : room;
  }

  /** Tells `room` when the conversation's lane can take something. Returns false when it can at once. */
  askForRoom(owner: LaneOwner): boolean {
    if (owner.lane !== null) owner.lane.owesRoom = true;
    else if (this.roomOf(owner) > 0) return false;
    else this.waitingForRoom.add(owner);
    return true;
  }

  /** The conversation waits for nothing any more. */
  stopAsking(owner: LaneOwner): void {
    this.waitingForRoom.delete(owner);
  }

  /** All lanes together have room again, or handlers are free. Never inside itself, and each is asked once a time. */
  offerRoom(): void {
    if (this.offeringRoom || this.waitingForRoom.size === 0) return;
    this.offeringRoom = true;
    let left = this.waitingForRoom.size;
    for (const owner of this.waitingForRoom) {
      const isTight = this.waitingTotal * 2 > this.options.bounds.laneTotal;
      // BP-2: the turn of the loop offers what is left.
      if (left === 0 || this.slice.isOver || (isTight && !this.flowing)) break;
      left -= 1;
      this.waitingForRoom.delete(owner);
      this.listener.room(owner);
    }
    this.offeringRoom = false;
  }
}

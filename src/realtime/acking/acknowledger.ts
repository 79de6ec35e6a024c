import type { Clock } from '../../clock/index.js';
import type { CursorStore } from '../../stores/index.js';
import { readSeq } from '../../wire/index.js';
import type { Bounds } from '../bounds.js';
import type { Counters } from '../explain/counters.js';
import type { ErrorListener } from '../listeners.js';
import { type Busy, UNANCHORED } from '../order/conversation.js';
import type { AcksForOrder } from '../order/neighbours.js';
import type { ParkedMessage } from '../order/outstanding.js';
import type { Sequencer } from '../order/sequencer.js';
import type { Tenancy } from '../replicas/tenancy.js';
import type { Lives } from '../util/life.js';
import type { CursorAcks } from './cursor-acks.js';
import { FrameAcks, type FrameWriter } from './frame-acks.js';
import { Keeper, type Saved } from './keeper.js';
import { cursorOf, restore } from './stored.js';
import { Unsaved } from './unsaved.js';

export interface AcknowledgerNeighbours {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly observers: ErrorListener;
  readonly lives: Lives;
  readonly order: Sequencer;
  /** Null without replicas. */
  readonly tenancy: Tenancy | null;
  readonly catchUp: {
    /** Null without a REST source. */
    readonly cursorAcks: CursorAcks | null;
    /** Fetches a parked message again, if it can be fetched. */
    park(conversationId: string, seq: number, times: number, event: null): void;
  };
}

/** Decides when and by which way a handled message is acknowledged, and what the store is told. */
export class Acknowledger implements AcksForOrder, Saved {
  readonly frameAcks: FrameAcks;
  /** Null without a store. */
  private readonly keeper: Keeper | null;
  /** STOP-3: REST is not asked any more, so what falls due goes by frame. */
  private byFrameOnly = false;
  /** The store has been asked what is unfinished. */
  private asked = false;

  /** `storeLives` last longer than the client's: what was handled before a refusal is still to be saved. */
  constructor(
    socket: FrameWriter,
    store: CursorStore | undefined,
    private readonly bounds: Bounds,
    storeLives: Lives,
    private readonly neighbours: AcknowledgerNeighbours,
  ) {
    const { clock, counters, observers } = neighbours;
    const { idleConversations, pendingAcks, unsavedAcks } = bounds;
    this.frameAcks = new FrameAcks(clock, pendingAcks, counters, socket);
    const unsaved = new Unsaved(Math.max(idleConversations, unsavedAcks), unsavedAcks);
    this.keeper = store === undefined ? null : new Keeper(clock, store, unsaved, observers, storeLives, this);
  }

  get hasStore(): boolean {
    return this.keeper !== null;
  }

  get wanted(): boolean {
    return this.frameAcks.wanted;
  }

  /** Acknowledgements that wait for a session. */
  get pending(): number {
    return this.frameAcks.pending;
  }

  get unsaved(): number {
    return this.keeper?.pending ?? 0;
  }

  resume(): void {
    // REP-4: a cursor would cover the rows of other replicas.
    this.byFrameOnly = this.neighbours.tenancy !== null;
    this.keeper?.resume();
    this.neighbours.catchUp.cursorAcks?.resume();
  }

  /** STOP-1: resolves when what is owed is saved and sent. */
  async flush(): Promise<void> {
    await this.flushFrames();
    await this.neighbours.catchUp.cursorAcks?.flush();
  }

  /** STOP-3: the client has stopped, and handlers that it left behind may still end. */
  linger(): void {
    this.byFrameOnly = true;
  }

  /** STOP-3: resolves when what those handlers owe is saved and sent. */
  async flushFrames(): Promise<void> {
    await this.keeper?.flush();
    this.frameAcks.flush();
  }

  /** REP-6: resolves when what is handled in these conversations is saved, and its acknowledgement is written. */
  async flushOf(fits: (conversationId: string) => boolean): Promise<void> {
    await this.keeper?.flushOf(fits);
    this.frameAcks.flush();
  }

  /** REP-3: these conversations are not ours any more. */
  forget(fits: (conversationId: string) => boolean): void {
    this.keeper?.forget(fits);
  }

  remember(busy: Busy): void {
    this.keeper?.keep(cursorOf(busy.conversation));
  }

  /** Where an earlier process stopped. What it had parked is fetched again. */
  async load(conversationId: string): Promise<void> {
    const { order, lives } = this.neighbours;
    const life = lives.current;
    const asking = order.conversations.get(conversationId);
    const cursor = (await this.keeper?.load(conversationId)) ?? null;
    if (cursor === null && life.ended) return;
    // REP-5: it went to another replica meanwhile, and may have come back: what was read is old.
    if (order.conversations.get(conversationId) !== asking) return;
    this.refetchLater(conversationId, restore(order, conversationId, cursor));
  }

  /**
   * HND-1: conversations that owe something are known from the first session on: nothing else reminds us of one that
   * stays silent. Asked once, or again in the next session when the client stopped before the store had answered; with
   * replicas, whenever partitions have been taken.
   */
  async loadUnfinished(): Promise<void> {
    const { order, tenancy } = this.neighbours;
    const { missing, parked } = this.bounds;
    if (this.keeper === null || (this.asked && tenancy === null)) return;
    this.asked = true;
    const cursors = await this.keeper.unfinished(missing + parked);
    this.asked = cursors !== null;
    for (const cursor of cursors ?? []) {
      const { conversationId, expected } = cursor;
      if (tenancy !== null) {
        // REP-5: the list may have been read while another replica had it. What is true now is asked.
        if (tenancy.owns(conversationId) && order.awaitStored(conversationId)) void this.load(conversationId);
        continue;
      }
      // One that is known already has asked the store itself.
      if (readSeq(expected) === undefined || !order.awaitStored(conversationId)) continue;
      this.refetchLater(conversationId, restore(order, conversationId, cursor));
    }
  }

  private refetchLater(conversationId: string, parked: readonly ParkedMessage[]): void {
    for (const { seq, times } of parked) this.neighbours.catchUp.park(conversationId, seq, times, null);
  }

  /** ACK-1: with a store, persist, then acknowledge. */
  acknowledge(conversationId: string, messageId: string, isEcho: boolean): void {
    const { keeper } = this;
    const conversation =
      keeper === null ? undefined : this.neighbours.order.conversations.get(conversationId);
    if (keeper === null || conversation === undefined || conversation.expected === UNANCHORED) {
      this.saved(conversationId, messageId, isEcho);
    } else {
      keeper.keep(cursorOf(conversation), [messageId, isEcho]);
    }
  }

  /**
   * ACK-2: a drained row by the REST cursor, unless an unhandled one stands before it; everything else by frame. No
   * frame overtakes the cursor within a conversation: what that has not brought to the service yet goes before it.
   */
  saved(conversationId: string, messageId: string, isEcho: boolean): void {
    const { frameAcks } = this;
    const { cursorAcks } = this.neighbours.catchUp;
    const answer = cursorAcks?.ledger.handled(messageId) ?? 'unknown';
    if (!frameAcks.wanted) return;
    const unconfirmed = cursorAcks?.unconfirmed;
    const byCursor = answer === 'covered' && !this.byFrameOnly;
    if (byCursor && unconfirmed?.add(conversationId, messageId)) return;
    // Nobody is waiting for the acknowledgement of our own echo.
    if (answer === 'unknown' && isEcho) return;
    for (const id of unconfirmed?.take(conversationId) ?? []) frameAcks.add(id);
    frameAcks.add(messageId);
  }
}

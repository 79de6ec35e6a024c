import type { Message } from '../../wire/index.js';
import { type Busy, UNANCHORED } from '../order/conversation.js';
import type { ParkedMessage } from '../order/debts.js';
import type { Sequencer } from '../order/sequencer.js';
import type { Life } from '../util/life.js';
import type { CursorAcks } from './cursor-acks.js';
import type { FrameAcks } from './frame-acks.js';
import type { Keeper } from './keeper.js';
import { cursorOf, restore, wake } from './stored.js';

/** Fetches parked messages again. */
export interface ParkedSchedule {
  schedulePark(conversationId: string, seq: number, times: number): void;
}

export interface AcknowledgerParts {
  readonly sequencer: Sequencer;
  readonly frameAcks: FrameAcks;
  /** Null without a REST source. */
  readonly cursorAcks: CursorAcks | null;
  /** Null without a store. */
  readonly keeper: Keeper | null;
  /** Null without a REST source. */
  readonly parked: ParkedSchedule | null;
  /** Conversations that may owe something, at most. */
  readonly mostUnfinished: number;
  isOwn(message: Message): boolean;
}

/** Decides when and by which way a handled message is acknowledged, and what the store is told. */
export class Acknowledger {
  private unfinished: 'unasked' | 'asked' | 'known' = 'unasked';

  constructor(private readonly parts: AcknowledgerParts) {}

  /** ACK-1: with a store, persist, then acknowledge. */
  acknowledge(conversationId: string, message: Message): void {
    const { keeper, sequencer } = this.parts;
    if (keeper === null) {
      this.now(message);
      return;
    }
    const conversation = sequencer.conversations.get(conversationId);
    if (conversation === undefined || conversation.expected === UNANCHORED) this.now(message);
    else {
      const cursor = cursorOf(conversationId, conversation);
      keeper.keepAndAcknowledge(cursor, message.id, () => this.now(message));
    }
  }

  /** What a conversation owes has changed: the cursor has passed a message that is parked (HND-1), or one is owed no more. */
  remember(busy: Busy): void {
    this.parts.keeper?.keep(cursorOf(busy.id, busy.conversation));
  }

  /** Where an earlier process stopped. What it had parked is fetched again. */
  async load(conversationId: string, life: Life): Promise<void> {
    const { keeper, sequencer } = this.parts;
    const cursor = (await keeper?.load(conversationId)) ?? null;
    if (cursor === null && life.ended) return;
    this.refetchLater(conversationId, restore(sequencer, conversationId, cursor));
  }

  /**
   * HND-1: conversations that owe something are known from the first session on: nothing else reminds us of one that
   * stays silent. Asked once, or again in the next session when the client stopped before the store had answered.
   */
  async loadUnfinished(): Promise<void> {
    const { keeper, sequencer, mostUnfinished } = this.parts;
    if (keeper === null || this.unfinished !== 'unasked') return;
    this.unfinished = 'asked';
    const cursors = await keeper.unfinished(mostUnfinished);
    this.unfinished = cursors === null ? 'unasked' : 'known';
    for (const cursor of cursors ?? []) this.refetchLater(cursor.conversationId, wake(sequencer, cursor));
  }

  private refetchLater(conversationId: string, parked: readonly ParkedMessage[]): void {
    for (const { seq, times } of parked) this.parts.parked?.schedulePark(conversationId, seq, times);
  }

  /**
   * ACK-2: a drained row by the cursor, unless an unhandled one stands before it; everything else by frame. Within a
   * conversation no frame overtakes the cursor: rows that it covers and the service has not confirmed yet go first.
   */
  private now(message: Message): void {
    const { frameAcks, cursorAcks } = this.parts;
    const answer = cursorAcks?.handled(message.id) ?? 'unknown';
    if (!frameAcks.wanted) return;
    const unconfirmed = cursorAcks?.unconfirmed;
    if (answer === 'covered' && unconfirmed?.add(message.conversation_id, message.id)) return;
    // Nobody is waiting for the acknowledgement of our own echo.
    if (answer === 'unknown' && this.parts.isOwn(message)) return;
    for (const id of unconfirmed?.take(message.conversation_id) ?? []) frameAcks.add(id);
    frameAcks.add(message.id);
  }
}

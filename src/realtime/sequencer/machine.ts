import { TIMING } from '../bounds.js';
import type { GapReason, SeqRange } from '../events.js';
import type { Arrival } from './arrival.js';
import { type Busy, type Conversation, handledCursor, UNANCHORED } from './conversation.js';
import type { Sequence, SequenceEffect, SequenceEvent, Surroundings } from './sequence.js';

/**
 * The ordering of one busy conversation: `(state, event, surroundings) -> effects`. No I/O, no timers, no promises,
 * no throw. The state is the conversation's record with its `Sequence`, changed in place and by nothing else.
 *
 * An event only writes facts down; `decide` then derives everything that follows from the facts. There is no event
 * that "cannot happen here".
 */
export function step(
  conversation: Conversation,
  busy: Busy,
  sequence: Sequence,
  event: SequenceEvent,
  around: Surroundings,
): SequenceEffect[] {
  const turn = new Turn(conversation, busy, sequence, around);
  turn.note(event);
  turn.decide();
  return turn.effects;
}

class Turn {
  readonly effects: SequenceEffect[] = [];
  private room: number;
  private timerAt = 0;
  private readonly heldBefore: number;

  constructor(
    private readonly conversation: Conversation,
    private readonly busy: Busy,
    private readonly sequence: Sequence,
    private readonly around: Surroundings,
  ) {
    this.room = around.laneRoom;
    this.heldBefore = sequence.hold.size;
  }

  /** Writes down what an event says. */
  note(event: SequenceEvent): void {
    const { sequence, conversation } = this;
    switch (event.kind) {
      case 'arrived':
        this.arrived(event.arrival, event.anchors);
        break;
      case 'known':
        this.noteKnown(event.seq);
        break;
      case 'loaded':
        if (conversation.expected !== UNANCHORED) break;
        if (sequence.anchoring?.step === 'store') sequence.anchoring = null;
        if (event.expected !== null) this.anchorAt(event.expected, event.floor);
        break;
      case 'drain-ended':
        // The ten seconds of patience are over for everyone who waited for it.
        if (sequence.anchoring?.step === 'drain') this.look(this.around.now);
        break;
      case 'looked':
        if (conversation.expected === UNANCHORED && sequence.anchoring?.step === 'look')
          this.looked(event.failed);
        break;
      case 'timer':
        sequence.timerAt = 0;
        break;
      case 'page':
        this.page(event.after, event.rows);
        break;
      case 'fetch-failed':
        sequence.fetching = false;
        if (event.final) {
          // The answer was about the gap that was asked about: another one has its own time to close by itself.
          if (sequence.gap?.asked) this.giveUp('gap_fill_failed');
        } else {
          this.backOff(event.retryAfterMs);
        }
        break;
      case 'confirmed':
        this.confirmed(event.seq, event.exists);
        break;
      case 'room':
        break;
    }
  }

  // -- facts --------------------------------------------------------------------------------------------------

  private arrived(arrival: Arrival, anchors: boolean): void {
    const { conversation, sequence } = this;
    const { seq } = arrival;
    if (conversation.expected === UNANCHORED) {
      // ORD-3. Nothing can be older than seq 1; a drain row in ack mode is the oldest that is undelivered.
      if (anchors || seq <= 1) sequence.mayStartAt = Math.min(seq, sequence.mayStartAt ?? seq);
      this.hold(arrival);
    } else if (seq < conversation.expected) {
      this.below(arrival);
    } else if (this.isAbsurd(seq)) {
      this.suspect(arrival);
    } else {
      this.hold(arrival);
    }
  }

  private hold(arrival: Arrival): void {
    const { hold, known } = this.sequence;
    if (arrival.seq > known) this.sequence.known = arrival.seq;
    if (!hold.has(arrival.seq)) hold.add(arrival);
  }

  /** An arrival below the place that the conversation has reached. */
  private below(arrival: Arrival): void {
    const { conversation, busy } = this;
    const { seq } = arrival;
    const debts = busy.debts;
    if (arrival.event === null) {
      // Our own send: it is not missing any more, and there is nothing to handle.
      if (debts?.isMissing(seq)) this.effects.push({ kind: 'deliver', arrival });
      return;
    }
    if (debts?.lateInLane.has(seq)) return;
    if (debts?.parked.has(seq)) {
      // It comes back on its own schedule, and stays unacknowledged until then (HND-1).
      return;
    }
    if (seq < conversation.floor || debts?.isMissing(seq)) {
      arrival.standing = 'late';
      this.effects.push({ kind: 'deliver', arrival });
    } else if (seq <= handledCursor(conversation)) {
      this.effects.push({ kind: 'duplicate', arrival });
    }
    // Otherwise it is in the lane: it will be acknowledged when its handlers are done.
  }

  private noteKnown(seq: number): void {
    const { conversation, sequence, around } = this;
    if (conversation.expected !== UNANCHORED && seq - conversation.expected > around.absurdSeqDistance)
      return;
    if (seq > sequence.known) sequence.known = seq;
  }

  /** GAP-2: a seq that is absurdly far away is believed only when history knows it. */
  private suspect(arrival: Arrival): void {
    const { sequence, around } = this;
    if (sequence.suspects.has(arrival.seq)) return;
    if (!around.canFetch || sequence.suspects.size >= SUSPECTS_AT_ONCE) {
      this.deliverStray(arrival);
      return;
    }
    sequence.suspects.set(arrival.seq, arrival);
    this.effects.push({ kind: 'confirm', seq: arrival.seq });
  }

  private confirmed(seq: number, exists: boolean): void {
    const { sequence, conversation } = this;
    const arrival = sequence.suspects.get(seq);
    if (arrival === undefined) return;
    sequence.suspects.delete(seq);
    // The conversation may have come near meanwhile, or have passed it.
    if (seq < conversation.expected) this.below(arrival);
    else if (exists || !this.isAbsurd(seq)) this.hold(arrival);
    else this.deliverStray(arrival);
  }

  private isAbsurd(seq: number): boolean {
    const { conversation, sequence, around } = this;
    return seq - conversation.expected > around.absurdSeqDistance && seq > sequence.known;
  }

  /** By itself, reported, and moving nothing. */
  private deliverStray(arrival: Arrival): void {
    arrival.standing = 'stray';
    this.effects.push({ kind: 'deliver', arrival });
    const { expected } = this.conversation;
    this.effects.push({
      kind: 'gap-closed',
      gap: {
        since: arrival.at,
        from: expected,
        through: arrival.seq - 1,
        buffered: arrival.seq,
        asked: true,
      },
      reason: this.around.canFetch ? 'gap_fill_failed' : 'gap_fill_unavailable',
      missing: [],
    });
  }

  private page(after: number, rows: readonly Arrival[]): void {
    const { conversation, sequence } = this;
    sequence.fetching = false;
    if (conversation.expected === UNANCHORED) return;
    const waiting = new Set(sequence.hold.values());
    let read = after;
    for (const arrival of rows) {
      if (arrival.seq < conversation.expected) {
        this.below(arrival);
        read = Math.max(read, arrival.seq);
        continue;
      }
      // Above what anybody has named, history is believed only as far as it has no break: a message that is being
      // written may still be invisible while a later one is not.
      if (arrival.seq > sequence.known && arrival.seq !== Math.max(read, conversation.expected - 1) + 1)
        break;
      read = Math.max(read, arrival.seq);
      if (!sequence.hold.has(arrival.seq)) sequence.hold.add(arrival);
      if (arrival.seq > sequence.known) sequence.known = arrival.seq;
    }
    const { end, settledAt } = this.believable(read, waiting);
    if (end < read) {
      // Too early to call it a hole. Take what precedes it, and ask again when the gap has settled.
      sequence.covered = Math.max(sequence.covered, end);
      sequence.retryAt = settledAt;
      return;
    }
    if (read > sequence.covered && read >= conversation.expected) {
      sequence.covered = read;
      sequence.failingSince = null;
      sequence.fruitless = 0;
      sequence.retryAt = 0;
    } else {
      // Lag: history does not show yet what we know to exist.
      this.backOff(0);
    }
  }

  /**
   * How far a page that was read through `read` may be believed. What it leaves out is a hole only if, when it was asked
   * for, something above had been waiting long enough: what is being written then may still be invisible.
   */
  private believable(read: number, waiting: ReadonlySet<Arrival>): { end: number; settledAt: number } {
    const { gap, hold, covered, askedAt } = this.sequence;
    const held = [...hold.values()].sort((a, b) => a.seq - b.seq);
    /** Since when something above has been waiting, for each place in `held`. */
    const waitedSince: number[] = new Array(held.length).fill(this.around.now);
    for (let i = held.length - 1, since = this.around.now; i >= 0; i -= 1) {
      const arrival = held[i];
      if (arrival !== undefined && waiting.has(arrival)) since = Math.min(since, arrival.at);
      waitedSince[i] = since;
    }
    let next = Math.max(this.conversation.expected, covered + 1);
    for (const [i, { seq }] of held.entries()) {
      if (seq > read) break;
      if (seq > next) {
        const gapSince = gap !== null && next <= gap.through ? gap.since : this.around.now;
        const settledAt = Math.min(waitedSince[i] ?? gapSince, gapSince) + TIMING.holeSettle;
        if (askedAt < settledAt) return { end: next - 1, settledAt };
      }
      next = Math.max(next, seq + 1);
    }
    return { end: read, settledAt: 0 };
  }

  private backOff(retryAfterMs: number): void {
    const { sequence, around } = this;
    const exponential = TIMING.fillBackoffMin * 2 ** Math.min(sequence.fruitless, 10);
    const pause = Math.min(exponential, TIMING.fillBackoffMax) * (0.75 + around.random / 2);
    sequence.fruitless += 1;
    sequence.failingSince ??= sequence.askedAt;
    // A server's `Retry-After` is never undercut.
    sequence.retryAt = around.now + Math.max(pause, retryAfterMs);
  }

  private anchorAt(expected: number, floor: number): void {
    const { conversation, sequence, busy } = this;
    conversation.expected = expected;
    conversation.floor = floor;
    busy.handled = expected - 1;
    sequence.anchoring = null;
    const believed = expected + this.around.absurdSeqDistance;
    if (sequence.known > believed) sequence.known = -1;
    for (const arrival of [...sequence.hold.values()]) {
      if (arrival.seq < expected) {
        sequence.hold.take(arrival.seq);
        this.below(arrival);
      } else if (arrival.seq > believed) {
        sequence.hold.take(arrival.seq);
        this.suspect(arrival);
      } else if (arrival.seq > sequence.known) {
        sequence.known = arrival.seq;
      }
    }
  }

  private looked(failed: boolean): void {
    const { hold, anchoring } = this.sequence;
    const lowest = hold.lowestMessage();
    if (anchoring !== null && !failed && lowest !== undefined && lowest.seq >= anchoring.before) {
      // What has arrived since is not the oldest that the look was about: look behind that one too.
      this.look(anchoring.since);
    } else {
      this.start(failed);
    }
  }

  /** ORD-3: begin at the lowest that was found. */
  private start(blind: boolean): void {
    const lowest = this.sequence.hold.lowestMessage();
    this.sequence.anchoring = null;
    if (lowest === undefined) {
      // Only REST, or sends of our own, had named this conversation, and nothing of ours was found: forget it.
      this.sequence.known = -1;
      for (const { seq } of [...this.sequence.hold.values()]) this.sequence.hold.take(seq);
      return;
    }
    this.anchorAt(lowest.seq, lowest.seq);
    if (!blind) return;
    this.effects.push({ kind: 'started-blind', expected: lowest.seq });
    // What a later answer shows is delivered late.
    this.effects.push({ kind: 'anchor', step: 'look', before: lowest.seq + 1 });
  }

  private look(since: number): void {
    const lowest = this.sequence.hold.lowestMessage();
    // The one that we know of is read too: a history that does not show it yet is no answer about older ones.
    const before = (lowest?.seq ?? this.sequence.known) + 1;
    this.sequence.anchoring = { step: 'look', since, before };
    this.effects.push({ kind: 'anchor', step: 'look', before });
  }

  // -- what follows from the facts ------------------------------------------------------------------------------

  decide(): void {
    this.sequence.waitsForRoom = false;
    if (this.conversation.expected === UNANCHORED) this.decideAnchoring();
    if (this.conversation.expected !== UNANCHORED) this.decideFlow();
    this.relieve();
    if (this.timerAt !== this.sequence.timerAt) {
      this.sequence.timerAt = this.timerAt;
      this.effects.push({ kind: 'timer', at: this.timerAt });
    }
  }

  private decideAnchoring(): void {
    const { sequence, around } = this;
    const { anchoring } = sequence;
    if (anchoring === null) {
      if (sequence.known < 0) return;
      if (around.hasStore && !sequence.storeAsked) {
        sequence.storeAsked = true;
        sequence.anchoring = { step: 'store', since: around.now, before: 0 };
        this.effects.push({ kind: 'anchor', step: 'store', before: 0 });
        return;
      }
    }
    if (anchoring?.step !== 'store' && sequence.mayStartAt !== null) {
      const lowest = sequence.hold.lowestMessage();
      const at = lowest === undefined ? sequence.mayStartAt : Math.min(sequence.mayStartAt, lowest.seq);
      this.anchorAt(at, at);
      return;
    }
    if (anchoring === null) {
      if (!around.canFetch) {
        // Nobody to ask: the first message that is seen is the first there is.
        this.start(false);
        return;
      }
      if (around.draining) {
        sequence.anchoring = { step: 'drain', since: around.now, before: 0 };
        this.timerAt = around.now + TIMING.drainPatience;
      } else {
        this.look(this.around.now);
        this.timerAt = around.now + TIMING.lookPatience;
      }
      return;
    }
    if (anchoring.step === 'drain') {
      if (!around.draining || around.now >= anchoring.since + TIMING.drainPatience) {
        this.look(this.around.now);
        this.timerAt = around.now + TIMING.lookPatience;
      } else {
        this.timerAt = anchoring.since + TIMING.drainPatience;
      }
      return;
    }
    // A store is waited for, however long: to begin without it could repeat what was handled, or skip what was not.
    if (anchoring.step === 'store') return;
    const due = anchoring.since + TIMING.lookPatience;
    if (around.now < due) this.timerAt = due;
    else this.start(true);
  }

  /**
   * GAP-4: when the hold is full the service is the buffer. The lowest seqs are the ones worth keeping. A conversation
   * without a position keeps the one that says where it may begin.
   */
  private relieve(): void {
    const { sequence, around, conversation } = this;
    const { hold } = sequence;
    const anchored = conversation.expected !== UNANCHORED;
    const most = Math.min(around.holdPerConversation, this.heldBefore + Math.max(around.holdRoom, 0));
    while (hold.size > Math.max(most, anchored ? 0 : 1)) {
      const { size } = hold;
      if (anchored && !around.canFetch) {
        // Without history nothing that is shed could come back: deliver what there is and say so.
        this.giveUp('buffer_overflow');
        this.decideFlow();
        if (hold.size < size) continue;
      }
      const highest = hold.highest();
      if (highest === undefined) return;
      hold.take(highest.seq);
      // What history showed is not at hand any more, and no hole.
      sequence.covered = Math.min(sequence.covered, highest.seq - 1);
      this.effects.push({ kind: 'shed', arrival: highest });
    }
  }

  private decideFlow(): void {
    const { conversation, sequence, around } = this;
    for (;;) {
      this.flush();
      this.closeGapIfPassed();
      if (sequence.hold.has(conversation.expected)) {
        sequence.waitsForRoom = true;
        return;
      }
      if (conversation.expected > sequence.known) return; // nothing is missing
      this.openGap();
      const { gap } = sequence;
      if (gap === null || sequence.fetching) return;
      if (this.room <= 0) {
        // BP-1: fetched when the lane can take it.
        sequence.waitsForRoom = true;
        return;
      }
      const windowEnd = gap.since + around.gapWindowMs;
      if (!gap.asked && around.now < windowEnd) {
        this.timerAt = windowEnd;
        return;
      }
      if (!around.canFetch) {
        this.giveUp('gap_fill_unavailable');
        continue;
      }
      if (!gap.asked && around.draining && around.now < gap.since + TIMING.drainPatience) {
        this.timerAt = gap.since + TIMING.drainPatience;
        return;
      }
      if (around.now < sequence.retryAt) {
        const giveUpAt = (sequence.failingSince ?? around.now) + around.gapGiveUpMs;
        if (around.now < giveUpAt) {
          this.timerAt = Math.min(sequence.retryAt, giveUpAt);
          return;
        }
        this.giveUp('gap_fill_failed');
        continue;
      }
      gap.asked = true;
      sequence.fetching = true;
      sequence.askedAt = around.now;
      this.effects.push({ kind: 'fetch', after: Math.max(conversation.expected - 1, sequence.covered) });
      return;
    }
  }

  /** Delivers what stands next, as far as the lane has room, and steps over holes. */
  private flush(): void {
    const { conversation, sequence } = this;
    for (;;) {
      const next = sequence.hold.get(conversation.expected);
      if (next !== undefined) {
        if (next.event !== null && this.room <= 0) return;
        sequence.hold.take(next.seq);
        conversation.expected += 1;
        if (next.event !== null) this.room -= 1;
        this.effects.push({ kind: 'deliver', arrival: next });
        this.closeGapIfPassed();
      } else if (conversation.expected <= sequence.covered) {
        const lowest = sequence.hold.lowest();
        const end = lowest === undefined ? sequence.covered : Math.min(sequence.covered, lowest.seq - 1);
        const range = { from: conversation.expected, to: end };
        conversation.expected = end + 1;
        this.effects.push({ kind: 'missing', range, hole: true });
        this.closeGapIfPassed();
      } else {
        return;
      }
    }
  }

  private openGap(): void {
    const { conversation, sequence, around } = this;
    const lowest = sequence.hold.lowest();
    const through = lowest === undefined ? sequence.known : lowest.seq - 1;
    if (sequence.gap !== null) {
      if (through < sequence.gap.through) sequence.gap.through = through;
      return;
    }
    sequence.gap = {
      since: lowest?.at ?? around.now,
      from: conversation.expected,
      through,
      buffered: lowest?.seq ?? null,
      asked: sequence.covered >= conversation.expected,
    };
    this.effects.push({ kind: 'gap-opened' });
  }

  private closeGapIfPassed(): void {
    const { gap } = this.sequence;
    if (gap === null || this.conversation.expected <= gap.through) return;
    this.sequence.failingSince = null;
    this.closeGap(gap, gap.asked ? 'gap_filled' : null, []);
  }

  private closeGap(gap: NonNullable<Sequence['gap']>, reason: GapReason | null, missing: SeqRange[]): void {
    this.sequence.gap = null;
    this.sequence.fruitless = 0;
    this.effects.push({ kind: 'gap-closed', gap, reason, missing });
  }

  /** GAP-3: goes on behind the gap, and says exactly what is missing. */
  private giveUp(reason: GapReason): void {
    const { conversation, sequence } = this;
    if (conversation.expected === UNANCHORED) return;
    this.flush();
    this.closeGapIfPassed();
    if (conversation.expected > sequence.known || sequence.hold.has(conversation.expected)) return;
    this.openGap();
    const { gap } = sequence;
    if (gap === null) return;
    const range = { from: conversation.expected, to: gap.through };
    conversation.expected = gap.through + 1;
    sequence.retryAt = 0;
    this.effects.push({ kind: 'missing', range, hole: false });
    this.closeGap(gap, reason, [range]);
  }
}

/** Far-off seqs that are looked up at the same time in one conversation; more than that is noise. */
const SUSPECTS_AT_ONCE = 8;

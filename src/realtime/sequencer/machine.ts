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

  constructor(
    private readonly conversation: Conversation,
    private readonly busy: Busy,
    private readonly sequence: Sequence,
    private readonly around: Surroundings,
  ) {
    this.room = around.laneRoom;
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
          this.giveUp('gap_fill_failed');
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
    const { conversation, sequence, around } = this;
    const { seq } = arrival;
    if (conversation.expected === UNANCHORED) {
      // ORD-3. Nothing can be older than seq 1; a drain row in ack mode is the oldest that is undelivered.
      if (anchors || seq <= 1) sequence.mayStartAt = Math.min(seq, sequence.mayStartAt ?? seq);
      this.hold(arrival);
    } else if (seq < conversation.expected) {
      this.below(arrival);
    } else if (seq - conversation.expected > around.absurdSeqDistance && seq > sequence.known) {
      this.suspect(arrival);
    } else {
      this.hold(arrival);
    }
  }

  /** GAP-4: when the hold is full the service is the buffer. The lowest seqs are the ones worth keeping. */
  private hold(arrival: Arrival): void {
    const { sequence, around, conversation } = this;
    const { hold } = sequence;
    if (arrival.seq > sequence.known) sequence.known = arrival.seq;
    if (hold.has(arrival.seq)) return;
    const next = arrival.seq === conversation.expected && this.room > 0;
    if (next || (hold.size < around.holdPerConversation && around.holdRoom > 0)) {
      hold.add(arrival);
      return;
    }
    const highest = hold.highest();
    if (highest === undefined || highest.seq < arrival.seq) {
      this.effects.push({ kind: 'shed', arrival });
    } else {
      hold.take(highest.seq);
      this.effects.push({ kind: 'shed', arrival: highest });
      hold.add(arrival);
    }
    // Without history nothing that is shed could come back: deliver what there is and say so.
    if (!around.canFetch && conversation.expected !== UNANCHORED) this.giveUp('buffer_overflow');
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
    const arrival = this.sequence.suspects.get(seq);
    if (arrival === undefined) return;
    this.sequence.suspects.delete(seq);
    if (!exists) this.deliverStray(arrival);
    else if (seq < this.conversation.expected) this.below(arrival);
    else this.hold(arrival);
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
    const waiting = [...sequence.hold.values()];
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
  private believable(read: number, waiting: readonly Arrival[]): { end: number; settledAt: number } {
    const { conversation, sequence } = this;
    const { gap, hold, covered, askedAt } = sequence;
    for (let seq = conversation.expected; seq <= read; seq += 1) {
      if (hold.has(seq) || seq <= covered) continue;
      // Without a gap nothing is asked for now; it opens, and asks again, when the lane has taken what precedes it.
      let since = gap !== null && seq <= gap.through ? gap.since : this.around.now;
      for (const { seq: above, at } of waiting) if (above > seq && at < since) since = at;
      const settledAt = since + TIMING.holeSettle;
      if (askedAt < settledAt) return { end: seq - 1, settledAt };
    }
    return { end: read, settledAt: 0 };
  }

  private backOff(retryAfterMs: number): void {
    const { sequence, around } = this;
    const exponential = TIMING.fillBackoffMin * 2 ** Math.min(sequence.fruitless, 10);
    const pause = Math.min(exponential, TIMING.fillBackoffMax) * (0.75 + around.random / 2);
    sequence.fruitless += 1;
    // A server's `Retry-After` is never undercut.
    sequence.retryAt = around.now + Math.max(pause, retryAfterMs);
  }

  private anchorAt(expected: number, floor: number): void {
    const { conversation, sequence, busy } = this;
    conversation.expected = expected;
    conversation.floor = floor;
    busy.handled = expected - 1;
    sequence.anchoring = null;
    for (const arrival of [...sequence.hold.values()]) {
      if (arrival.seq < expected) {
        sequence.hold.take(arrival.seq);
        this.below(arrival);
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
      // Only REST had named this conversation, and it showed nothing of ours: forget it.
      this.sequence.known = -1;
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
        if (around.now - gap.since < around.gapGiveUpMs) {
          this.timerAt = Math.min(sequence.retryAt, gap.since + around.gapGiveUpMs);
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

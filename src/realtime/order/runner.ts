import type { GapReason, SeqRange } from '../events.js';
import type { Counters } from '../explain/counters.js';
import type { Lanes } from '../lanes/lanes.js';
import type { Busy } from './conversation.js';
import type { DebtRegister } from './debts.js';
import { GapBook } from './gap-book.js';
import type { Handover } from './handover.js';
import { step } from './machine.js';
import { newGap, Sequence, type SequenceEffect, type SequenceEvent } from './sequence.js';
import type { SequencerOptions, SequencerPorts } from './sequencer-ports.js';

/** Runs the machine of each busy conversation: one event at a time, and carries out what it decides. */
export class MachineRunner {
  private readonly gaps: GapBook;
  /** Messages held, over all conversations. */
  private held = 0;
  /** Conversations that have a sequence. */
  private waiting = 0;
  private paused = false;

  constructor(
    private readonly options: SequencerOptions,
    private readonly delivery: Lanes,
    private readonly counters: Counters,
    private readonly debts: DebtRegister,
    private readonly ports: SequencerPorts,
    private readonly handover: Handover,
    /** Everything that followed from an event is done. */
    private readonly onDone: (busy: Busy) => void,
  ) {
    this.gaps = new GapBook(options.clock, options.gapWindow, counters, (gap) => ports.report(gap));
  }

  /** STOP-1: while paused no timer of a conversation runs. */
  pause(underWay: readonly Busy[]): void {
    this.paused = true;
    for (const busy of underWay) this.setTimer(busy, 0);
  }

  resume(underWay: readonly Busy[]): void {
    if (!this.paused) return;
    this.paused = false;
    for (const busy of underWay) this.dispatch(busy, { kind: 'resumed' });
  }

  /** Events that come while effects are being carried out wait their turn: the order of deliveries depends on it. */
  dispatch(busy: Busy, event: SequenceEvent): void {
    if (busy.backlog !== null) {
      busy.backlog.push(event);
      return;
    }
    busy.backlog = [event];
    this.unwind(busy);
  }

  unwind(busy: Busy): void {
    for (let event = busy.backlog?.shift(); event !== undefined; event = busy.backlog?.shift()) {
      this.run(busy, event);
    }
    busy.backlog = null;
    this.onDone(busy);
  }

  private run(busy: Busy, event: SequenceEvent): void {
    const { conversation } = busy;
    const sequence = busy.sequence ?? this.begin(busy);
    if (event.kind === 'arrived') this.gaps.arrived(busy.id, event.arrival);
    if (busy.lane === null) busy.handled = conversation.expected - 1;
    const heldBefore = sequence.hold.size;
    const effects = step(conversation, busy, sequence, event, this.surroundings(busy));
    this.held += sequence.hold.size - heldBefore;
    for (const effect of effects) this.execute(busy, effect);
    if (!sequence.waitsForRoom) return;
    // Synchronous handlers may have emptied the lane meanwhile.
    if (!this.delivery.askForRoom(busy)) busy.backlog?.push({ kind: 'room' });
  }

  /** Conversations that wait are not free: each keeps what it waits with, and a timer. */
  get tooManyWait(): boolean {
    return this.waiting > this.options.bounds.waitingConversations;
  }

  begin(busy: Busy): Sequence {
    busy.sequence = new Sequence();
    this.waiting += 1;
    return busy.sequence;
  }

  /** Nothing is under way any more, or shall be. What is still held is dropped. */
  end(busy: Busy): void {
    const { sequence } = busy;
    if (sequence === null) return;
    this.setTimer(busy, 0);
    this.held -= sequence.hold.size;
    this.waiting -= 1;
    busy.sequence = null;
  }

  private surroundings(busy: Busy) {
    const { clock, bounds, gapGiveUpMs } = this.options;
    const now = clock.now();
    return {
      now,
      gapWindowMs: this.gaps.windowOf(busy.id),
      gapGiveUpMs,
      draining: this.ports.isDraining(),
      canFetch: this.ports.canFetch,
      hasStore: this.ports.hasStore,
      laneRoom: this.delivery.roomOf(busy),
      holdRoom: bounds.holdTotal - this.held,
      holdPerConversation: bounds.holdPerConversation,
      absurdSeqDistance: bounds.absurdSeqDistance,
      random: clock.random(),
    };
  }

  private execute(busy: Busy, effect: SequenceEffect): void {
    switch (effect.kind) {
      case 'deliver':
        this.handover.deliver(busy, effect.arrival);
        break;
      case 'duplicate':
        this.handover.duplicate(busy, effect.arrival);
        break;
      case 'shed':
        this.counters.shed += 1;
        break;
      case 'shed-late':
        this.counters.shed += 1;
        this.debts.addShed(busy, { from: effect.arrival.seq, to: effect.arrival.seq });
        break;
      case 'shed-stray':
        this.handover.shedStray(effect.arrival);
        break;
      case 'timer':
        this.setTimer(busy, effect.at);
        break;
      case 'fetch':
        this.gaps.asked(busy.id, busy.sequence?.gap ?? null);
        this.ports.fetchPage(busy.id, effect.after);
        break;
      case 'refetch':
        this.ports.refetch(busy.id, effect.after);
        break;
      case 'confirm':
        this.ports.confirm(busy.id, effect.seq);
        break;
      case 'anchor':
        this.ports.anchor(busy.id, effect.step, effect.before);
        break;
      case 'missing': {
        const size = effect.range.to - effect.range.from + 1;
        if (effect.hole) this.counters.holes += size;
        else this.counters.missing += size;
        this.debts.addMissing(busy, { ...effect.range, hole: effect.hole });
        break;
      }
      case 'gap-opened':
        this.gaps.opened(busy.id, effect.gap);
        break;
      case 'gap-closed':
        this.gaps.closed(busy.id, effect);
        break;
      case 'started-blind':
        this.gaps.startedBlind(busy.id, effect.expected);
        break;
    }
  }

  /** GAP-3: what will not be asked for again is named. */
  lost(busy: Busy, range: SeqRange, reason: GapReason): void {
    const since = this.options.clock.now();
    const gap = newGap({ since, from: range.from, through: range.to, buffered: null, asked: true });
    this.gaps.closed(busy.id, { kind: 'gap-closed', gap, reason, missing: [range] });
  }

  private setTimer(busy: Busy, at: number): void {
    const { clock } = this.options;
    clock.clearTimer(busy.timer);
    busy.timer = null;
    if (at === 0 || this.paused) return;
    const fire = () => {
      busy.timer = null;
      if (busy.sequence !== null) this.dispatch(busy, { kind: 'timer' });
    };
    busy.timer = clock.setTimer(fire, at - clock.now(), 'background');
  }
}

import type { Arrival } from '../../../src/realtime/order/arrival.js';
import { UNANCHORED } from '../../../src/realtime/order/conversation.js';
import type { OrderEffect } from '../../../src/realtime/order/step.js';
import type { Dice } from './dice.js';
import { MachineRig, shown } from './machine-rig.js';
import { ModelHistory, type Sent } from './model-history.js';
import { ModelLane } from './model-lane.js';

const GIVE_UP_MS = 300_000;

/**
 * One conversation of a small model service around the bare machine: frames that are dropped, doubled and late, a
 * history that lags, fails and is slow, a lane whose handlers take their time, a store, looks and drains. Everything
 * follows from the dice. What must hold is checked after every step; `finish` checks what must be true in the end.
 */
export class MachineWorld {
  readonly rig: MachineRig;
  readonly trace: string[] = [];
  private readonly history: ModelHistory;
  private readonly lane: ModelLane;
  private readonly queue: { at: number; order: number; run: () => void }[] = [];
  private order = 0;
  private fetches = 0;
  private refetches = 0;
  private confirms = 0;
  /** Late ones that found no room: none of them may be lost (BP-1). */
  readonly shedLate = new Set<number>();
  /** What was told as missing (GAP-3). */
  private readonly named = new Set<number>();
  private asksStore = false;
  private looks = 0;
  private calm = false;
  private outageUntil = 0;
  private forbiddenUntil = 0;
  /** What an earlier life had handled. */
  private readonly startsAt: number;
  private readonly pageSize: number;
  private readonly holdTotal: number;
  private readonly slow: number;
  private readonly ackMode: boolean;

  constructor(private readonly dice: Dice) {
    this.pageSize = dice.pick(1, 2, 5, 200);
    this.holdTotal = dice.pick(2, 20, 10_000);
    this.slow = dice.pick(0, 0, 5, 400);
    this.ackMode = dice.chance(0.5);
    const count = dice.int(1, 60);
    this.startsAt = dice.chance(0.6) ? 1 : dice.int(1, Math.ceil(count / 2));
    const anchored = dice.chance(0.5);
    this.rig = new MachineRig({
      ...(anchored ? { expected: this.startsAt, floor: this.startsAt } : {}),
      around: {
        gapWindowMs: dice.pick(0, 50, 2_000),
        gapGiveUpMs: GIVE_UP_MS,
        holdPerConversation: dice.pick(1, 3, 20, 500),
        hasStore: !anchored && dice.chance(0.4),
        canFetch: dice.chance(0.9),
        absurdSeqDistance: dice.pick(15, 100_000, 100_000),
        draining: !anchored && dice.chance(0.5),
      },
    });
    const { rig } = this;
    this.lane = new ModelLane({
      rig,
      size: dice.pick(1, 2, 8, 256),
      after: (ms, run) => this.at(rig.now + ms, run),
      duration: () => (this.calm ? 1 : this.slow === 400 && dice.chance(0.02) ? 600_000 : this.slow),
      giveRoom: () => this.tell('room', () => rig.tell({ kind: 'room' })),
    });
    this.history = new ModelHistory(dice, rig.now, count);
    this.planFrames();
    this.planTrouble();
  }

  /** Runs everything; throws what does not hold. */
  run(): void {
    const end = this.rig.now + 24 * 3_600_000;
    while (this.nextEvent()) if (this.rig.now > end) throw new Error('it never comes to rest');
    this.becomeCalm();
    while (this.nextEvent()) if (this.rig.now > 2 * end) throw new Error('it never comes to rest when calm');
    this.finish();
  }

  // -- the plan -----------------------------------------------------------------------------------------------

  private planFrames(): void {
    const { dice } = this;
    const drops = dice.pick(0, 0.1, 0.5, 0.9);
    for (const sent of this.history.sent) {
      if (sent.hole || sent.seq < this.startsAt) continue;
      const at = sent.createdAt;
      if (sent.own) this.at(at + dice.int(0, 3_000), () => this.arrive(sent, 'consumed'));
      if (dice.chance(drops)) continue;
      for (let copies = dice.chance(0.2) ? 2 : 1; copies > 0; copies -= 1) {
        this.at(at + dice.int(0, dice.pick(0, 50, 5_000)), () => this.arrive(sent, 'live'));
      }
    }
  }

  private planTrouble(): void {
    const { dice, rig } = this;
    const last = this.history.lastAt;
    const moment = () => dice.int(rig.now, last + 10_000);
    if (dice.chance(0.3)) {
      const minutes = dice.pick(0.05, 1, 8);
      this.at(moment(), () => {
        this.outageUntil = rig.now + minutes * 60_000;
      });
    }
    if (dice.chance(0.1)) {
      this.at(moment(), () => {
        this.forbiddenUntil = rig.now + 3_000;
      });
    }
    if (dice.chance(0.3)) this.at(moment(), () => this.nameNewest());
    if (dice.chance(0.3)) {
      this.at(moment(), () => {
        rig.around.draining = true;
      });
    }
    this.at(last + dice.pick(0, 3_000, 30_000), () => {
      rig.around.draining = false;
      this.tell('drain-ended', () => rig.tell({ kind: 'drain-ended' }));
    });
    if (dice.chance(0.2)) {
      const absurd = this.rig.arrival(5_000_000 + dice.int(0, 9));
      this.at(moment(), () => this.tell('absurd', () => this.tellArrived(absurd, false)));
    }
  }

  private becomeCalm(): void {
    this.calm = true;
    // REST names the newest seq: no later one betrays a lost last message.
    for (let round = 0; round < 6; round += 1) {
      this.at(this.rig.now + 2_000 + round * 2 * GIVE_UP_MS, () => this.nameNewest());
    }
  }

  private nameNewest(): void {
    // What is absurdly far above is not believed.
    const most = Math.max(this.rig.conversation.expected, 0) + this.rig.around.absurdSeqDistance;
    const newest = this.history.newest(this.rig.now, most);
    if (newest >= this.startsAt)
      this.tell(`known ${newest}`, () => this.rig.tell({ kind: 'known', seq: newest }));
  }

  // -- what happens ---------------------------------------------------------------------------------------------

  private at(at: number, run: () => void): void {
    this.order += 1;
    this.queue.push({ at: Math.max(at, this.rig.now), order: this.order, run });
  }

  private nextEvent(): boolean {
    const { rig, queue } = this;
    queue.sort((a, b) => a.at - b.at || a.order - b.order);
    const next = queue[0];
    const timerAt = rig.sequence.timerAt;
    if (timerAt > 0 && (next === undefined || timerAt <= next.at)) {
      rig.now = Math.max(rig.now, timerAt);
      this.tell('timer', () => rig.tell({ kind: 'timer' }));
      return true;
    }
    if (next === undefined) return false;
    queue.shift();
    rig.now = next.at;
    next.run();
    return true;
  }

  private arrive(sent: Sent, how: 'live' | 'drain' | 'look' | 'consumed', anchors = false): void {
    const arrival = { ...this.rig.arrival(sent.seq, { source: how === 'drain' ? 'drain' : 'live' }) };
    const shown = how === 'consumed' ? { ...arrival, message: null, event: null } : arrival;
    // A consumed slot does not make an unknown conversation known (GAP-5).
    if (how === 'consumed' && this.rig.conversation.expected === UNANCHORED) return;
    this.tell(`${how} ${sent.seq}`, () => this.tellArrived(shown, anchors));
  }

  private tellArrived(arrival: Arrival, anchors: boolean): OrderEffect[] {
    return this.rig.tell({ kind: 'arrived', arrival, anchors });
  }

  private tell(what: string, event: () => OrderEffect[]): void {
    const { rig } = this;
    rig.around.laneRoom = this.lane.room;
    rig.around.holdRoom = this.holdTotal - rig.sequence.hold.size;
    rig.around.random = this.dice.next();
    const effects = event();
    this.trace.push(`${rig.now - 1_000_000} ${what} -> ${effects.map(shown).join(', ')}`);
    for (const effect of effects) this.execute(effect, effects);
    if (rig.sequence.waitsForRoom) this.lane.askForRoom();
    this.checkStep();
  }

  private execute(effect: OrderEffect, effects: readonly OrderEffect[]): void {
    const { rig } = this;
    switch (effect.kind) {
      case 'deliver':
        this.lane.deliver(effect.arrival);
        break;
      case 'duplicate':
        if (!this.lane.handled.has(effect.arrival.seq) && effect.arrival.seq >= this.startsAt) {
          throw new Error(`ACK-1: ${effect.arrival.seq} is acknowledged and was never handled`);
        }
        break;
      case 'missing':
        if (effect.hole) this.history.checkHole(effect.range);
        else for (let { from } = effect.range; from <= effect.range.to; from += 1) this.named.add(from);
        break;
      case 'gap-closed':
        if (effect.reason === 'gap_filled') {
          const { from, through } = effect.gap;
          this.history.checkRecovered({ from, to: through }, this.lane.taken);
        }
        break;
      case 'fetch':
        if (effect.purpose === 'gap') this.fetch(effect.after);
        else this.refetch(effect.after);
        break;
      case 'confirm':
        this.confirm(effect.seq);
        break;
      case 'anchor':
        if (effect.step === 'store') this.askStore();
        else this.look(effect.before);
        break;
      case 'shed':
        if (effect.from !== 'late') break;
        if (rig.around.laneRoom > 0 && effects.every(({ kind }) => kind !== 'deliver'))
          throw new Error('BP-1: shed although there is room');
        this.shedLate.add(effect.arrival.seq);
        break;
      case 'timer':
      case 'gap-opened':
      case 'started-blind':
        break;
    }
  }

  // -- REST and the store -----------------------------------------------------------------------------------------

  private answerAfter(): { snapshot: number; answer: number } {
    const latency = this.dice.pick(0, 5, 100, 4_000);
    const snapshot = this.rig.now + this.dice.int(0, latency);
    return { snapshot, answer: this.rig.now + latency };
  }

  private fetch(after: number): void {
    const { rig, dice } = this;
    if (!rig.around.canFetch) throw new Error('a fetch without a source');
    if (this.fetches > 0) throw new Error('GAP-2: two fetches at once');
    if (rig.around.laneRoom <= 0) throw new Error('BP-1: a fetch without room');
    this.fetches += 1;
    const { snapshot, answer } = this.answerAfter();
    this.at(snapshot, () => {
      const page = this.history
        .visible(rig.now)
        .filter(({ seq }) => seq > after)
        .slice(0, this.pageSize);
      const final = rig.now < this.forbiddenUntil;
      const fails = !this.calm && (rig.now < this.outageUntil || dice.chance(0.05));
      const retryAfterMs = dice.pick(0, 0, 20_000);
      this.at(answer, () => {
        this.fetches -= 1;
        if (final || fails) this.tell(`fails ${final}`, () => rig.fails({ final, retryAfterMs }));
        else {
          const rows = page.map((sent) => this.rowOf(sent));
          const seqs = page.map(({ seq, malformed }) => `${seq}${malformed ? '!' : ''}`).join(' ');
          this.tell(`page after ${after}: ${seqs}`, () =>
            rig.tell({ kind: 'page', purpose: 'gap', after, rows }),
          );
        }
      });
    });
  }

  /** BP-1: history is asked for what was shed. */
  private refetch(after: number): void {
    const { rig, dice } = this;
    if (!rig.around.canFetch) throw new Error('a refetch without a source');
    if (this.refetches > 0) throw new Error('BP-1: two refetches at once');
    if (rig.around.laneRoom <= 0) throw new Error('BP-1: a refetch without room');
    this.refetches += 1;
    const { snapshot, answer } = this.answerAfter();
    this.at(snapshot, () => {
      const visible = this.history.visible(rig.now).filter(({ seq }) => seq > after);
      const page = visible.slice(0, this.pageSize);
      const final = rig.now < this.forbiddenUntil;
      const fails = !this.calm && (rig.now < this.outageUntil || dice.chance(0.05));
      this.at(answer, () => {
        this.refetches -= 1;
        if (final || fails) {
          const event = {
            kind: 'fetch-failed' as const,
            purpose: 'shed' as const,
            final,
            retryAfterMs: dice.pick(0, 20_000),
          };
          this.tell(`refetch fails ${final}`, () => rig.tell(event));
          return;
        }
        const rows = page.map((sent) => this.rowOf(sent));
        const seqs = page.map(({ seq }) => seq).join(' ');
        this.tell(`refetched after ${after}: ${seqs}`, () =>
          rig.tell({ kind: 'page', purpose: 'shed', after, rows }),
        );
      });
    });
  }

  private rowOf({ seq, malformed }: Sent): Arrival {
    const arrival = this.rig.arrival(seq, { source: 'fill' });
    return malformed ? { ...arrival, message: null, event: null, standing: 'unusable' } : arrival;
  }

  private confirm(seq: number): void {
    this.confirms += 1;
    const { snapshot, answer } = this.answerAfter();
    this.at(snapshot, () => {
      const fails = this.rig.now < this.outageUntil;
      const exists = !fails && this.history.visible(this.rig.now).some((sent) => sent.seq === seq);
      this.at(answer, () => {
        this.confirms -= 1;
        this.tell(`confirmed ${seq} ${exists}`, () => this.rig.tell({ kind: 'confirmed', seq, exists }));
      });
    });
  }

  private askStore(): void {
    this.asksStore = true;
    const knows = this.dice.chance(0.5) && this.startsAt > 1;
    this.at(this.rig.now + this.dice.pick(0, 100, 8_000), () => {
      this.asksStore = false;
      const expected = knows ? this.startsAt : null;
      this.tell(`loaded ${expected}`, () => this.rig.tell({ kind: 'loaded', expected, floor: 1 }));
    });
  }

  /** In ack mode the rows of the undelivered queue, without it those of history: what is ours and older. */
  private look(before: number): void {
    this.looks += 1;
    const { snapshot, answer } = this.answerAfter();
    const failed = this.dice.chance(0.2);
    this.at(Math.min(snapshot, answer), () => {
      const seen = this.ackMode ? this.history.sent : this.history.visible(this.rig.now);
      const rows = seen.filter(({ seq, createdAt, hole, own }) => {
        if (hole || createdAt > this.rig.now || seq < this.startsAt || this.lane.handled.has(seq))
          return false;
        return this.ackMode ? !own : seq < before;
      });
      this.at(answer, () => {
        if (!failed) for (const row of rows) this.arrive(row, this.ackMode ? 'drain' : 'look', this.ackMode);
        this.looks -= 1;
        this.tell(`looked, failed ${failed}`, () => this.rig.tell({ kind: 'looked', failed }));
      });
    });
  }

  // -- what must hold -----------------------------------------------------------------------------------------------

  private checkStep(): void {
    const { rig } = this;
    const { sequence, around } = rig;
    const { size } = sequence.hold;
    const most = Math.min(around.holdPerConversation, this.holdTotal);
    if (size > Math.max(most, rig.conversation.expected === UNANCHORED ? 1 : 0))
      throw new Error(`GAP-4: ${size} are held, ${most} may be`);
    const { expected } = rig.conversation;
    const { late } = sequence;
    const busy =
      sequence.known >= Math.max(expected, 0) || size > 0 || sequence.gap !== null || late !== null;
    if (late?.asking.underWay && this.refetches === 0)
      throw new Error('waits for a refetch that nobody makes');
    if (late !== null && !late.asking.underWay && sequence.timerAt === 0 && !sequence.waitsForRoom)
      throw new Error('BP-1: what was shed is forgotten');
    const somebodyCallsBack =
      sequence.timerAt > 0 ||
      (sequence.asking.underWay && this.fetches > 0) ||
      late?.asking.underWay === true ||
      sequence.waitsForRoom ||
      (sequence.anchoring?.step === 'store' && this.asksStore) ||
      (sequence.anchoring?.step === 'look' && this.looks > 0);
    if (busy && !somebodyCallsBack) throw new Error('nobody will ever call back');
    if (sequence.farOff.size > this.confirms) throw new Error('a far-off seq that nobody is asked about');
    if (sequence.asking.underWay && this.fetches === 0)
      throw new Error('waits for a page that nobody fetches');
  }

  private finish(): void {
    const { rig } = this;
    const { expected, floor } = rig.conversation;
    if (!this.lane.empty) throw new Error('the lane never became empty');
    if (rig.sequence.hold.size > 0) throw new Error(`${rig.sequence.hold.size} stay held for ever`);
    if (expected === UNANCHORED) {
      if (this.lane.taken.size > this.lane.strays.size) throw new Error('delivered without a position');
      return;
    }
    for (const seq of this.shedLate) {
      if (this.lane.handled.has(seq) || this.named.has(seq)) continue;
      throw new Error(`BP-1: ${seq} came late, was shed, and is lost`);
    }
    const given = rig.busy.outstanding?.given() ?? [];
    for (const { seq, hole, own } of this.history.sent) {
      if (hole || own || seq < Math.max(floor, this.startsAt) || this.lane.handled.has(seq)) continue;
      if (given.some(({ from, to }) => seq >= from && seq <= to)) continue;
      throw new Error(`${seq} was neither handled nor named missing`);
    }
  }
}

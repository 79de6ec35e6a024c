import { type MessageSource, messageEvent } from '../../../src/realtime/events.js';
import type { Arrival } from '../../../src/realtime/order/arrival.js';
import { Busy, Conversation, isSettled, Sequence } from '../../../src/realtime/order/conversation.js';
import { advance } from '../../../src/realtime/order/machine.js';
import { Outstanding } from '../../../src/realtime/order/outstanding.js';
import type { OrderEffect, OrderEvent, Surroundings } from '../../../src/realtime/order/step.js';
import type { Message } from '../../../src/wire/index.js';
import { LanesRig } from '../lanes/lanes-rig.js';

export const CONVERSATION = 'conv_a';

export function messageOf(seq: number, id = `m${seq}`): Message {
  return {
    id,
    conversation_id: CONVERSATION,
    sender: 'alice',
    client_msg_id: `c-${id}`,
    seq,
    type: 'text',
    content: { text: id },
    metadata: {},
    created_at: '2026-01-01T00:00:00.000Z',
  } as Message;
}

export type Effect<K extends OrderEffect['kind']> = Extract<OrderEffect, { kind: K }>;

/** The machine with nothing around it: a clock that is a number, a lane that is a counter, answers that the test gives. */
export class MachineRig {
  readonly conversation = new Conversation(CONVERSATION);
  readonly busy: Busy;
  sequence = new Sequence();
  now = 1_000_000;
  around: { -readonly [K in keyof Surroundings]: Surroundings[K] } = {
    now: 0,
    gapWindowMs: 2_000,
    gapGiveUpMs: 300_000,
    draining: false,
    canFetch: true,
    hasStore: false,
    laneRoom: 256,
    holdRoom: 10_000,
    holdPerConversation: 500,
    absurdSeqDistance: 100_000,
    random: 0.5,
  };
  readonly effects: OrderEffect[] = [];
  readonly delivered: Arrival[] = [];

  constructor(options: { expected?: number; floor?: number; around?: Partial<Surroundings> } = {}) {
    if (options.expected !== undefined) {
      this.conversation.expected = options.expected;
      this.conversation.floor = options.floor ?? options.expected;
    }
    this.busy = new Busy(this.conversation);
    this.conversation.busy = this.busy;
    Object.assign(this.around, options.around);
  }

  /** Gives the machine one event and writes down what follows, as the sequencer would. */
  tell(event: OrderEvent): OrderEffect[] {
    const { conversation, busy } = this;
    if (busy.lane === null) busy.handledBefore(conversation.expected);
    busy.isRunning = true;
    const effects = advance(busy, this.sequence, event, { ...this.around, now: this.now });
    busy.isRunning = false;
    for (const effect of effects) {
      if (effect.kind === 'deliver') this.deliver(effect.arrival);
      if (effect.kind === 'shed' && effect.from === 'late') {
        this.outstanding.addShed({ from: effect.arrival.seq, to: effect.arrival.seq });
      }
      if (effect.kind === 'missing') this.outstanding.addMissing({ ...effect.range, hole: effect.hole });
    }
    this.effects.push(...effects);
    if (isSettled(this.sequence, conversation.expected)) this.sequence = new Sequence();
    return effects;
  }

  private deliver(arrival: Arrival): void {
    this.delivered.push(arrival);
    if (arrival.standing === 'late') this.outstanding.found(arrival.seq);
  }

  get outstanding(): Outstanding {
    this.busy.outstanding ??= new Outstanding();
    return this.busy.outstanding;
  }

  /** From now on what is delivered stays in the lane: only seqs up to `handled` (by default those handled so far) have been handled. */
  laneIsBusy(handled?: number): void {
    new LanesRig().lanes.push(this.busy, this.arrival(this.conversation.expected));
    if (handled !== undefined) this.busy.handledBefore(handled + 1);
  }

  arrival(seq: number, options: { id?: string; source?: MessageSource } = {}): Arrival {
    const message = messageOf(seq, options.id);
    const event = messageEvent(message);
    const source = options.source ?? 'live';
    return { seq, message, event, source, at: this.now, standing: 'ordered', redelivered: false };
  }

  arrive(...seqs: number[]): OrderEffect[] {
    return seqs.flatMap((seq) => this.tell({ kind: 'arrived', arrival: this.arrival(seq), anchors: false }));
  }

  /** A drain row in ack mode: nothing older is undelivered. */
  drained(seq: number): OrderEffect[] {
    const arrival = this.arrival(seq, { source: 'drain' });
    return this.tell({ kind: 'arrived', arrival, anchors: true });
  }

  /** GAP-5: the response of a send of ours. */
  consumed(seq: number): OrderEffect[] {
    const arrival: Arrival = { ...this.arrival(seq), message: null, event: null };
    return this.tell({ kind: 'arrived', arrival, anchors: false });
  }

  page(after: number, seqs: readonly number[]): OrderEffect[] {
    return this.tell({
      kind: 'page',
      purpose: 'gap',
      after,
      rows: seqs.map((seq) => this.arrival(seq, { source: 'fill' })),
    });
  }

  fails(options: { final?: boolean; retryAfterMs?: number } = {}): OrderEffect[] {
    const { final = false, retryAfterMs = 0 } = options;
    return this.tell({ kind: 'fetch-failed', purpose: 'gap', final, retryAfterMs });
  }

  /** Time passes; the machine's timer fires whenever it is due. */
  pass(ms: number): OrderEffect[] {
    const end = this.now + ms;
    const effects: OrderEffect[] = [];
    for (let rounds = 0; this.sequence.timerAt > 0 && this.sequence.timerAt <= end; rounds += 1) {
      if (rounds > 1_000) throw new Error('the machine sets its timer for ever');
      this.now = Math.max(this.now, this.sequence.timerAt);
      effects.push(...this.tell({ kind: 'timer' }));
    }
    this.now = end;
    return effects;
  }

  /** The seqs that went to the handlers, in order. Late ones as `late 3`, strays as `stray 3`, own sends left out. */
  get order(): (number | string)[] {
    return this.delivered
      .filter(({ event }) => event !== null)
      .map(({ seq, standing }) => (standing === 'ordered' ? seq : `${standing} ${seq}`));
  }

  all<K extends OrderEffect['kind']>(kind: K, effects = this.effects): Effect<K>[] {
    return effects.filter((effect): effect is Effect<K> => effect.kind === kind);
  }

  /** The last gap that did not close by itself. */
  get report(): Effect<'gap-closed'> | undefined {
    return this.all('gap-closed').findLast(({ reason }) => reason !== null);
  }
}

/** An effect as traces show it. */
export function shown(effect: OrderEffect): string {
  switch (effect.kind) {
    case 'deliver':
    case 'duplicate':
      return `${effect.kind} ${effect.arrival.seq} ${effect.arrival.standing}`;
    case 'shed':
      return `shed from ${effect.from} ${effect.arrival.seq} ${effect.arrival.standing}`;
    case 'missing':
      return `missing ${effect.range.from}-${effect.range.to} hole ${effect.hole}`;
    case 'timer':
      return `timer ${effect.at - 1_000_000}`;
    case 'fetch':
      return `fetch for ${effect.purpose} ${effect.after}`;
    case 'gap-closed':
      return `gap-closed ${effect.gap.from}-${effect.gap.through} ${effect.reason}`;
    default:
      return effect.kind;
  }
}

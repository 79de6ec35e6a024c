import type { MessageIterator, ReceivedMessage } from '../../../src/realtime/index.js';
import type { DedupeStore } from '../../../src/stores/index.js';
import { message } from '../catchup/engine-rig.js';
import type { Dice } from '../order/dice.js';
import { Asked, LoopRig } from './loop-rig.js';

/** A loop of the world, and what the model knows about it. */
interface Worker {
  readonly loop: MessageIterator;
  asked: Asked | null;
  held: ReceivedMessage | null;
}

const CONVERSATIONS = ['conv_a', 'conv_b', 'conv_c'] as const;

/**
 * Loops that come and go, ask, acknowledge, leave and come too late, over a client that connects, stops and goes on;
 * beside it a model of what they must be given: of each conversation the first message that is not handled, to one at a
 * time, marked when it was given out before.
 */
export class LoopWorld {
  readonly rig: LoopRig;
  readonly handled = new Set<string>();
  readonly sent = new Map<string, number>(CONVERSATIONS.map((id) => [id, 0]));
  private readonly own = new Set<string>();
  private readonly given = new Set<string>();
  private readonly inHand = new Set<string>();
  private left: ReceivedMessage[] = [];
  private iterator: MessageIterator | null = null;
  private workers: Worker[] = [];

  /** @param dedupe Where messages are claimed, if anywhere. It must answer within a turn of the event loop. */
  constructor(
    private readonly dice: Dice,
    dedupe?: DedupeStore,
  ) {
    this.rig = new LoopRig({ concurrency: dice.int(1, 4), bounds: { lane: dice.int(2, 300) }, dedupe });
  }

  async step(): Promise<void> {
    const { dice } = this;
    const act = dice.pick(
      () => this.send(),
      () => this.send(),
      () => this.open(),
      () => this.ask(),
      () => this.ask(),
      () => this.ask(),
      () => this.ack(),
      () => (dice.chance(0.4) ? this.leave() : this.ask()),
      () => this.ackLate(),
      () => this.rig.clock.advance(dice.pick(1, 100, 3_000)),
      () => (dice.chance(0.15) ? this.stopAndGoOn() : this.send()),
    );
    await act();
    await this.settle();
  }

  /** Everything that is left is taken, by one loop that does nothing else. */
  async finish(): Promise<void> {
    if (this.iterator === null) await this.open();
    const [first] = this.workers;
    if (first === undefined) throw new Error('there is no loop');
    for (let n = 0; n < 1_000 && this.unhandled > 0; n += 1) {
      for (const other of this.workers) {
        if (other !== first && other.held !== null) await this.ackHeld(other);
      }
      if (first.asked === null) this.askFor(first);
      await this.rig.clock.advance(1_000);
      await this.settle();
    }
    if (first.held !== null) await this.ackHeld(first);
    // Own messages take their place as well only when somebody asks.
    if (first.asked === null) this.askFor(first);
    await this.settle();
  }

  /** Messages that nobody has handled. */
  private get unhandled(): number {
    let total = 0;
    for (const count of this.sent.values()) total += count;
    return total - this.own.size - this.handled.size - (this.workers[0]?.held ? 1 : 0);
  }

  private async send(): Promise<void> {
    const conversation = CONVERSATIONS[this.dice.int(0, 2)] ?? 'conv_a';
    const frames = [];
    for (let n = this.dice.int(1, 3); n > 0; n -= 1) {
      const seq = (this.sent.get(conversation) ?? 0) + 1;
      this.sent.set(conversation, seq);
      const own = this.dice.chance(0.1);
      const payload = message(seq, conversation, own ? { sender: 'me' } : {});
      if (own) this.own.add(payload.id);
      this.rig.source.history.push(payload);
      frames.push(payload);
      if (this.dice.chance(0.1)) frames.push(payload);
    }
    if (this.dice.chance(0.2)) frames.reverse();
    await this.rig.frame(...frames);
  }

  private async open(): Promise<void> {
    if (this.iterator !== null) return;
    this.iterator = this.rig.client.messages();
    const { iterator } = this;
    this.workers = Array.from({ length: this.dice.int(1, 4) }, () => ({
      loop: iterator[Symbol.asyncIterator](),
      asked: null,
      held: null,
    }));
  }

  private async ask(): Promise<void> {
    const worker = this.workers[this.dice.int(0, 3)];
    if (worker === undefined || worker.asked !== null) return;
    this.askFor(worker);
  }

  private askFor(worker: Worker): void {
    if (worker.held !== null) this.settled(worker.held);
    worker.held = null;
    worker.asked = new Asked(worker.loop);
  }

  private async ack(): Promise<void> {
    const worker = this.workers[this.dice.int(0, 3)];
    if (worker?.held != null) await this.ackHeld(worker);
  }

  private async ackHeld(worker: Worker): Promise<void> {
    const { held } = worker;
    worker.held = null;
    if (held === null) return;
    this.settled(held);
    held.ack();
    if (this.dice.chance(0.3)) held.ack();
  }

  private settled({ payload }: ReceivedMessage): void {
    if (!this.inHand.delete(payload.id)) throw new Error(`${payload.id} was not in hand`);
    this.handled.add(payload.id);
  }

  /** Its message goes back; the other loops are done, and finish theirs. */
  private async leave(): Promise<void> {
    const worker = this.workers[this.dice.int(0, 3)];
    if (worker === undefined) return;
    if (worker.held !== null) this.goesBack(worker.held);
    worker.held = null;
    if (this.dice.chance(0.5)) await worker.loop.return();
    else await worker.loop.throw(new Error('on purpose')).catch(() => {});
    await this.settle();
    for (const other of this.workers) if (other.held !== null) await this.ackHeld(other);
    this.iterator = null;
    this.workers = [];
  }

  private goesBack(event: ReceivedMessage): void {
    this.inHand.delete(event.payload.id);
    this.left.push(event);
  }

  private async ackLate(): Promise<void> {
    const event = this.left.splice(this.dice.int(0, this.left.length), 1)[0];
    if (event === undefined) return;
    const { id } = event.payload;
    if (!this.inHand.has(id)) this.handled.add(id);
    event.ack();
  }

  private async stopAndGoOn(): Promise<void> {
    const stopping = this.rig.client.disconnect({ deadlineMs: 500 });
    await this.rig.clock.settle();
    for (const worker of this.workers) {
      if (worker.held === null || !this.dice.chance(0.5)) continue;
      if (worker.asked === null && this.dice.chance(0.5)) this.askFor(worker);
      else await this.ackHeld(worker);
    }
    await this.rig.clock.advance(2_000);
    await stopping;
    await this.settle();
    for (const { held, asked } of this.workers) {
      if (asked !== null) throw new Error('a loop waits after disconnect()');
      if (held !== null) this.goesBack(held);
    }
    this.iterator = null;
    this.workers = [];
    await this.rig.connected();
  }

  /** What the loops were given meanwhile. */
  private async settle(): Promise<void> {
    await this.rig.clock.settle();
    for (const worker of this.workers) {
      const { asked } = worker;
      if (asked === null || asked.outcome === 'waiting') continue;
      worker.asked = null;
      if (asked.outcome === 'message') this.take(worker, asked.event);
      else if (asked.outcome === 'rejected') throw asked.error;
    }
  }

  private take(worker: Worker, event: ReceivedMessage): void {
    const { payload, context } = event;
    const { id, conversation_id: conversation } = payload;
    if (this.own.has(id)) throw new Error(`GAP-5: own message ${id} was given out`);
    if (this.handled.has(id)) throw new Error(`${id} was given out after it was handled`);
    for (const other of this.inHand) {
      if (other.charAt(0) === id.charAt(0)) throw new Error(`ORD-1: ${id} was given out beside ${other}`);
    }
    const first = this.firstOpen(conversation);
    if (first !== id) throw new Error(`ORD-1: ${id} was given out before ${first}`);
    if (context.redelivered !== this.given.has(id))
      throw new Error(`${id}: redelivered ${context.redelivered}`);
    if (context.attempt !== 1) throw new Error(`${id}: attempt ${context.attempt}`);
    this.given.add(id);
    this.inHand.add(id);
    worker.held = event;
  }

  private firstOpen(conversation: string): string | undefined {
    const count = this.sent.get(conversation) ?? 0;
    const ids = Array.from({ length: count }, (_, i) => message(i + 1, conversation).id);
    return ids.find((id) => !this.handled.has(id) && !this.own.has(id));
  }
}

import type { Arrival } from '../../../src/realtime/order/arrival.js';
import type { MachineRig } from './machine-rig.js';

/** What the lane of the model needs of the world around it. */
export interface LanePorts {
  readonly rig: MachineRig;
  readonly size: number;
  after(ms: number, run: () => void): void;
  /** How long the next handler takes. */
  duration(): number;
  giveRoom(): void;
}

/** A lane whose handlers take their time. Refuses what may not be delivered: out of order, or twice. */
export class ModelLane {
  readonly handled = new Set<number>();
  readonly taken = new Set<number>();
  /** Delivered beside the order, or below the floor: only the id tells, outside of the machine. */
  readonly strays = new Set<number>();
  private readonly waiting: Arrival[] = [];
  private working = false;
  private owesRoom = false;
  private lastOrdered = -1;

  constructor(private readonly ports: LanePorts) {}

  get room(): number {
    return this.ports.size - this.waiting.length;
  }

  get empty(): boolean {
    return this.waiting.length === 0 && !this.working;
  }

  deliver(arrival: Arrival): void {
    const { seq, standing } = arrival;
    // An own send that was given up as missing settles its seq, whenever it comes.
    if (arrival.event === null) {
      this.handled.add(seq);
      return;
    }
    if (standing === 'ordered') {
      if (seq <= this.lastOrdered) throw new Error(`ORD-1: ${seq} after ${this.lastOrdered}`);
      this.lastOrdered = seq;
    }
    if (this.strays.has(seq)) return;
    if (this.taken.has(seq)) throw new Error(`${seq} is delivered twice`);
    if (standing === 'stray') this.strays.add(seq);
    if (this.waiting.length >= this.ports.size) throw new Error('BP-1: the lane exceeds its bound');
    this.taken.add(seq);
    if (standing === 'late') this.ports.rig.outstanding.lateInLane.add(seq);
    this.waiting.push(arrival);
    if (!this.working) this.work();
  }

  /** The machine waits for room: now, or when there is some. */
  askForRoom(): void {
    if (this.empty) this.ports.after(0, () => this.ports.giveRoom());
    else this.owesRoom = true;
  }

  private work(): void {
    const { rig } = this.ports;
    const arrival = this.waiting.shift();
    if (arrival === undefined) {
      this.working = false;
      rig.busy.lane = null;
      this.payRoom();
      return;
    }
    if (rig.busy.lane === null) rig.laneIsBusy();
    this.working = true;
    this.ports.after(this.ports.duration(), () => {
      this.handled.add(arrival.seq);
      rig.outstanding.lateInLane.delete(arrival.seq);
      if (arrival.seq < rig.conversation.floor) this.strays.add(arrival.seq);
      if (arrival.standing === 'ordered') rig.busy.handledThrough(arrival.seq);
      if (this.waiting.length * 2 <= this.ports.size) this.payRoom();
      this.work();
    });
  }

  private payRoom(): void {
    if (!this.owesRoom) return;
    this.owesRoom = false;
    this.ports.giveRoom();
  }
}

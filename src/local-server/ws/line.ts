import type { FaultPlan } from '../faults/plan.js';
import type { OutgoingFrame } from './frames.js';
import type { Peer } from './peer.js';

/** How long a reordered frame is held back when no further frames push it out. */
const REORDER_HOLD_MS = 30;

/** What the server believes about a frame. What the client saw of it is another matter: that is what faults are for. */
export type Belief = 'written' | 'not_written';

/** What a fault can do to the connection as a whole. */
export interface Breakage {
  silence(): void;
  cut(): void;
}

interface HeldFrame {
  readonly text: string;
  behind: number;
  readonly timer: NodeJS.Timeout;
}

/** The way from the server to one socket, with whatever goes wrong on it. */
export class Line {
  readonly #peer: Peer;
  readonly #handle: string;
  readonly #faults: FaultPlan;
  readonly #breakage: Breakage;
  readonly #delayed = new Set<NodeJS.Timeout>();
  #held: HeldFrame[] = [];

  constructor(peer: Peer, handle: string, faults: FaultPlan, breakage: Breakage) {
    this.#peer = peer;
    this.#handle = handle;
    this.#faults = faults;
    this.#breakage = breakage;
  }

  /** Sends an event, through the faults. */
  send(frame: OutgoingFrame): Belief {
    // Whatever is written into a half-open connection is lost, and the server does not know it.
    if (this.#peer.isSilent) return 'written';
    const verdict = this.#faults.forFrame(this.#handle, frame.event);
    switch (verdict.kind) {
      case 'pass':
        this.#write(frame.text);
        return 'written';
      case 'dropFrames':
        return 'written';
      case 'duplicateFrames':
        this.#write(frame.text);
        this.#write(frame.text);
        return 'written';
      case 'reorderFrames':
        this.#hold(frame.text, verdict.behind);
        return 'written';
      case 'delayFrames':
        this.#delay(frame.text, verdict.ms);
        return 'written';
      case 'halfOpen':
        this.#breakage.silence();
        return 'written';
      case 'cutConnections':
        this.#breakage.cut();
        return verdict.when === 'after' ? 'written' : 'not_written';
    }
  }

  /** Forgets what was held back or delayed: its connection is over. */
  close(): void {
    for (const { timer } of this.#held) clearTimeout(timer);
    for (const timer of this.#delayed) clearTimeout(timer);
    this.#held = [];
    this.#delayed.clear();
  }

  #write(text: string): void {
    this.#peer.send(text);
    if (this.#held.length === 0) return;
    for (const held of this.#held) held.behind -= 1;
    for (const held of this.#held.filter(({ behind }) => behind <= 0)) this.#release(held);
  }

  #hold(text: string, behind: number): void {
    const held: HeldFrame = { text, behind, timer: setTimeout(() => this.#release(held), REORDER_HOLD_MS) };
    held.timer.unref();
    this.#held.push(held);
  }

  #release(held: HeldFrame): void {
    clearTimeout(held.timer);
    this.#held = this.#held.filter((each) => each !== held);
    this.#peer.send(held.text);
  }

  #delay(text: string, ms: number): void {
    const timer = setTimeout(() => {
      this.#delayed.delete(timer);
      this.#peer.send(text);
    }, ms);
    timer.unref();
    this.#delayed.add(timer);
  }
}

import type { Busy, Conversation } from './conversation.js';
import type { Sequence, SequenceEffect, Surroundings } from './sequence.js';

/** One step of the machine: the state that it may change, what it may know, and the effects that it collects. */
export class Turn {
  readonly effects: SequenceEffect[] = [];
  /** Messages that the lane can still take. */
  room: number;
  /** When the one timer is to fire; 0 for never. Derived anew at each step. */
  timerAt = 0;
  readonly heldBefore: number;

  constructor(
    readonly conversation: Conversation,
    readonly busy: Busy,
    readonly sequence: Sequence,
    readonly around: Surroundings,
  ) {
    this.room = around.laneRoom;
    this.heldBefore = sequence.hold.size;
  }

  /** The timer fires at this moment, or sooner when somebody else asks for it. */
  wakeAt(at: number): void {
    this.timerAt = this.timerAt === 0 ? at : Math.min(this.timerAt, at);
  }
}

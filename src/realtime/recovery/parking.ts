import type { Clock } from '../../clock/index.js';
import { TIMING } from '../bounds.js';
import type { MessageEvent } from '../events.js';
import type { Sequencer } from '../sequencer/sequencer.js';
import { Agenda } from './agenda.js';

/** HND-1: how long a message that was parked so often waits before it comes again. */
export function parkDelay(times: number): number {
  return Math.min(TIMING.parkMin * 2 ** (times - 1), TIMING.parkMax);
}

/** HND-1 without history: what cannot be fetched again is kept, and given out again after the same pauses. */
export class Parking {
  private readonly agenda: Agenda;

  constructor(
    clock: Clock,
    private readonly sequencer: () => Sequencer,
  ) {
    this.agenda = new Agenda(clock);
  }

  /** Bounded by `bounds.parked`: what is not remembered as parked is not parked. */
  keep(conversationId: string, event: MessageEvent, seq: number, times: number): void {
    this.agenda.after(parkDelay(times), () => this.sequencer().redeliver(conversationId, event, seq));
  }

  /** STOP-1 */
  pause(): void {
    this.agenda.pause();
  }

  resume(): void {
    this.agenda.resume();
  }
}

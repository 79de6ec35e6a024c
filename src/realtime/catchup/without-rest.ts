import type { Clock } from '../../clock/index.js';
import type { MessageEvent } from '../events.js';
import type { Sequencer } from '../order/sequencer.js';
import type { CatchUp } from './catchup.js';
import { Agenda, parkDelay } from './parking.js';

/**
 * Without a REST source nothing can be read, and what is missing can only be named. Parked messages are kept here, and
 * given out again after the same pauses (HND-1).
 */
export class WithoutRest implements CatchUp {
  readonly canFetch = false;
  readonly draining = false;
  readonly gate = null;
  readonly cursorAcks = null;
  readonly insight = { draining: false, rowsSoFar: null, lastPass: null };
  readonly trouble = null;
  readonly hearing = { findings: 0, lastReplacedAgoMs: null };
  private readonly agenda: Agenda;

  constructor(
    clock: Clock,
    private readonly order: Sequencer,
  ) {
    this.agenda = new Agenda(clock);
  }

  /** Bounded by `bounds.parked`: what is not remembered as parked is not parked. */
  park(conversationId: string, seq: number, times: number, event: MessageEvent): void {
    this.agenda.after(parkDelay(times), () => this.order.redeliver(conversationId, event, seq));
  }

  isNews(): boolean {
    return true;
  }

  resume(): void {
    this.agenda.resume();
  }

  pause(): void {
    this.agenda.pause();
  }

  async drain(): Promise<number> {
    return 0;
  }

  async probe(): Promise<void> {}

  // The order asks none of this of somebody who cannot fetch, and the rest has nothing to do.
  fetch(): void {}
  confirm(): void {}
  look(): void {}
  turnedAway(): void {}
  refetchParked(): void {}
  brought(): void {}
  setListening(): void {}
  sessionStarted(): void {}
  sessionEnded(): void {}
  beginStop(): void {}
}

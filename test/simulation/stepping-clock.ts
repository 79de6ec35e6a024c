import { VirtualClock } from '../support/virtual-clock.js';

/** Virtual time that says when a step is over: after each timer, and everything that it made ready. */
export class SteppingClock extends VirtualClock {
  onStep: () => void = () => {};

  override async settle(): Promise<void> {
    await super.settle();
    this.onStep();
  }
}

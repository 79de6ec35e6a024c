import { VirtualClock } from '../support/virtual-clock.js';

/** Virtual time that says when a step is over: after each timer, and everything that it made ready. */
export class SteppingClock extends VirtualClock {
  onStep: () => void = () => {};
  /** Told after each turn of the loop. A step has several when code takes time, or defers something. */
  onTurn: () => void = () => {};

  override async settle(): Promise<void> {
    await super.settle();
    this.onStep();
  }

  protected override async turn(): Promise<void> {
    await super.turn();
    this.onTurn();
  }
}

import type { SonzaiWire } from '../sonzai-wire.js';

/** Methods that belong together. One method is one operation of the platform. */
export abstract class Group {
  protected readonly wire: SonzaiWire;

  constructor(wire: SonzaiWire) {
    this.wire = wire;
  }
}

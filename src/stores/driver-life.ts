import { StoreError } from '../errors/index.js';

/** How long a driver may be used: until `close()` is called, whoever waits for it. */
export class DriverLife {
  private closing: Promise<void> | undefined;

  /** @param end Lets everything go. It is called once. */
  constructor(
    private readonly engine: string,
    private readonly end: () => Promise<void>,
  ) {}

  /** @throws StoreError `closed` */
  assertOpen(): void {
    if (this.closing !== undefined) throw new StoreError({ engine: this.engine, fault: 'closed' });
  }

  /** A second call waits for the first. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }
}

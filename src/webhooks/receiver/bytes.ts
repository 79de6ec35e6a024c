/**
 * A body that arrives in chunks, put together as they come. A list of them would take a hundred times the memory of a body
 * that a stranger sends in chunks of one byte.
 */
export class GatheredBytes {
  length = 0;
  private bytes = new Uint8Array(0);

  add(chunk: Uint8Array): void {
    const length = this.length + chunk.length;
    // What comes in one piece is not copied.
    if (this.length === 0) this.bytes = chunk as Uint8Array<ArrayBuffer>;
    else {
      if (length > this.bytes.length) this.grow(Math.max(length, 2 * this.bytes.length));
      this.bytes.set(chunk, this.length);
    }
    this.length = length;
  }

  get whole(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  private grow(capacity: number): void {
    const larger = new Uint8Array(capacity);
    larger.set(this.whole);
    this.bytes = larger;
  }
}

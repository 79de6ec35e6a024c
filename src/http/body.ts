/** How much of a body is read, and as what. */
export interface BodyWanted {
  readonly as: 'text' | 'bytes' | 'nothing';
  /** Counted after decompression. */
  readonly limitBytes: number;
  readonly onProgress?: ((receivedBytes: number) => void) | undefined;
}

/** What became of a body. Bytes beyond the bound are never kept. */
export type BodyContent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Nobody wants it. */
  | { readonly kind: 'nothing' }
  /** The body went beyond the bound; `text` is its beginning. */
  | { readonly kind: 'too_large'; readonly text: string };

/**
 * Made once, with the first text: there are runtimes without one, jsdom for instance, where importing this must not fail.
 * It keeps nothing from one text to the next.
 */
let utf8: TextDecoder | undefined;

/** Room for a body that comes in pieces, at first. It doubles. */
const FIRST_ROOM_BYTES = 16 * 1024;

/**
 * What has been received of a body so far, and no more of it than is wanted. A body in one piece is not copied; pieces are
 * copied together as they come, since a million of them take hundreds of times their bytes.
 */
export class BodyCollector {
  readonly #wanted: BodyWanted;
  #bytes: Uint8Array = new Uint8Array(0);
  #received = 0;

  constructor(wanted: BodyWanted) {
    this.#wanted = wanted;
  }

  /** False when the chunk goes beyond the bound; what fits is kept. */
  add(chunk: Uint8Array): boolean {
    const room = this.#wanted.limitBytes - this.#received;
    const fits = chunk.byteLength <= room;
    if (this.#wanted.as === 'nothing') this.#received += chunk.byteLength;
    else this.#append(fits ? chunk : chunk.subarray(0, room));
    this.#wanted.onProgress?.(this.#received);
    return fits;
  }

  /** The body, when it has come to its end. */
  complete(): BodyContent {
    if (this.#wanted.as === 'nothing') return { kind: 'nothing' };
    if (this.#wanted.as === 'text') return { kind: 'text', text: this.#text() };
    // A copy: the piece may be a part of something larger, which its owner fills again.
    return { kind: 'bytes', bytes: new Uint8Array(this.#bytes.subarray(0, this.#received)) };
  }

  /** The body, when it went beyond the bound. */
  beginning(): BodyContent {
    if (this.#wanted.as === 'nothing') return { kind: 'nothing' };
    return { kind: 'too_large', text: this.#wanted.as === 'text' ? this.#text() : '' };
  }

  #append(chunk: Uint8Array): void {
    const before = this.#received;
    this.#received += chunk.byteLength;
    if (before === 0) {
      this.#bytes = chunk;
      return;
    }
    if (this.#bytes.byteLength < this.#received || this.#bytes.byteLength === before) {
      const larger = new Uint8Array(Math.max(FIRST_ROOM_BYTES, 2 * this.#received));
      larger.set(this.#bytes.subarray(0, before));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, before);
  }

  #text(): string {
    utf8 ??= new TextDecoder();
    return utf8.decode(this.#bytes.subarray(0, this.#received));
  }
}

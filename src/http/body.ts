/** How much of a body is read, and as what. */
export interface BodyWanted {
  readonly as: 'text' | 'bytes';
  /** Counted after decompression. */
  readonly limitBytes: number;
  readonly onProgress?: ((receivedBytes: number) => void) | undefined;
}

/** What became of a body. Bytes beyond the bound are never kept. */
export type BodyContent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** The body went beyond the bound; `text` is its beginning. */
  | { readonly kind: 'too_large'; readonly text: string };

/** What has been received of a body so far, and no more of it than is wanted. */
export class BodyCollector {
  readonly #wanted: BodyWanted;
  readonly #chunks: Uint8Array[] = [];
  #received = 0;

  constructor(wanted: BodyWanted) {
    this.#wanted = wanted;
  }

  /** False when the chunk goes beyond the bound; what fits is kept. */
  add(chunk: Uint8Array): boolean {
    const room = this.#wanted.limitBytes - this.#received;
    const fits = chunk.byteLength <= room;
    const kept = fits ? chunk : chunk.subarray(0, room);
    this.#received += kept.byteLength;
    this.#chunks.push(kept);
    this.#wanted.onProgress?.(this.#received);
    return fits;
  }

  /** The body, when it has come to its end. */
  complete(decoder: TextDecoder): BodyContent {
    if (this.#wanted.as === 'text') return { kind: 'text', text: this.#text(decoder) };
    return { kind: 'bytes', bytes: this.#bytes() };
  }

  /** The body, when it went beyond the bound. */
  beginning(decoder: TextDecoder): BodyContent {
    return { kind: 'too_large', text: this.#wanted.as === 'text' ? this.#text(decoder) : '' };
  }

  #text(decoder: TextDecoder): string {
    const [first, ...more] = this.#chunks;
    if (first === undefined) return '';
    return decoder.decode(more.length === 0 ? first : this.#bytes());
  }

  #bytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#received);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.byteLength;
    }
    return bytes;
  }
}

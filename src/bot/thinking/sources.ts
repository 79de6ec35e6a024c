import type { TextReader } from './thinker.js';

/** What comes next of a stream. Nobody has checked that `value` is a text. */
export interface Chunk {
  readonly done: boolean;
  readonly value?: unknown;
}

/** A stream of texts, whichever kind it is. */
export interface ChunkSource {
  next(): Promise<Chunk>;
  /** Nobody reads on. Never throws, waits for nothing. */
  dismiss(): void;
}

export class IteratorSource implements ChunkSource {
  constructor(private readonly iterator: AsyncIterator<unknown>) {}

  async next(): Promise<Chunk> {
    const { done, value } = await this.iterator.next();
    return { done: done === true, value };
  }

  dismiss(): void {
    quietly(async () => this.iterator.return?.());
  }
}

/** The texts of a stream of the AI SDK, which has all kinds of parts. */
export class ModelSource implements ChunkSource {
  constructor(private readonly parts: ChunkSource) {}

  async next(): Promise<Chunk> {
    for (;;) {
      const { done, value } = await this.parts.next();
      if (done) return { done };
      const part = (value ?? {}) as { readonly [Name in 'type' | 'text' | 'error' | 'reason']?: unknown };
      if (part.type === 'text-delta') return { done, value: part.text };
      if (part.type === 'error') throw part.error;
      if (part.type === 'abort')
        throw new Error('The stream of the model was aborted', { cause: part.reason });
    }
  }

  dismiss(): void {
    this.parts.dismiss();
  }
}

export class ReaderSource implements ChunkSource {
  constructor(private readonly reader: TextReader) {}

  async next(): Promise<Chunk> {
    return this.reader.read();
  }

  dismiss(): void {
    quietly(async () => this.reader.cancel());
  }
}

function quietly(work: () => Promise<unknown>): void {
  work().catch(() => {});
}

import { asRecord } from '../records/as-record.js';
import type { OpenRecord } from '../records/open-record.js';

/** More characters in one frame than this are no reply: 16 Mi, the limit of a frame that comes whole. */
const LONGEST_FRAME = 16 * 1024 * 1024;

/** What became of a frame. */
export type Joined =
  /** It is no piece of another one. */
  | { readonly state: 'whole' }
  /** It was a piece, and others are missing. */
  | { readonly state: 'waiting' }
  /** It was the last piece: this is the text of the frame. */
  | { readonly state: 'joined'; readonly text: string }
  | { readonly state: 'too_long' };

/**
 * Puts frames together that the platform has cut into pieces, `{"__chunk": {"index", "total"}, "data": "..."}`. Pieces may come in any
 * order; frames that come between them are not its business. A piece that does not belong to the others begins anew: the
 * pieces before it will never be complete.
 */
export class ChunkJoiner {
  #pieces = new Map<number, string>();
  #total = 0;
  #length = 0;

  take(frame: OpenRecord): Joined {
    const chunk = asRecord(frame.__chunk);
    if (chunk === undefined) return { state: 'whole' };
    const { index, total } = chunk;
    if (!isCount(index) || !isCount(total) || total < 1 || typeof frame.data !== 'string') {
      return { state: 'waiting' };
    }
    if (total !== this.#total || this.#pieces.has(index)) this.#begin(total);
    this.#pieces.set(index, frame.data);
    this.#length += frame.data.length;
    if (this.#length > LONGEST_FRAME) return { state: 'too_long' };
    return this.#pieces.size < total ? { state: 'waiting' } : { state: 'joined', text: this.#join() };
  }

  #join(): string {
    const inOrder = [...this.#pieces].sort(([one], [other]) => one - other);
    this.#begin(0);
    return inOrder.map(([, data]) => data).join('');
  }

  #begin(total: number): void {
    this.#pieces = new Map();
    this.#total = total;
    this.#length = 0;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

import type { Frame } from '../../http/index.js';
import { ChunkJoiner } from './chat/chunk-joiner.js';
import { asRecord } from './records/as-record.js';
import type { OpenRecord } from './records/open-record.js';

/** What a frame of a stream is. */
export type ReadFrame =
  | { readonly state: 'record'; readonly record: OpenRecord }
  /** A piece of a larger frame, and others are missing. */
  | { readonly state: 'piece' }
  /** It cannot be read, and is left out, as the platform's own SDKs do. */
  | { readonly state: 'unreadable' }
  | { readonly state: 'end' }
  | { readonly state: 'too_long' };

/** What the platform ends its streams with. */
const END = '[DONE]';

/** Reads the frames of one stream: JSON, in pieces where they are large, and the mark at the end. */
export class FrameReader {
  readonly #joiner = new ChunkJoiner();

  read({ data }: Frame): ReadFrame {
    if (data.trim() === END) return { state: 'end' };
    const record = parse(data);
    if (record === undefined) return { state: 'unreadable' };
    const joined = this.#joiner.take(record);
    switch (joined.state) {
      case 'whole':
        return { state: 'record', record };
      case 'waiting':
        return { state: 'piece' };
      case 'too_long':
        return { state: 'too_long' };
      case 'joined': {
        const whole = parse(joined.text);
        return whole === undefined ? { state: 'unreadable' } : { state: 'record', record: whole };
      }
    }
  }
}

function parse(text: string): OpenRecord | undefined {
  try {
    return asRecord(JSON.parse(text));
  } catch {
    return undefined;
  }
}

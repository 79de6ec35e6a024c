import { type Frame, type FrameDecoder, FrameTooLarge, MAX_FRAME_LENGTH } from './frame.js';

/** Reads newline-delimited JSON: each line that is not empty is the data of a frame. */
export class NdjsonDecoder implements FrameDecoder {
  readonly #limit: number;
  readonly #text = new TextDecoder();
  /** What came of the line that is open, in pieces: to add them up one by one would copy a long line over and over. */
  #open: string[] = [];
  #openLength = 0;

  /** @param limit The largest frame, in characters. */
  constructor(limit: number = MAX_FRAME_LENGTH) {
    this.#limit = limit;
  }

  add(chunk: Uint8Array): readonly Frame[] {
    const [first = '', ...others] = this.#text.decode(chunk, { stream: true }).split('\n');
    this.#keep(first);
    const frames: Frame[] = [];
    for (const text of others) {
      this.#close(frames, true);
      this.#keep(text);
    }
    return frames;
  }

  end(): readonly Frame[] {
    const frames: Frame[] = [];
    this.#keep(this.#text.decode());
    this.#close(frames, false);
    return frames;
  }

  #keep(text: string): void {
    if (text === '') return;
    this.#open.push(text);
    this.#openLength += text.length;
    if (this.#openLength > this.#limit) throw new FrameTooLarge(this.#limit);
  }

  #close(frames: Frame[], complete: boolean): void {
    const data = this.#open.join('').trim();
    this.#open = [];
    this.#openLength = 0;
    if (data !== '') frames.push({ event: undefined, data, complete });
  }
}

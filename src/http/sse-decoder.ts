import { createParser, type EventSourceParser } from 'eventsource-parser';
import { type Frame, type FrameDecoder, FrameTooLarge, MAX_FRAME_LENGTH } from './frame.js';

const CR = '\r';
const LF = '\n';

/**
 * Reads server-sent events. The parser knows the format; this class knows bytes: characters that are cut in two, the byte
 * order mark, a frame without end, and a body that stops within a frame.
 */
export class SseDecoder implements FrameDecoder {
  readonly #limit: number;
  // Its default drops a byte order mark at the beginning.
  readonly #text = new TextDecoder();
  readonly #parser: EventSourceParser;
  #frames: Frame[] = [];
  /** The last character so far was a carriage return, and has ended its line. */
  #afterCr = false;
  #complete = true;
  #tooLarge = false;

  /** @param limit The largest frame, in characters. */
  constructor(limit: number = MAX_FRAME_LENGTH) {
    this.#limit = limit;
    this.#parser = createParser({
      maxBufferSize: limit,
      onEvent: ({ event, data }) => {
        if (data.length > limit) this.#tooLarge = true;
        else this.#frames.push({ event, data, complete: this.#complete });
      },
      // Fields that nobody knows are to be ignored, and the format says so.
      onError: ({ type }) => {
        if (type === 'max-buffer-size-exceeded') this.#tooLarge = true;
      },
    });
  }

  add(chunk: Uint8Array): readonly Frame[] {
    this.#feed(this.#text.decode(chunk, { stream: true }));
    return this.#taken();
  }

  end(): readonly Frame[] {
    this.#feed(this.#text.decode());
    this.#complete = false;
    // Ends the line that is open, if one is, and then the frame.
    this.#parser.feed(LF + LF);
    return this.#taken();
  }

  /**
   * The parser waits after a carriage return at the end of what it has, since a line feed may follow. Lines that end in
   * carriage returns alone would come late then, the last frame of a quiet stream for ever.
   */
  #feed(text: string): void {
    let rest = text;
    if (this.#afterCr && rest.startsWith(LF)) rest = rest.slice(1);
    if (rest !== '') this.#afterCr = rest.endsWith(CR);
    else if (text !== '') this.#afterCr = false;
    if (rest !== '') this.#parser.feed(this.#afterCr ? rest + LF : rest);
  }

  #taken(): readonly Frame[] {
    if (this.#tooLarge) throw new FrameTooLarge(this.#limit);
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }
}

/** One event of a stream. */
export interface Frame {
  /** What its `event:` line says; `undefined` without one. */
  readonly event: string | undefined;
  /** Its `data:` lines, joined by line ends. */
  readonly data: string;
  /** `false` when the body ended before the frame did: what came of it. */
  readonly complete: boolean;
}

/** The largest frame, in characters. */
export const MAX_FRAME_LENGTH = 16 * 1024 * 1024;

/** Makes frames of the bytes of a body, wherever these are cut. */
export interface FrameDecoder {
  /** @throws FrameTooLarge */
  add(chunk: Uint8Array): readonly Frame[];
  /** What is left when the body has come to its end. @throws FrameTooLarge */
  end(): readonly Frame[];
}

/** A frame went beyond the limit. What streams it is not to be listened to any further. */
export class FrameTooLarge extends Error {
  constructor(readonly limit: number) {
    super(`a frame is longer than ${limit} characters`);
  }
}

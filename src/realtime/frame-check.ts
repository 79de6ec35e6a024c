import type { ProtocolError } from '../errors/index.js';
import { mismatchError, WireCheck } from '../http/index.js';
import {
  eventSchemas,
  framePayload,
  helloOkFrameSchema,
  type Schema,
  type ServerFrame,
} from '../wire/index.js';
import type { RealtimeOptions } from './options.js';

/**
 * Compares frames with the contract, as often as `validate` asks for, and tells what differs. Nothing is lost by it: a
 * frame that differs is delivered like any other, in `strict` as well. What the client itself needs of a frame is
 * guarded elsewhere, on every one.
 */
export class FrameCheck {
  private constructor(
    private readonly wire: WireCheck,
    private readonly onStrict: (error: ProtocolError) => void,
  ) {}

  /** Null when the options ask for no look at all, so that a frame then costs nothing. */
  static from(
    { validate, onWireMismatch }: Pick<RealtimeOptions, 'validate' | 'onWireMismatch'>,
    onStrict: (error: ProtocolError) => void,
  ): FrameCheck | null {
    const wire = new WireCheck(validate, onWireMismatch);
    return wire.active ? new FrameCheck(wire, onStrict) : null;
  }

  /** Before anybody is given the frame: a handler may change what it gets. */
  look(frame: ServerFrame): void {
    const { type } = frame;
    if (type === 'hello.ok') this.compare(type, helloOkFrameSchema, frame);
    // Events that this version does not know have no form to differ from.
    else if (Object.hasOwn(eventSchemas, type)) {
      this.compare(type, eventSchemas[type as keyof typeof eventSchemas], framePayload(frame));
    }
  }

  private compare(kind: string, schema: Schema, value: unknown): void {
    const problems = this.wire.look(kind, schema, value);
    if (problems.length > 0 && this.wire.mode === 'strict') {
      this.onStrict(mismatchError(kind, problems, 'Nothing is dropped for it: "strict" only tells.'));
    }
  }
}

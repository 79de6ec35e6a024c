import type { Clock } from '../clock/index.js';
import { ProtocolError } from '../errors/index.js';
import { mismatchError, WireCheck } from '../http/index.js';
import {
  eventSchemas,
  framePayload,
  helloOkFrameSchema,
  type Schema,
  type ServerEvent,
  type ServerFrame,
} from '../wire/index.js';
import type { Counters } from './explain/counters.js';
import type { ErrorListener } from './listeners.js';
import type { RealtimeOptions } from './options.js';
import { ReportThrottle } from './util/report-throttle.js';

/** What an event carries, or the whole of the hello's answer. Events that this version does not know have no form. */
function formOf(type: string): Schema | undefined {
  if (type === 'hello.ok') return helloOkFrameSchema;
  return Object.hasOwn(eventSchemas, type) ? eventSchemas[type as ServerEvent] : undefined;
}

/**
 * Compares frames with the contract, as often as `validate` asks for, and tells what differs. Nothing is lost by it: a
 * frame that differs is delivered like any other, in `strict` as well. What the client itself needs of a frame is
 * guarded elsewhere, on every one.
 */
export class FrameCheck {
  constructor(
    private readonly wire: WireCheck,
    private readonly listener: ErrorListener,
  ) {}

  /** Before anybody is given the frame: a handler may change what it gets. */
  compare(frame: ServerFrame): void {
    const { type } = frame;
    const schema = formOf(type);
    if (schema === undefined) return;
    const problems = this.wire.look(type, schema, type === 'hello.ok' ? frame : framePayload(frame));
    if (problems.length > 0 && this.wire.mode === 'strict') {
      this.listener.onError(mismatchError(type, problems, 'Nothing is dropped for it: "strict" only tells.'));
    }
  }
}

/** Null when the options ask for no look at all, so that a frame then costs nothing. */
export function frameCheckOf(
  { validate, onWireMismatch }: Pick<RealtimeOptions, 'validate' | 'onWireMismatch'>,
  listener: ErrorListener,
): FrameCheck | null {
  const wire = new WireCheck(validate, onWireMismatch);
  return wire.active ? new FrameCheck(wire, listener) : null;
}

const LONGEST_NAME = 100;

/** Tells of frames that cannot be given to any handler, whatever `validate` says. */
export class Unusable {
  private readonly throttle = new ReportThrottle();

  constructor(
    private readonly clock: Clock,
    private readonly counters: Counters,
    private readonly listener: ErrorListener,
  ) {}

  /** Each message is told: nothing is lost unless a report names it. */
  message(payload: unknown, problem: string): void {
    this.counters.malformed += 1;
    const message = `A message.new frame cannot be used: ${problem}${nameOf(payload)}.`;
    this.listener.onError(new ProtocolError({ message }));
  }

  /** Other events are worth a few words a minute; all of them are counted. */
  event(type: string, problem: string): void {
    this.counters.malformed += 1;
    if (!this.throttle.admit(this.clock.now())) return;
    this.listener.onError(new ProtocolError({ message: `A ${type} frame cannot be used: ${problem}.` }));
  }
}

function nameOf(payload: unknown): string {
  const fields = (typeof payload === 'object' && payload !== null ? payload : {}) as Record<string, unknown>;
  const names = ['id', 'conversation_id', 'seq'].flatMap((name) => {
    const value = fields[name];
    if (typeof value === 'number') return [`${name} ${value}`];
    return typeof value === 'string' && value !== '' ? [`${name} ${value.slice(0, LONGEST_NAME)}`] : [];
  });
  return names.length === 0 ? '' : ` (${names.join(', ')})`;
}

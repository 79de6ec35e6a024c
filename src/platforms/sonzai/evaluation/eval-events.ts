import { invalid } from '../../../http/index.js';
import type { FrameStream } from '../../shared/frame-stream.js';
import { PlatformError } from '../../shared/platform-error.js';
import { checkOptions, type SonzaiCallOptions } from '../call-options.js';
import { failureIn } from '../chat/read-event.js';
import { FrameReader } from '../frame-reader.js';
import { pause } from '../pause.js';
import type { EvalEvent } from '../records/evaluation.js';
import type { OpenRecord } from '../records/open-record.js';
import { SonzaiStreamError } from '../sonzai-error.js';
import type { SonzaiWire } from '../sonzai-wire.js';

const LABEL = 'evalRuns.streamEvents';
/** The first pause before a stream is opened again, in milliseconds; each further one is twice as long. */
const PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 30_000;

/**
 * What happens in a run, as it happens. The calls are made when the loop begins; leaving the loop closes the connection, and the run goes
 * on. A connection that breaks is opened again where it broke, so that each event comes once.
 *
 * @example
 * const events = sonzai.agents.simulate('luna', { user_persona: { name: 'Ana', description: 'A nurse', style: 'brief' } });
 * for await (const event of events) console.log(events.runId, event.type);
 */
export class EvalEvents implements AsyncIterableIterator<EvalEvent> {
  readonly #wire: SonzaiWire;
  readonly #start: (options: SonzaiCallOptions) => Promise<string>;
  readonly #options: SonzaiCallOptions;
  readonly #events: AsyncGenerator<EvalEvent, void, undefined>;
  /** Fires when the caller's signal does, and when nobody wants another event. */
  readonly #left = new AbortController();
  #isClosed = false;
  #seen: number;
  #runId: string | null = null;

  /**
   * @param start Begins the run, and gives its id.
   * @param seen How many events to leave out.
   * @throws ValidationError for what cannot be asked.
   */
  constructor(
    wire: SonzaiWire,
    start: (options: SonzaiCallOptions) => Promise<string>,
    seen: number,
    options: SonzaiCallOptions,
  ) {
    if (!Number.isSafeInteger(seen) || seen < 0) {
      throw invalid('from_index', `${LABEL}: "from_index" must be a whole number, 0 or more`);
    }
    this.#wire = wire;
    this.#start = start;
    this.#options = checkOptions(options);
    this.#seen = seen;
    this.#events = this.#run();
  }

  /** The run; `null` before it has begun. */
  get runId(): string | null {
    return this.#runId;
  }

  /** How many events of the run have come, those that were left out included: the `from_index` to go on with. */
  get seen(): number {
    return this.#seen;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<EvalEvent>> {
    return this.#events.next();
  }

  async return(): Promise<IteratorResult<EvalEvent>> {
    this.close();
    await this.#events.return();
    return { done: true, value: undefined };
  }

  /** Stops listening at once: whoever reads gets no further event and no error. The run goes on. */
  close(): void {
    this.#isClosed = true;
    this.#left.abort();
  }

  async *#run(): AsyncGenerator<EvalEvent, void, undefined> {
    const { signal } = this.#options;
    let stopListening: (() => void) | undefined;
    if (signal?.aborted === true) this.#left.abort(signal.reason);
    else if (signal !== undefined) {
      stopListening = this.#wire.signals.listen(signal, (reason) => this.#left.abort(reason));
    }
    try {
      if (!this.#isClosed) yield* this.#follow({ ...this.#options, signal: this.#left.signal });
    } catch (error) {
      if (!this.#isClosed) throw error;
    } finally {
      stopListening?.();
    }
  }

  async *#follow(options: SonzaiCallOptions): AsyncGenerator<EvalEvent, void, undefined> {
    const runId = await this.#start(options);
    this.#runId = runId;
    const { idempotencyKey: _, ...call } = options;
    const mostBreaks = call.maxRetries ?? this.#wire.maxRetries;
    for (let breaks = 0; ; ) {
      const before = this.#seen;
      // What is refused here was asked for again already, where that made sense.
      const frames = await this.#open(runId, call);
      try {
        if (yield* this.#read(frames)) return;
        throw this.#interrupted();
      } catch (error) {
        breaks = this.#seen > before ? 1 : breaks + 1;
        if (!isBreak(error) || breaks > mostBreaks) throw error;
      } finally {
        frames.close();
      }
      const delayMs = Math.min(PAUSE_MS * 2 ** (breaks - 1), LONGEST_PAUSE_MS);
      await pause(this.#wire.clock, delayMs, call.signal, LABEL);
    }
  }

  #open(runId: string, options: SonzaiCallOptions): Promise<FrameStream> {
    const query = { from: this.#seen };
    const path = '/eval-runs/{runId}/events';
    return this.#wire.stream({ label: LABEL, method: 'GET', path, ids: { runId }, query }, options);
  }

  /** @returns Whether the platform has said that it was all. */
  async *#read(frames: FrameStream): AsyncGenerator<EvalEvent, boolean, undefined> {
    const reader = new FrameReader();
    for await (const frame of frames) {
      const read = reader.read(frame);
      if (read.state === 'end') return true;
      if (read.state === 'piece') continue;
      // One that cannot be read is an event of the platform's all the same.
      this.#seen += 1;
      if (read.state === 'record' && isEvent(read.record)) yield read.record;
      else if (read.state === 'record') this.#checkFailure(read.record);
    }
    return false;
  }

  #checkFailure(record: OpenRecord): void {
    const failure = failureIn(record);
    if (failure === undefined) return;
    throw new SonzaiStreamError({
      platform: 'sonzai',
      kind: 'server',
      message: `${LABEL}: the platform gave up: ${failure.message}`,
      body: record,
      errorCode: failure.code,
      isTokenError: failure.isTokenError,
      retryable: false,
    });
  }

  #interrupted(): Error {
    const message = `${LABEL}: the stream ended before the run did. Go on with "from_index" ${this.#seen}.`;
    return this.#wire.error({ kind: 'interrupted', message });
  }
}

function isEvent(record: OpenRecord): record is EvalEvent {
  return typeof record.type === 'string' && record.type !== '';
}

function isBreak(error: unknown): boolean {
  return error instanceof PlatformError && (error.kind === 'interrupted' || error.kind === 'timeout');
}

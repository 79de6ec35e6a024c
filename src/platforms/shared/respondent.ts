import { type Clock, systemClock } from '../../clock/index.js';
import { AgentChatClientError, StoreError, ValidationError } from '../../errors/index.js';
import {
  CallScope,
  checkFilled,
  checkOptionNames,
  DEFAULT_RETRY_POLICY,
  decideRetry,
  given,
  invalid,
  type RetryPolicy,
  SignalRelay,
} from '../../http/index.js';
import { fired, KeyQueue } from './key-queue.js';
import { PlatformError, type PlatformErrorKind, type PlatformName } from './platform-error.js';
import type { DoneThought, ErrorThought, ThoughtAsk, ThoughtCapabilities, ThoughtEvent } from './thought.js';

/** What differs between platforms as far as thinking goes. */
export interface ThoughtSource {
  readonly platform: PlatformName;
  readonly capabilities: ThoughtCapabilities;
  /**
   * Thinks once: events as they come, `done` the last. Throws what goes wrong. Its `signal` fires also when nobody listens any
   * more. It is not asked twice at a time about one conversation.
   */
  think(
    input: string,
    ask: ThoughtAsk & { readonly signal: AbortSignal },
  ): AsyncIterable<Exclude<ThoughtEvent, ErrorThought>>;
}

/** Text in, thoughts out: what the text platforms have in common. */
export interface Respondent {
  readonly capabilities: ThoughtCapabilities;
  /**
   * Thinks about a text. Begins when the first event is asked for.
   *
   * 1. The last event is `done` or `error`, one of them. Nothing is thrown, but for a `ValidationError` right away.
   * 2. When `signal` fires, or the loop is left, the connection is closed at once, and no further event comes.
   * 3. `text` of `done` is the reply, whatever the tokens add up to.
   * 4. After the first event nothing is repeated. Before it, what was refused with 429 or 503, and what never got there.
   * 5. Calls with one `conversationKey` run one after the other, others at the same time.
   * 6. No event holds a key, or the headers of a request.
   * 7. What the platform sends besides is skipped.
   *
   * @param input The new text alone: the platform remembers what was said before.
   * @throws ValidationError for an empty text, or an option that cannot be.
   * @example
   * for await (const event of thinker.respond('Hello', { conversationKey: 'alice' })) {
   *   if (event.type === 'token') process.stdout.write(event.text);
   *   if (event.type === 'error') console.error(event.error.message);
   * }
   */
  respond(input: string, ask: ThoughtAsk): AsyncIterableIterator<ThoughtEvent>;
}

export interface RespondentOptions {
  /** For failures before the first event. Default: that of the package. */
  retry?: RetryPolicy | undefined;
  /** Time itself, for tests. */
  clock?: Clock | undefined;
}

const ASK_NAMES: readonly string[] = ['conversationKey', 'userId', 'userName', 'signal', 'hints'];
/** Refusals before which nothing was done. */
const REFUSED_FOR_NOW: ReadonlySet<number | null> = /* @__PURE__ */ new Set([429, 503]);

/** Keeps the rules of {@link Respondent} for a source that knows none of them. */
export function respondentOf(source: ThoughtSource, options: RespondentOptions = {}): Respondent {
  const tools: ThinkingTools = {
    retry: options.retry ?? DEFAULT_RETRY_POLICY,
    clock: options.clock ?? systemClock,
    queue: new KeyQueue(),
    signals: new SignalRelay(),
  };
  return {
    capabilities: source.capabilities,
    respond: (input, ask) => new Thinking(source, input, checkAsk(input, ask), tools),
  };
}

function checkAsk(input: string, asked: ThoughtAsk): ThoughtAsk {
  checkFilled(input, 'input');
  const ask = given(asked);
  checkOptionNames(ask, ASK_NAMES, 'respond option');
  checkFilled(ask.conversationKey, 'conversationKey');
  if (ask.signal !== undefined && typeof ask.signal.addEventListener !== 'function') {
    throw invalid('signal', '"signal" must be an AbortSignal, such as that of an AbortController');
  }
  if (ask.hints !== undefined && (typeof ask.hints !== 'object' || Array.isArray(ask.hints))) {
    throw invalid('hints', '"hints" must be an object of fields for the call of the platform');
  }
  return ask;
}

/** What the calls of one respondent share. */
interface ThinkingTools {
  readonly retry: RetryPolicy;
  readonly clock: Clock;
  readonly queue: KeyQueue;
  readonly signals: SignalRelay;
}

/** One call of `respond`. It can be left while it waits for an event, which an async generator cannot. */
class Thinking implements AsyncIterableIterator<ThoughtEvent> {
  readonly #source: ThoughtSource;
  readonly #input: string;
  readonly #ask: ThoughtAsk;
  readonly #tools: ThinkingTools;
  readonly #events: AsyncGenerator<ThoughtEvent, void, undefined>;
  /** Fires when nobody wants another event: the caller's signal fired, or the loop was left. */
  readonly #left = new AbortController();

  constructor(source: ThoughtSource, input: string, ask: ThoughtAsk, tools: ThinkingTools) {
    this.#source = source;
    this.#input = input;
    this.#ask = ask;
    this.#tools = tools;
    this.#events = this.#run();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<ThoughtEvent>> {
    return this.#events.next();
  }

  async return(): Promise<IteratorResult<ThoughtEvent>> {
    this.#left.abort();
    await this.#events.return();
    return { done: true, value: undefined };
  }

  async *#run(): AsyncGenerator<ThoughtEvent, void, undefined> {
    const { signals, queue } = this.#tools;
    const { signal, conversationKey } = this.#ask;
    if (signal?.aborted === true) return;
    const stopListening = signal && signals.listen(signal, () => this.#left.abort());
    const leaveQueue = await queue.enter(conversationKey, this.#left.signal);
    let last: DoneThought | ErrorThought | undefined;
    try {
      if (leaveQueue !== undefined) last = yield* this.#inTurn();
    } finally {
      // The connection is closed also where the loop was left between two events.
      this.#left.abort();
      stopListening?.();
      leaveQueue?.();
    }
    // After that: whoever has it need not ask for more, and must hold up nobody.
    if (last !== undefined) yield last;
  }

  /** Thinks, as often as it takes until something comes of it. @returns The terminal event; `undefined` when nobody wants it. */
  async *#inTurn(): AsyncGenerator<ThoughtEvent, DoneThought | ErrorThought | undefined, undefined> {
    for (let failures = 1; ; failures += 1) {
      let hasBegun = false;
      try {
        for await (const event of this.#thoughts()) {
          if (event.type === 'done') return event;
          hasBegun = true;
          yield event;
        }
        return this.#isOver ? undefined : { type: 'error', error: this.#endless() };
      } catch (thrown) {
        if (this.#isOver) return undefined;
        const error = this.#errorOf(thrown);
        if (hasBegun || !(await this.#pause(error, failures))) {
          return this.#isOver ? undefined : { type: 'error', error };
        }
      }
    }
  }

  /** What the source gives, until nobody wants it: also when the source does not listen to its signal. */
  async *#thoughts(): AsyncGenerator<Exclude<ThoughtEvent, ErrorThought>, void, undefined> {
    const { signal } = this.#left;
    // It may have fired since the turn began.
    if (signal.aborted) return;
    const iterator = this.#source.think(this.#input, { ...this.#ask, signal })[Symbol.asyncIterator]();
    const left = fired(signal);
    try {
      for (;;) {
        const next = iterator.next();
        // Its failure is nobody's business once it was left.
        next.catch(() => {});
        const step = await Promise.race([next, left]);
        if (step === undefined || step.done === true || this.#isOver) return;
        yield step.value;
      }
    } finally {
      // Not waited for: a source that hangs would hold up the next turn.
      Promise.resolve(iterator.return?.()).catch(() => {});
    }
  }

  get #isOver(): boolean {
    return this.#left.signal.aborted;
  }

  /** Waits before another attempt; false when there is none. */
  async #pause(error: PlatformError, failures: number): Promise<boolean> {
    const { clock, retry } = this.#tools;
    const verdict = decideRetry(
      retry,
      {
        failures,
        retriable: REFUSED_FOR_NOW.has(error.status) || neverArrived(error),
        retryAfterMs: error.retryAfterMs,
        remainingMs: Number.POSITIVE_INFINITY,
      },
      clock.random(),
    );
    if (verdict.kind === 'stop') return false;
    const scope = new CallScope(clock, this.#left.signal, 0);
    try {
      return (await scope.pause(verdict.delayMs)) === undefined;
    } finally {
      scope.close();
    }
  }

  #errorOf(thrown: unknown): PlatformError {
    if (thrown instanceof PlatformError) return thrown;
    const { platform } = this.#source;
    const known = thrown instanceof AgentChatClientError ? thrown : undefined;
    return new PlatformError({
      platform,
      kind: kindOfThrown(thrown),
      message:
        known?.message ?? `Thinking with ${platform} failed before the platform was asked; see the cause.`,
      // What stands in the way is here, not there. A store that is down must not make the platform be asked again at once.
      retryable: known?.retryable ?? false,
      outcome: known?.outcome ?? 'unknown',
      cause: thrown,
    });
  }

  #endless(): PlatformError {
    const { platform } = this.#source;
    return new PlatformError({
      platform,
      kind: 'interrupted',
      message: `The reply of ${platform} broke off before its end.`,
      outcome: 'unknown',
    });
  }
}

/** The platform could not be reached. What this side refuses to send is refused again. */
function neverArrived({ kind, outcome }: PlatformError): boolean {
  return kind === 'network' && outcome === 'not_sent';
}

/** Of failures on this side, the nearest kind. */
function kindOfThrown(thrown: unknown): PlatformErrorKind {
  if (thrown instanceof ValidationError) return 'validation';
  return thrown instanceof StoreError ? 'unavailable' : 'server';
}

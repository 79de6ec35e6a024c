import { type Clock, systemClock } from '../../clock/index.js';
import { BotError } from '../../errors/index.js';
import { jsonBytes } from '../replies/json-bytes.js';
import { badAnswer, badChunk, lockedStream } from './bad-answer.js';
import { has } from './has.js';
import { Patience } from './patience.js';
import { type ChunkSource, IteratorSource, ModelSource, ReaderSource } from './sources.js';
import type { TextStream, ThinkerResult } from './thinker.js';

export interface ReadThoughtOptions {
  /** Ends the reading at once, also when the thinker does not listen to it. */
  signal: AbortSignal;
  /** Most bytes of the whole answer, as JSON in UTF-8. */
  maxBytes: number;
  /** Replaces time. For tests. */
  clock?: Pick<Clock, 'defer'> | undefined;
}

/** After so many chunks the loop gets a turn: a stream that always has the next one ready would let nobody else work. */
const CHUNKS_PER_TURN = 500;

/**
 * Waits for what a thinker has to say, and puts a stream of it together. A stream that is not read to its end is told so:
 * `return()` of an iterator, `cancel()` of a web stream. Neither is waited for.
 *
 * @returns The whole answer; null for silence.
 * @throws AbortedError when the signal aborts, at once.
 * @throws BotError `BAD_ANSWER` for what is no answer, `ANSWER_TOO_LONG` for one beyond `maxBytes`.
 * @throws What the thinker throws, as it is.
 */
export async function readThought(
  result: ThinkerResult,
  { signal, maxBytes, clock = systemClock }: ReadThoughtOptions,
): Promise<string | null> {
  const patience = new Patience(signal);
  try {
    const thought: unknown = await patience.wait(result, dismiss);
    const text = typeof thought === 'string' ? thought : await textOf(thought, patience, maxBytes, clock);
    if (jsonBytes(text) > maxBytes) throw tooLong(maxBytes);
    return text.trim() === '' ? null : text;
  } finally {
    patience.end();
  }
}

async function textOf(
  thought: unknown,
  patience: Patience,
  maxBytes: number,
  clock: Pick<Clock, 'defer'>,
): Promise<string> {
  if (thought === null || thought === undefined) return '';
  const source = sourceOf(thought);
  if (source === null) throw badAnswer(thought);
  let isWhole = false;
  try {
    const text = await gather(source, patience, maxBytes, clock);
    isWhole = true;
    return text;
  } finally {
    if (!isWhole) source.dismiss();
  }
}

async function gather(
  source: ChunkSource,
  patience: Patience,
  maxBytes: number,
  clock: Pick<Clock, 'defer'>,
): Promise<string> {
  let text = '';
  // Every chunk but the first has quotes of its own in `jsonBytes`.
  let bytes = 2;
  for (let chunks = 1; ; chunks += 1) {
    if (chunks % CHUNKS_PER_TURN === 0)
      await patience.wait(new Promise<void>((resolve) => clock.defer(resolve)));
    const { done, value } = await patience.wait(source.next());
    if (done) return text;
    if (typeof value !== 'string') throw badChunk(value);
    bytes += jsonBytes(value) - 2;
    if (bytes > maxBytes) throw tooLong(maxBytes);
    text += value;
  }
}

/** A web stream goes first, though most can be iterated over too: only `cancel()` reaches a source that is at work. */
function sourceOf(thought: unknown): ChunkSource | null {
  if (typeof thought !== 'object' || thought === null) return null;
  const { getReader } = thought as Partial<TextStream>;
  if (typeof getReader === 'function') {
    try {
      return new ReaderSource((thought as TextStream).getReader());
    } catch (cause) {
      throw lockedStream(cause);
    }
  }
  if (has(thought, 'fullStream')) {
    const parts = sourceOf(thought.fullStream);
    return parts === null ? null : new ModelSource(parts);
  }
  const iterable = thought as Partial<AsyncIterable<unknown>>;
  const iterate = iterable[Symbol.asyncIterator];
  return typeof iterate === 'function' ? new IteratorSource(iterate.call(iterable)) : null;
}

/** A stream that comes when nobody waits for it any more is told so. */
function dismiss(thought: unknown): void {
  try {
    sourceOf(thought)?.dismiss();
  } catch {
    // Nobody asks any more.
  }
}

function tooLong(maxBytes: number): BotError {
  return new BotError({
    code: 'ANSWER_TOO_LONG',
    message: `The answer has more than ${maxBytes} bytes. Tell the model to be brief or limit its tokens, or send long content as an attachment.`,
  });
}

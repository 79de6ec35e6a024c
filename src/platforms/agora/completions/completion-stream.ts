import type { BrainEvent } from './brain.js';
import type { Completion } from './completion.js';
import type { Refusal } from './refusal.js';

/** What a stream is made of. */
export interface CompletionStreamParts {
  readonly completion: Completion;
  readonly includeUsage: boolean;
  /** The first event, which has come already. */
  readonly first: IteratorResult<BrainEvent, void>;
  readonly events: AsyncIterator<BrainEvent, void>;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
  /** Has it abort. */
  readonly abort: (reason: unknown) => void;
  /** What is told of a failure in the middle. */
  readonly refusalOf: (error: unknown) => Refusal;
}

const DONE = 'data: [DONE]\n\n';

/** A reply as server-sent events, thought of as fast as it is read. */
export function completionStream(parts: CompletionStreamParts): ReadableStream<Uint8Array> {
  const { completion, includeUsage, events, signal, abort, refusalOf } = parts;
  const encoder = new TextEncoder();
  let first: IteratorResult<BrainEvent, void> | null = parts.first;
  // Not awaited: a thinker that does not listen to its signal may take long.
  const letGo = () => void events.return?.()?.catch(() => {});

  async function* frames(): AsyncGenerator<string, void, undefined> {
    yield frameOf(completion.first());
    try {
      for (;;) {
        const { done, value } = first ?? (await events.next());
        first = null;
        if (!done && value.kind === 'piece') {
          yield frameOf(completion.piece(value.text));
          continue;
        }
        yield frameOf(completion.last());
        const usage = includeUsage && !done && value.kind === 'end' ? completion.usage(value.usage) : null;
        if (usage !== null) yield frameOf(usage);
        yield DONE;
        return;
      }
    } catch (error) {
      // The status has been sent: the form of OpenAI has a frame for it.
      if (!signal.aborted) yield frameOf(refusalOf(error).body);
    } finally {
      // A thinker that has given its end may still hold something.
      letGo();
    }
  }

  const reply = frames();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reply.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel(reason) {
      abort(reason);
      letGo();
    },
  });
}

function frameOf(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

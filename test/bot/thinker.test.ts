import { getEventListeners } from 'node:events';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { readThought } from '../../src/bot/thinking/read-thought.js';
import type { ThinkerResult, Thought } from '../../src/bot/thinking/thinker.js';
import { AbortedError, BotError } from '../../src/errors/index.js';

const never = new Promise<never>(() => {});
const turnOfTheLoop = () => new Promise<void>((resolve) => setImmediate(resolve));

function read(thought: unknown, { maxBytes = 1_000, signal = new AbortController().signal } = {}) {
  return readThought(thought as ThinkerResult, { signal, maxBytes });
}

/** An async iterable that remembers how it was treated. */
class Spied implements AsyncIterable<unknown>, AsyncIterator<unknown> {
  returned = 0;
  constructor(
    private readonly chunks: readonly unknown[],
    private readonly afterwards: () => Promise<IteratorResult<unknown>> = async () => ({
      done: true,
      value: undefined,
    }),
  ) {}
  private at = 0;
  [Symbol.asyncIterator]() {
    return this;
  }
  async next(): Promise<IteratorResult<unknown>> {
    if (this.at === this.chunks.length) return this.afterwards();
    return { done: false, value: this.chunks[this.at++] };
  }
  async return(): Promise<IteratorResult<unknown>> {
    this.returned += 1;
    throw new Error('even saying goodbye fails');
  }
}

/** A web stream that remembers whether it was cancelled. */
function webStream(chunks: readonly unknown[], end: 'closes' | 'hangs' = 'closes') {
  const seen = { cancelled: 0 };
  const stream = new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      if (end === 'closes') controller.close();
    },
    cancel() {
      seen.cancelled += 1;
      throw new Error('even saying goodbye fails');
    },
  });
  return { stream, seen };
}

/** A model of the AI SDK gives a stream that is both. */
function both(chunks: readonly string[]) {
  const { stream, seen } = webStream(chunks, 'hangs');
  return { stream, seen, iterable: stream as unknown as AsyncIterable<string> };
}

describe('what a thinker may return', () => {
  it('fits the streams of every runtime', () => {
    expectTypeOf<ReadableStream<string>>().toExtend<Thought>();
    expectTypeOf<import('node:stream/web').ReadableStream<string>>().toExtend<Thought>();
    expectTypeOf<AsyncGenerator<string>>().toExtend<Thought>();
    expectTypeOf<Promise<string | null>>().toExtend<ThinkerResult>();
    expectTypeOf<ReadableStream<Uint8Array>>().not.toExtend<Thought>();
  });

  it.each([
    ['a text', () => 'Hello'],
    ['a promise of a text', async () => 'Hello'],
    // biome-ignore lint/suspicious/noThenProperty: some libraries have promises of their own.
    ['a foreign promise', () => ({ then: (resolve: (text: string) => void) => resolve('Hello') })],
    ['an iterable', () => new Spied(['Hel', '', 'lo'])],
    ['a promise of an iterable', async () => new Spied(['Hello'])],
    ['a web stream', () => webStream(['Hel', 'lo']).stream],
    ['a promise of a web stream', async () => webStream(['Hello']).stream],
  ])('%s', async (_, think) => {
    expect(await read(think())).toBe('Hello');
  });

  it.each([
    ['null', null],
    ['undefined', undefined],
    ['an empty text', ''],
    ['white space', ' \n\t'],
    ['a promise of null', Promise.resolve(null)],
    ['a stream without text', new Spied([])],
    ['a stream of white space', new Spied([' ', '\n'])],
    ['a web stream without text', webStream([]).stream],
  ])('%s is silence', async (_, thought) => {
    expect(await read(thought)).toBeNull();
  });

  it('keeps the white space around a text', async () => {
    expect(await read('  Hello\n')).toBe('  Hello\n');
  });

  it.each<[string, unknown, RegExp]>([
    ['a number', 42, /not a number\. Return String\(value\)/],
    ['a boolean', false, /not a boolean\. Return null for silence/],
    ['an array', ['a', 'b'], /not an array\. Return one string: parts\.join/],
    ['bytes', Buffer.from('a'), /not bytes\. Decode it/],
    ['a function', () => 'a', /not a function\. Call the function/],
    ['what generateText gives', { text: 'a' }, /not an object\. Return result\.text\./],
    ['what streamText gives', { textStream: 1, text: 1 }, /Return result\.textStream\./],
    ['an object', { answer: 'a' }, /Return the text that it holds/],
    ['a string object', Object('a'), /not an object/],
  ])('%s is no answer', async (_, thought, message) => {
    const error = await read(thought).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BotError);
    expect(error).toMatchObject({ code: 'BAD_ANSWER', retryable: false, outcome: 'not_sent' });
    expect((error as Error).message).toMatch(message);
  });

  it('does not touch what an AI SDK result holds', async () => {
    const result = {
      get text() {
        throw new Error('this starts a request');
      },
    };
    await expect(read(result)).rejects.toThrow('Return result.text.');
    const hostile = new Proxy(
      {},
      {
        has() {
          throw new Error('hostile');
        },
      },
    );
    await expect(read(hostile)).rejects.toThrow(BotError);
  });

  it.each<[string, unknown, RegExp]>([
    ['bytes', new Uint8Array(1), /gave bytes .* TextDecoderStream/],
    ['events', { type: 'text-delta' }, /gave an object .* what streamText/],
    ['numbers', 1, /gave a number .* Yield strings only/],
    ['null', null, /gave null .* Yield strings only/],
    ['undefined', undefined, /gave undefined/],
  ])('a stream of %s is none, and is told', async (_, chunk, message) => {
    const spied = new Spied(['a', chunk, 'b']);
    await expect(read(spied)).rejects.toThrow(message);
    expect(spied.returned).toBe(1);
    const { stream, seen } = webStream(['a', chunk], 'hangs');
    await expect(read(stream)).rejects.toMatchObject({ code: 'BAD_ANSWER' });
    expect(seen.cancelled).toBe(1);
  });

  it('a stream that is read already is none', async () => {
    const { stream } = webStream(['a']);
    stream.getReader();
    await expect(read(stream)).rejects.toThrow(/has a reader already/);
  });

  it('passes on what the thinker throws, as it is', async () => {
    const error = new Error('the model is down');
    await expect(read(Promise.reject(error))).rejects.toBe(error);
    await expect(read(new Spied(['a'], () => Promise.reject(error)))).rejects.toBe(error);
    const stream = new ReadableStream({ pull: (controller) => controller.error(error) });
    await expect(read(stream)).rejects.toBe(error);
    const broken = {
      [Symbol.asyncIterator]() {
        throw error;
      },
    };
    await expect(read(broken)).rejects.toBe(error);
  });
});

describe('how long an answer may be', () => {
  it('takes exactly maxBytes, and not one more', async () => {
    expect(await read('a"b', { maxBytes: 6 })).toBe('a"b');
    await expect(read('a"bc', { maxBytes: 6 })).rejects.toMatchObject({
      code: 'ANSWER_TOO_LONG',
      retryable: true,
    });
    expect(await read(new Spied(['a', '"b']), { maxBytes: 6 })).toBe('a"b');
  });

  it('stops reading a stream that never ends, and tells it', async () => {
    const spied = new Spied([], async () => ({ done: false, value: 'more and more ' }));
    await expect(read(spied)).rejects.toThrow(/more than 1000 bytes\. Tell the model to be brief/);
    expect(spied.returned).toBe(1);
    const { stream, seen } = webStream(['x'.repeat(2_000)], 'hangs');
    await expect(read(stream)).rejects.toMatchObject({ code: 'ANSWER_TOO_LONG' });
    expect(seen.cancelled).toBe(1);
  });
});

describe('an abort wins at once', () => {
  const sources: [string, () => { thought: unknown; ended?: () => number }][] = [
    ['a promise that never settles', () => ({ thought: never })],
    [
      'an iterable that hangs',
      () => {
        const spied = new Spied(['a'], () => never);
        return { thought: spied, ended: () => spied.returned };
      },
    ],
    [
      'a web stream that hangs',
      () => {
        const { stream, seen } = webStream(['a'], 'hangs');
        return { thought: stream, ended: () => seen.cancelled };
      },
    ],
    [
      'a web stream that hangs and can be iterated over',
      () => {
        const { iterable, seen } = both(['a']);
        return { thought: iterable, ended: () => seen.cancelled };
      },
    ],
    ['a generator that ignores everything', () => ({ thought: hangs() })],
  ];
  async function* hangs() {
    yield 'a';
    await never;
  }

  it.each(sources)('over %s', async (_, make) => {
    const { thought, ended } = make();
    const controller = new AbortController();
    const reading = read(thought, { signal: controller.signal });
    const reason = new Error('the turn took too long');
    await turnOfTheLoop();
    controller.abort(reason);
    const error = await reading.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AbortedError);
    expect(error).toMatchObject({ cause: reason, outcome: 'not_sent' });
    if (ended !== undefined) expect(ended()).toBe(1);
  });

  it.each(sources)('that came before, over %s', async (_, make) => {
    const { thought, ended } = make();
    await expect(read(thought, { signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
    await turnOfTheLoop();
    if (ended !== undefined) expect(ended()).toBe(1);
  });

  it('also over a stream of nothing that is always ready', async () => {
    const spied = new Spied([], async () => ({ done: false, value: '' }));
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    await expect(read(spied, { signal: controller.signal })).rejects.toThrow(AbortedError);
    expect(spied.returned).toBe(1);
  });

  it('and a stream that comes later is told', async () => {
    let give = (_: unknown) => {};
    const late = new Promise((resolve) => {
      give = resolve;
    });
    const controller = new AbortController();
    const reading = read(late, { signal: controller.signal });
    controller.abort();
    await expect(reading).rejects.toThrow(AbortedError);
    const { stream, seen } = webStream(['a'], 'hangs');
    give(stream);
    await turnOfTheLoop();
    expect(seen.cancelled).toBe(1);
  });

  it('and nothing that fails later is left unhandled', async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listen);
    try {
      let fail = (_: Error) => {};
      const failing = () =>
        new Promise<never>((_, reject) => {
          fail = reject;
        });
      for (const thought of [() => failing(), () => new Spied([], failing)]) {
        const controller = new AbortController();
        const reading = read(thought(), { signal: controller.signal });
        await turnOfTheLoop();
        controller.abort();
        await expect(reading).rejects.toThrow(AbortedError);
        fail(new Error('too late'));
        await turnOfTheLoop();
      }
      expect(unhandled).toEqual([]);
    } finally {
      process.removeListener('unhandledRejection', listen);
    }
  });

  it('and no listener is left on the signal', async () => {
    const { signal } = new AbortController();
    await read(new Spied(['a', 'b', 'c']), { signal });
    await read(42, { signal }).catch(() => {});
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

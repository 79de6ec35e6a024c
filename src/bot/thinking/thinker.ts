/**
 * A web stream of texts, as far as it is used: the `ReadableStream<string>` of any runtime fits, and so does `textStream` of the
 * AI SDK.
 */
export interface TextStream {
  getReader(): TextReader;
}

/** The reader of a {@link TextStream}. */
export interface TextReader {
  read(): Promise<{ readonly done: boolean; readonly value?: string | undefined }>;
  cancel(reason?: unknown): Promise<void>;
}

/**
 * What `streamText` of the AI SDK returns, as far as it is used. Its `textStream` ends like any other where the model fails; the
 * error is in `fullStream` only.
 */
export interface ModelStream {
  readonly fullStream: AsyncIterable<unknown>;
}

/**
 * What a bot has to say:
 * - a text: it is sent, in several messages where it is longer than the service takes;
 * - an async iterable or a web stream of texts: they are put together and sent as one answer when the stream has ended, because a
 *   message on AgentChat cannot grow;
 * - what `streamText` of the AI SDK returns, as a whole: the same, and a model that fails fails the turn. With its `textStream` alone
 *   nobody is told, and what the model has said until then counts as its answer;
 * - `null` or `undefined`, or nothing but white space: silence. The messages count as handled.
 */
export type Thought = string | null | undefined | AsyncIterable<string> | TextStream | ModelStream;

/** What a thinker returns: a thought, or a promise of one. */
export type ThinkerResult = Thought | PromiseLike<Thought>;

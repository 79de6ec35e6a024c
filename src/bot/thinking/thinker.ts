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
 * What a bot has to say:
 * - a text: it is sent, in several messages where it is longer than the service takes;
 * - an async iterable or a web stream of texts, such as `textStream` of the AI SDK: they are put together and sent as one answer
 *   when the stream has ended, because a message on AgentChat cannot grow;
 * - `null` or `undefined`, or nothing but white space: silence. The messages count as handled.
 */
export type Thought = string | null | undefined | AsyncIterable<string> | TextStream;

/** What a thinker returns: a thought, or a promise of one. */
export type ThinkerResult = Thought | PromiseLike<Thought>;

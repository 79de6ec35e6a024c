import type { Respondent } from '../../shared/respondent.js';
import type { CompletionMessage } from './completion-request.js';

/** What a function that thinks is given: a turn, as far as a call has one. */
export interface BrainTurn {
  /** What was said last. */
  readonly text: string;
  /** Who speaks. */
  readonly sender: string;
  readonly conversation: { readonly id: string };
  /** All messages of the request, oldest first. */
  readonly messages: readonly CompletionMessage[];
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
  /** Runs `work`. Nothing is remembered: a call says nothing twice. */
  step<T>(name: string, work: (step: { readonly signal: AbortSignal }) => Promise<T>): Promise<T>;
  /** Counts for nobody: budgets are the bot's. */
  usage(used: { readonly tokens: number }): Promise<void>;
}

/** What a function that thinks gives: a text, or a stream of texts, also as `textStream` of the AI SDK's `streamText`; null is silence. */
export type BrainThought =
  | string
  | null
  | undefined
  | AsyncIterable<string>
  | { readonly textStream: AsyncIterable<string> };

/**
 * What thinks for a voice agent: a thinker of one of the platforms (`phosonThinker`, `sonzaiThinker`, `somiaThinker`), of which
 * `respond` is used, or a function.
 */
export type Brain =
  | Pick<Respondent, 'respond'>
  | ((turn: BrainTurn) => BrainThought | PromiseLike<BrainThought>);

/** What a brain is asked. */
export interface BrainAsk {
  readonly text: string;
  readonly messages: readonly CompletionMessage[];
  readonly conversationKey: string;
  readonly userId: string;
  readonly signal: AbortSignal;
}

/** A piece of a reply, or all of it when it is over. */
export type BrainEvent =
  | { readonly kind: 'piece'; readonly text: string }
  | { readonly kind: 'end'; readonly text: string; readonly usage: unknown };

/** Asks a brain. The last event is the end; what goes wrong is thrown. An abort ends it with neither. */
export async function* thoughtsOf(brain: Brain, ask: BrainAsk): AsyncGenerator<BrainEvent, void, undefined> {
  if ('respond' in brain && typeof brain.respond === 'function') yield* ofRespondent(brain, ask);
  else yield* ofFunction(brain as Exclude<Brain, Pick<Respondent, 'respond'>>, ask);
}

async function* ofRespondent(
  brain: Pick<Respondent, 'respond'>,
  { text, conversationKey, userId, signal }: BrainAsk,
): AsyncGenerator<BrainEvent, void, undefined> {
  let spoken = '';
  let message = 0;
  for await (const event of brain.respond(text, { conversationKey, userId, signal })) {
    if (event.type === 'error') throw event.error;
    if (event.type === 'token') {
      // Another message of the same reply.
      const gap = (event.messageIndex ?? 0) !== message && spoken !== '' ? '\n\n' : '';
      message = event.messageIndex ?? 0;
      spoken += gap + event.text;
      yield { kind: 'piece', text: gap + event.text };
    }
    if (event.type === 'done') {
      // What has been spoken cannot be taken back, but what is missing can be added.
      if (event.text !== spoken && event.text.startsWith(spoken)) {
        yield { kind: 'piece', text: event.text.slice(spoken.length) };
      }
      yield { kind: 'end', text: event.text, usage: event.usage };
    }
  }
}

async function* ofFunction(
  think: (turn: BrainTurn) => BrainThought | PromiseLike<BrainThought>,
  { text, messages, conversationKey, userId, signal }: BrainAsk,
): AsyncGenerator<BrainEvent, void, undefined> {
  const thought = await think({
    text,
    messages,
    signal,
    sender: userId,
    conversation: { id: conversationKey },
    step: (_, work) => work({ signal }),
    usage: async () => {},
  });
  let spoken = '';
  for await (const piece of piecesOf(thought)) {
    if (typeof piece !== 'string')
      throw new TypeError('A thinker gave a stream of something else than texts');
    spoken += piece;
    yield { kind: 'piece', text: piece };
  }
  yield { kind: 'end', text: spoken, usage: undefined };
}

function piecesOf(thought: BrainThought): AsyncIterable<string> | Iterable<string> {
  if (thought === null || thought === undefined || thought === '') return [];
  if (typeof thought === 'string') return [thought];
  if (Symbol.asyncIterator in thought) return thought;
  if ('textStream' in thought) return thought.textStream;
  throw new TypeError('A thinker must give a text, null, or a stream of texts');
}

import { listenerFailed, writeError } from '../../../errors/index.js';
import { checkFilled, checkFunction, checkOptionNames, given, invalid } from '../../../http/index.js';
import { PlatformError, type PlatformErrorKind } from '../../shared/platform-error.js';
import { BearerCheck } from './bearer.js';
import { type Brain, type BrainEvent, thoughtsOf } from './brain.js';
import { Completion } from './completion.js';
import { type CompletionRequest, readCompletionRequest } from './completion-request.js';
import { completionStream } from './completion-stream.js';
import { Refusal } from './refusal.js';

/** Whom a request speaks for. */
export interface CompletionSpeaker {
  /** What the thinker remembers the conversation by. */
  readonly conversationKey: string;
  /** Who speaks. Default: OpenAI's field `user`, else `caller`. */
  readonly userId?: string | undefined;
}

/** Options of {@link chatCompletions}. */
export interface ChatCompletionsOptions {
  /** What the other side must show as its bearer token; several while it is being changed. */
  readonly apiKey: string | readonly string[];
  /**
   * Says which conversation a request belongs to. Default: the query parameter `conversation` of the URL, else OpenAI's field `user`,
   * else a new one for each request, which remembers nothing.
   */
  readonly speakerOf?: ((request: Request, body: CompletionRequest) => CompletionSpeaker) | undefined;
  /** Told what a thinker failed with. The other side hears only that it did. Default: `console.error`. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Who speaks where nobody says. */
const SOMEBODY = 'caller';
const CONVERSATION = 'conversation';
/** Nobody reads it. */
const CLIENT_LEFT = 499;

/** What a failure of a platform is to who asked: statuses on which clients of OpenAI try again, and those on which they do not. */
const STATUSES: Readonly<Partial<Record<PlatformErrorKind, readonly [number, string]>>> = {
  rate_limit: [429, 'rate_limit_error'],
  unavailable: [503, 'server_error'],
  timeout: [504, 'server_error'],
};

/**
 * Makes a thinker the brain of a voice agent: an endpoint in the form of OpenAI's chat completions, streamed or whole, for any
 * server that speaks `Request` and `Response`. Give its public HTTPS address to {@link CustomLLM}.
 *
 * The thinker gets the last message of the user, and remembers the conversation by its key: tell each call's apart, with
 * `?conversation=...` in the address or `params: { user }` of the model. When the other side leaves, the thinker's signal aborts.
 *
 * @throws ValidationError without a key or a thinker.
 * @example
 * const brain = chatCompletions(phosonThinker({ client, agentId: 'agt_1' }), { apiKey: process.env.BRAIN_KEY });
 * export default { fetch: brain }; // Bun, Deno, workers; on Node behind any adapter for web requests
 */
export function chatCompletions(
  brain: Brain,
  asked: ChatCompletionsOptions,
): (request: Request) => Promise<Response> {
  if (!isBrain(brain))
    throw invalid('brain', 'chatCompletions() needs a thinker: a function, or an object with respond()');
  checkOptionNames(asked, ['apiKey', 'speakerOf', 'onError'], 'chatCompletions() option');
  const { apiKey, speakerOf = speakerByDefault, onError } = given(asked);
  checkFunction(speakerOf, 'speakerOf');
  checkFunction(onError, 'onError');
  const bearer = new BearerCheck(apiKey);
  const refusalOf = (error: unknown) => {
    tell(onError, error);
    return refusalFor(error);
  };
  return async (request) => {
    try {
      // Before the body is read: strangers cost nothing.
      bearer.check(request);
      const asks = await readCompletionRequest(request);
      return await answer(brain, asks, speakerOf(request, asks), request.signal, refusalOf);
    } catch (error) {
      return (error instanceof Refusal ? error : refusalOf(error)).toResponse();
    }
  };
}

async function answer(
  brain: Brain,
  { model, text, messages, stream, includeUsage, user }: CompletionRequest,
  { conversationKey, userId = user ?? SOMEBODY }: CompletionSpeaker,
  leaving: AbortSignal,
  refusalOf: (error: unknown) => Refusal,
): Promise<Response> {
  checkFilled(conversationKey, 'conversationKey');
  const controller = new AbortController();
  const { signal } = controller;
  const abort = (reason: unknown) => controller.abort(reason);
  // Never taken off again: it goes with the request.
  if (leaving.aborted) abort(leaving.reason);
  else leaving.addEventListener('abort', () => abort(leaving.reason), { once: true });
  const events = thoughtsOf(brain, { text, messages, conversationKey, userId, signal });
  const completion = new Completion(model);
  try {
    if (!stream) return Response.json(completion.whole(...(await allOf(events))));
    // The head waits for the first word: what fails until then has a status of its own, on which the other side can try again.
    const first = await events.next();
    const body = completionStream({ completion, includeUsage, first, events, signal, abort, refusalOf });
    const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };
    return new Response(body, { headers });
  } catch (error) {
    throw signal.aborted ? new Refusal(CLIENT_LEFT, 'The client has left.') : error;
  }
}

function isBrain(brain: unknown): brain is Brain {
  return (
    typeof brain === 'function' || typeof (brain as { respond?: unknown } | null)?.respond === 'function'
  );
}

async function allOf(events: AsyncIterable<BrainEvent>): Promise<[string, unknown]> {
  for await (const event of events) if (event.kind === 'end') return [event.text, event.usage];
  return ['', undefined];
}

function speakerByDefault(request: Request, { user }: CompletionRequest): CompletionSpeaker {
  const inUrl = new URL(request.url).searchParams.get(CONVERSATION);
  const conversationKey = inUrl === null || inUrl.trim() === '' ? user : inUrl;
  return { conversationKey: conversationKey ?? crypto.randomUUID() };
}

/** What the other side hears of a failure: nothing of what it says. */
function refusalFor(error: unknown): Refusal {
  const [status, type] =
    error instanceof PlatformError ? (STATUSES[error.kind] ?? [502, 'server_error']) : [500, 'server_error'];
  const wait = error instanceof PlatformError ? error.retryAfterMs : null;
  const headers = wait === null ? {} : { 'retry-after': String(Math.ceil(wait / 1_000)) };
  return new Refusal(status, 'The thinker failed.', { type, headers });
}

function tell(onError: ((error: unknown) => void) | undefined, error: unknown): void {
  try {
    if (onError === undefined) writeError(listenerFailed('thinker of chatCompletions()', error));
    else onError(error);
  } catch {
    // Who is told cannot disturb what it is told of.
  }
}

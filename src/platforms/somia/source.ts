import type { ConversationStore } from '../shared/conversation-store.js';
import type { ThoughtSource } from '../shared/respondent.js';
import type { ErrorThought, ThoughtAsk, ThoughtCapabilities, ThoughtEvent } from '../shared/thought.js';
import type { SomiaClient } from './client.js';
import type { SomiaEvent } from './events.js';
import type { SomiaAgentId, SomiaOptions } from './fields.js';
import type { SomiaResult } from './result.js';
import { SomiaBadRequestError, SomiaError, SomiaNotFoundError } from './somia-error.js';

/**
 * How a session begins. `interact`: it is made without input, and the text follows in it, so that a session that ignores its first
 * input loses nothing. `create`: the text is the input that it is made with, for an agent whose Begin step asks for one.
 */
export type SomiaFirstTurn = 'interact' | 'create';

/** With whom, and how, an agent of Somia thinks. */
export interface SomiaSourceParts {
  readonly client: SomiaClient;
  readonly agentId: SomiaAgentId;
  readonly firstTurn: SomiaFirstTurn;
  readonly options: SomiaOptions;
  readonly conversations: ConversationStore;
}

type Ask = ThoughtAsk & { readonly signal: AbortSignal };
type Thought = Exclude<ThoughtEvent, ErrorThought>;
type Thoughts = AsyncGenerator<Thought, void, undefined>;

/** An agent of Somia that thinks: one session there for each conversation of ours. */
export class SomiaSource implements ThoughtSource {
  readonly platform = 'somia';
  readonly capabilities: ThoughtCapabilities = {
    reasoning: false,
    toolEvents: false,
    usage: false,
    multiMessage: false,
    serverHistory: true,
  };
  readonly #parts: SomiaSourceParts;

  constructor(parts: SomiaSourceParts) {
    this.#parts = parts;
  }

  async *think(input: string, ask: Ask): Thoughts {
    const { conversations } = this.#parts;
    const known = await conversations.get(ask.conversationKey);
    if (known === null) {
      yield* this.#begin(input, ask);
      return;
    }
    try {
      yield* this.#interact(known, input, ask);
    } catch (error) {
      // A 404 is the answer to the request itself, so nothing has come before it.
      if (!(error instanceof SomiaNotFoundError)) throw error;
      await conversations.delete(ask.conversationKey);
      yield* this.#begin(input, ask);
    }
  }

  async *#begin(input: string, ask: Ask): Thoughts {
    if (this.#parts.firstTurn === 'interact') {
      yield* this.#interact(await this.#create(ask), input, ask);
      return;
    }
    const result = await this.#createWith(input, ask);
    const { message, session_id: remoteId, finished } = result;
    const text = message ?? '';
    if (text !== '') yield { type: 'token', text };
    yield { type: 'done', text, remoteId, finished: finished === true, raw: result };
  }

  /** Makes a session that has heard nothing. */
  async #create(ask: Ask): Promise<string> {
    const { client, agentId, conversations } = this.#parts;
    try {
      const { session_id } = await client.sessions.createSession(
        agentId,
        { ...this.#fields(ask), stream: false },
        callOf(ask),
      );
      await conversations.set(ask.conversationKey, session_id);
      return session_id;
    } catch (error) {
      throw error instanceof SomiaBadRequestError ? withAdvice(error) : error;
    }
  }

  /** Makes a session that replies to its input. */
  async #createWith(input: string, ask: Ask): Promise<SomiaResult> {
    const { client, agentId, conversations } = this.#parts;
    const fields = { ...this.#fields(ask), input_data: input, stream: false } as const;
    const result = await client.sessions.createSession(agentId, fields, callOf(ask));
    if (result.finished !== true) await conversations.set(ask.conversationKey, result.session_id);
    return result;
  }

  async *#interact(remoteId: string, input: string, ask: Ask): Thoughts {
    const { client, agentId, conversations } = this.#parts;
    const fields = { ...this.#fields(ask), input_data: input, stream: true } as const;
    let text = '';
    for await (const event of client.sessions.interactSession(agentId, remoteId, fields, callOf(ask))) {
      if (event.type === 'error') throw failureOf(event);
      if (event.type === 'chunk') {
        text += event.text;
        if (event.text !== '') yield { type: 'token', text: event.text };
        continue;
      }
      const { finished, message } = event;
      // Before `done`: whoever has that asks no further.
      if (finished) await conversations.delete(ask.conversationKey);
      // An agent that says nothing in pieces may have said it all at once.
      yield { type: 'done', text: text === '' ? (message ?? '') : text, remoteId, finished, raw: event };
    }
  }

  #fields({ hints, userId }: ThoughtAsk): SomiaOptions {
    const person = userId === undefined ? {} : { end_user_id: userId };
    return { ...person, ...this.#parts.options, ...hints };
  }
}

/** What may be repeated, `respond` repeats. */
function callOf({ signal }: Ask): { signal: AbortSignal; maxRetries: number } {
  return { signal, maxRetries: 0 };
}

function failureOf({ data, message }: Extract<SomiaEvent, { type: 'error' }>): SomiaError {
  return new SomiaError({
    platform: 'somia',
    kind: 'server',
    message: `sessions.interactSession: the run failed: ${message}`,
    body: data,
    outcome: 'unknown',
  });
}

/** An agent whose Begin step asks for input refuses a session without one. */
function withAdvice(error: SomiaBadRequestError): SomiaBadRequestError {
  const { platform, kind, statusCode: status, body, requestId, retryable, outcome } = error;
  const message = `${error.message} If the Begin step of the agent asks for input, pass firstTurn: 'create'.`;
  return new SomiaBadRequestError({
    platform,
    kind,
    status,
    message,
    body,
    requestId,
    retryable,
    outcome,
    cause: error,
  });
}

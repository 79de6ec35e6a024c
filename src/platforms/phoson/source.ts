import type { ConversationStore } from '../shared/conversation-store.js';
import { PlatformError } from '../shared/platform-error.js';
import type { ThoughtSource } from '../shared/respondent.js';
import type { ErrorThought, ThoughtAsk, ThoughtCapabilities, ThoughtEvent } from '../shared/thought.js';
import type { PhosonClient } from './client.js';
import type { PhosonEvent } from './events.js';
import type { PhosonReplyOptions } from './messages.js';
import { PhosonApiError } from './phoson-api-error.js';

/** With whom, and how, an agent of Phoson thinks. */
export interface PhosonSourceParts {
  readonly client: PhosonClient;
  readonly agentId: string;
  readonly reply: PhosonReplyOptions;
  readonly title: string | undefined;
  readonly conversations: ConversationStore;
}

type Ask = ThoughtAsk & { readonly signal: AbortSignal };
type Thought = Exclude<ThoughtEvent, ErrorThought>;

/** An agent of Phoson that thinks: one conversation there for each of ours. */
export class PhosonSource implements ThoughtSource {
  readonly platform = 'phoson';
  readonly capabilities: ThoughtCapabilities = {
    reasoning: true,
    toolEvents: true,
    usage: false,
    multiMessage: false,
    serverHistory: true,
  };
  readonly #parts: PhosonSourceParts;

  constructor(parts: PhosonSourceParts) {
    this.#parts = parts;
  }

  async *think(input: string, ask: Ask): AsyncGenerator<Thought, void, undefined> {
    const { conversations } = this.#parts;
    const known = await conversations.get(ask.conversationKey);
    if (known === null) {
      yield* this.#reply(await this.#create(ask), input, ask);
      return;
    }
    try {
      yield* this.#reply(known, input, ask);
    } catch (error) {
      // A 404 is the answer to the request itself, so nothing has come before it.
      if (!isLost(error)) throw error;
      await conversations.delete(ask.conversationKey);
      yield* this.#reply(await this.#create(ask), input, ask);
    }
  }

  async #create({ conversationKey, signal }: Ask): Promise<string> {
    const { client, agentId, title, conversations } = this.#parts;
    const fields = { agent_id: agentId, thread_id: conversationKey, title };
    const { id } = await client.conversations.create(fields, { signal });
    await conversations.set(conversationKey, id);
    return id;
  }

  async *#reply(
    remoteId: string,
    input: string,
    { hints, signal }: Ask,
  ): AsyncGenerator<Thought, void, undefined> {
    const { client, reply } = this.#parts;
    let text = '';
    for await (const event of client.messages.stream(remoteId, input, { ...reply, ...hints }, { signal })) {
      if (event.type === 'token') text += event.content;
      yield thoughtOf(event, remoteId);
      if (event.type === 'run_done') return;
    }
    // It ended with a bare end mark.
    yield { type: 'done', text, remoteId };
  }
}

/** @throws PhosonApiError for the event of a run that failed. */
function thoughtOf(event: PhosonEvent, remoteId: string): Thought {
  switch (event.type) {
    case 'token':
    case 'reasoning':
      return { type: event.type, text: event.content };
    case 'tool_start':
      return { type: 'tool_start', tool: event.tool, input: event.input, callId: event.tool_call_id };
    case 'tool_end':
      return { type: 'tool_end', tool: event.tool, result: event.result, callId: event.tool_call_id };
    case 'run_done':
      return { type: 'done', text: event.content, remoteId, runId: event.run_id, raw: event };
    case 'error':
      throw new PhosonApiError({
        platform: 'phoson',
        kind: 'server',
        message: 'messages.stream: the run failed',
        body: { detail: event.message },
        outcome: 'unknown',
      });
  }
}

function isLost(error: unknown): boolean {
  return error instanceof PlatformError && error.status === 404;
}

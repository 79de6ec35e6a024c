import type { Clock } from '../../../clock/index.js';
import type { ThoughtSource } from '../../shared/respondent.js';
import type { ThoughtCapabilities } from '../../shared/thought.js';
import { type ChatResult, isOver, POLL_DELAYS_MS, POLL_LIMIT_MS } from '../chat/async-chat.js';
import { failureOf } from '../groups/chat-methods.js';
import { pause } from '../pause.js';
import { SonzaiError } from '../sonzai-error.js';
import { Growth } from './growth.js';
import type { PendingChats } from './pending-chats.js';
import { PhaseTools } from './phase-tools.js';
import {
  type Ask,
  doneOf,
  fieldsOf,
  type SourceParts,
  STREAM_CAPABILITIES,
  type Thought,
} from './thoughts.js';

const LABEL = 'Thinking with Sonzai';

/** An agent of Sonzai that thinks for longer than a connection lasts: the chat is queued there, and asked for until it is done. */
export class QueuedSource implements ThoughtSource {
  readonly platform = 'sonzai';
  /** The result of a queued chat says neither what it cost nor where a message ends. */
  readonly capabilities: ThoughtCapabilities = { ...STREAM_CAPABILITIES, usage: false, multiMessage: false };
  readonly #parts: SourceParts;
  readonly #pending: PendingChats;
  readonly #clock: Clock;

  constructor(parts: SourceParts, pending: PendingChats, clock: Clock) {
    this.#parts = parts;
    this.#pending = pending;
    this.#clock = clock;
  }

  async *think(input: string, ask: Ask): AsyncGenerator<Thought, void, undefined> {
    const { conversationKey } = ask;
    const known = await this.#pending.find(conversationKey, input);
    const isThere = known !== null && (await this.#isThere(known, ask.signal));
    yield* this.#wait(isThere ? known : await this.#queue(input, ask), ask);
  }

  /** Results are kept for a day, and those of chats that failed for ten minutes. */
  async #isThere(processingId: string, signal: AbortSignal): Promise<boolean> {
    const { client, agentId } = this.#parts;
    try {
      await client.agents.pollChatResult(agentId, processingId, { signal });
      return true;
    } catch (error) {
      if (error instanceof SonzaiError && error.kind === 'not_found') return false;
      throw error;
    }
  }

  async #queue(input: string, ask: Ask): Promise<string> {
    const { client, agentId, chat } = this.#parts;
    const fields = fieldsOf(input, ask, chat);
    const { processing_id } = await client.agents.chatAsync(agentId, fields, { signal: ask.signal });
    await this.#pending.put(ask.conversationKey, input, processing_id);
    return processing_id;
  }

  async *#wait(processingId: string, ask: Ask): AsyncGenerator<Thought, void, undefined> {
    const { conversationKey, signal } = ask;
    const tools = new PhaseTools();
    const reply = new Growth();
    const until = this.#clock.now() + POLL_LIMIT_MS;
    for (let round = 0; ; round += 1) {
      const state = await this.#ask(processingId, signal);
      yield* tools.enter(state.phase, state.tool);
      const text = reply.take(textOf(state));
      if (text !== '') {
        yield* tools.leave();
        yield { type: 'token', text };
      }
      if (isOver(state)) {
        await this.#pending.forget(conversationKey);
        yield* tools.leave();
        if (state.status === 'failed') throw failureOf(state, LABEL);
        yield doneOf({ text: textOf(state), remoteId: conversationKey, raw: state });
        return;
      }
      if (this.#clock.now() >= until) throw tooLong();
      await pause(
        this.#clock,
        POLL_DELAYS_MS[Math.min(round, POLL_DELAYS_MS.length - 1)] ?? 0,
        signal,
        LABEL,
      );
    }
  }

  async #ask(processingId: string, signal: AbortSignal): Promise<ChatResult> {
    const { client, agentId } = this.#parts;
    try {
      return await client.agents.pollChatResult(agentId, processingId, { signal });
    } catch (error) {
      throw error instanceof SonzaiError ? afterQueueing(error) : error;
    }
  }
}

/** A chat that is queued is under way, whatever the question about it was refused with: asking for it anew would be a second chat. */
function afterQueueing({ kind, message, retryable, requestId, body, cause }: SonzaiError): SonzaiError {
  return new SonzaiError({
    platform: 'sonzai',
    kind,
    message: `${LABEL}: the chat is under way, and its result cannot be read. ${message}`,
    requestId,
    body,
    retryable,
    outcome: 'unknown',
    cause,
  });
}

function tooLong(): SonzaiError {
  return new SonzaiError({
    platform: 'sonzai',
    kind: 'timeout',
    message: `${LABEL}: the chat was not done within ${POLL_LIMIT_MS / 60_000} minutes.`,
    outcome: 'unknown',
  });
}

function textOf({ response }: ChatResult): string {
  return typeof response === 'string' ? response : '';
}

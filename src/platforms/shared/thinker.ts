import { AbortedError } from '../../errors/index.js';
import type { Respondent } from './respondent.js';
import type { DoneThought, ThoughtEvent } from './thought.js';

/** A turn of a bot, as far as a thinker needs it. That of `createBot` fits. */
export interface ThinkingTurn {
  readonly text: string;
  /** The handle of who speaks: the person, to the platform. */
  readonly sender: string;
  readonly conversation: { readonly id: string };
  readonly signal: AbortSignal;
  step<T>(name: string, work: (step: { readonly signal: AbortSignal }) => Promise<T>): Promise<T>;
  usage?(used: { readonly tokens: number }): Promise<void>;
}

/**
 * A platform as the thinker of a bot: pass it to `createBot` as `think`. It gives the whole reply, and thinks in a step of
 * the turn: a turn that runs again gets the reply that was recorded, and the platform is not asked twice.
 *
 * `respond` is there as well, for whoever wants the reply as it comes.
 */
export interface PlatformThinker extends Respondent {
  /**
   * @returns The whole reply; an empty text, which is silence, for a turn without any text.
   * @throws PlatformError, and AbortedError when the turn was called off.
   */
  (turn: ThinkingTurn): Promise<string>;
}

/** @param name What the steps of a turn are called by. Never change it: what was recorded is found by it. */
export function thinkerOf(respondent: Respondent, name: string): PlatformThinker {
  const think = async (turn: ThinkingTurn): Promise<string> => {
    // Files alone: nothing that these platforms could read.
    if (turn.text.trim() === '') return '';
    const { text, tokens } = await turn.step(name, async ({ signal }) => {
      const ask = { conversationKey: turn.conversation.id, userId: turn.sender, signal };
      const reply = await replyOf(respondent.respond(turn.text, ask));
      return { text: reply.text, tokens: isCount(reply.tokens) ? reply.tokens : 0 };
    });
    // A step of its own: a turn that runs again counts nothing twice, and a count that fails does not lose the reply.
    if (tokens > 0) await turn.step(`${name}.usage`, async () => void (await turn.usage?.({ tokens })));
    return text;
  };
  const { capabilities, respond } = respondent;
  return Object.assign(think, { capabilities, respond });
}

async function replyOf(events: AsyncIterable<ThoughtEvent>): Promise<DoneThought> {
  for await (const event of events) {
    if (event.type === 'error') throw event.error;
    if (event.type === 'done') return event;
  }
  throw new AbortedError('The turn was called off before the reply was complete.');
}

/** What a platform counts is not trusted. */
function isCount(tokens: unknown): tokens is number {
  return Number.isSafeInteger(tokens) && (tokens as number) > 0;
}

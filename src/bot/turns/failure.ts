import { AgentChatClientError, BotError, isLeaseLost, prospectOf } from '../../errors/index.js';

/** What the service says when nobody can be answered in a conversation, and nothing that the bot does changes that. */
const UNDELIVERABLE: ReadonlySet<string> = new Set([
  'BLOCKED',
  'INBOX_RESTRICTED',
  'AWAITING_REPLY',
  'AGENT_NOT_FOUND',
  'CONVERSATION_NOT_FOUND',
  'GROUP_DELETED',
  'FORBIDDEN',
  'SYSTEM_AGENT_PROTECTED',
]);

/**
 * What the failure of a turn means.
 * - `undeliverable`: its answer will not be taken. Trying again would only annoy: the turn is over.
 * - `called off`: it was stopped, or its conversation went to another replica. It is not judged.
 * - `interrupted`: it begins anew with more messages.
 * - `failed`: it may succeed another time.
 */
export type FailureKind = 'undeliverable' | 'called off' | 'interrupted' | 'failed';

/** @param ofSending Whether the service said it of an answer into the turn's own conversation. */
export function kindOfFailure(error: unknown, ofSending: boolean, isCalledOff: boolean): FailureKind {
  if (error instanceof BotError && error.code === 'TURN_INTERRUPTED') return 'interrupted';
  if (isCalledOff || isLeaseLost(error)) return 'called off';
  const isVerdict =
    error instanceof AgentChatClientError && error.foreign !== true && UNDELIVERABLE.has(error.code);
  return isVerdict && ofSending ? 'undeliverable' : 'failed';
}

/** Whether a turn that has failed so is not called again at once, however many retries are left (HND-2). */
export function isFinal(error: unknown): boolean {
  return prospectOf(error) !== 'soon';
}

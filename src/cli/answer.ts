import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentChatClient } from '../rest/index.js';
import type { Message } from '../wire/index.js';
import { Failure } from './failure.js';

const ASK_EVERY_MS = 200;

/**
 * The first message of somebody else behind this one. Read from history, so that nothing counts as delivered.
 *
 * @throws Failure when none has come in time.
 */
export async function answerTo(message: Message, client: AgentChatClient, waitMs: number): Promise<Message> {
  const until = Date.now() + waitMs;
  for (;;) {
    const later = await client.getMessages(message.conversation_id, { afterSeq: message.seq });
    const answer = later.find(({ sender, type }) => sender !== message.sender && type !== 'system');
    if (answer !== undefined) return answer;
    if (Date.now() >= until) throw new Failure(`No answer has come within ${waitMs / 1_000} s.`);
    await sleep(ASK_EVERY_MS);
  }
}

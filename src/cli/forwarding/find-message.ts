import type { AgentChatClient } from '../../rest/index.js';
import type { Message } from '../../wire/index.js';
import { EXIT } from '../exit-code.js';
import { Failure } from '../failure.js';

const LATEST = 50;

/** A message by its id: the service gives history by conversation only. @throws Failure when it is in none. */
export async function findMessage(
  client: AgentChatClient,
  id: string,
  conversationId: string | undefined,
): Promise<Message> {
  const places =
    conversationId === undefined
      ? (await client.listConversations({ limit: LATEST })).map((each) => each.id)
      : [conversationId];
  for (const place of places) {
    const message = await inConversation(client, place, id);
    if (message !== undefined) return message;
  }
  const where =
    conversationId === undefined
      ? `in the ${LATEST} latest conversations: name its own with --conversation`
      : `in ${conversationId}`;
  throw new Failure(`There is no message ${id} ${where}.`, EXIT.refused);
}

async function inConversation(
  client: AgentChatClient,
  place: string,
  id: string,
): Promise<Message | undefined> {
  try {
    const window = await client.getMessages(place, { aroundMessageId: id, limit: 1 });
    return window.find((message) => message.id === id);
  } catch (error) {
    // It is not in this one.
    if ((error as { status?: unknown }).status === 404) return undefined;
    throw error;
  }
}

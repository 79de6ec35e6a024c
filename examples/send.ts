import {
  AgentChatClient,
  AgentChatClientError,
  AwaitingReplyError,
  RateLimitedError,
} from 'agentchat-client';

const client = new AgentChatClient();
try {
  const { message, backlogWarning } = await client.sendMessage({ to: 'alice', content: 'Hello' });
  console.log(`stored as ${message.id}, number ${message.seq} of ${message.conversation_id}`);
  if (backlogWarning) console.warn(`alice has ${backlogWarning.undeliveredCount} messages waiting`);
} catch (error) {
  if (error instanceof AwaitingReplyError) console.error('alice has not answered your first message yet');
  else if (error instanceof RateLimitedError)
    console.error(`too fast: wait ${error.retryAfterMs ?? 1_000} ms`);
  else if (error instanceof AgentChatClientError) console.error(error.code, error.outcome, error.message);
  else throw error;
  process.exitCode = 1;
}

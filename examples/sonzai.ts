// The client of Sonzai by itself. SONZAI_API_KEY and SONZAI_AGENT_ID say whose agent it is, and which.
import { NotFoundError, Sonzai } from 'agentchat-client/platforms/sonzai';

const client = new Sonzai(); // SONZAI_API_KEY, and SONZAI_BASE_URL where there is one
const agentId = process.env.SONZAI_AGENT_ID ?? '';

try {
  const stream = client.agents.chat(agentId, {
    messages: [{ role: 'user', content: 'Hello!' }],
    user_id: 'alice',
    session_id: 'a-session-of-mine',
    stream: true, // without it: a promise of the whole reply
  });
  for await (const event of stream) {
    if (event.kind === 'delta') process.stdout.write(event.content);
    if (event.kind === 'phase' && event.tool !== undefined) console.log(`(uses ${event.tool})`);
  }
  console.log(` (${stream.reply.usage?.total_tokens} tokens in ${stream.sessionId})`);

  const { mood } = await client.agents.getMood(agentId, { user_id: 'alice' });
  console.log(mood.label);
  await client.agents.getMood('nobody');
} catch (error) {
  if (!(error instanceof NotFoundError)) throw error;
  console.log(error.status, error.resource);
} finally {
  client.close();
}

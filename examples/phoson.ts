// The client of Phoson by itself. PHOSON_API_KEY says whose agents they are.
import { PhosonApiError, PhosonClient } from 'agentchat-client/platforms/phoson';

const client = new PhosonClient({
  apiKey: process.env.PHOSON_API_KEY ?? '',
  baseUrl: process.env.PHOSON_BASE_URL, // default: https://api.phoson.ai; a prefix of all paths goes here
  routes: { 'agents.update': 'PATCH /agents/{agent_id}' }, // in place of a path that we guessed wrong
});

try {
  const agent = await client.agents.create({ name: 'Ada', memory_type: 'persistent' });
  const { id } = await client.conversations.create({ agent_id: agent.id });
  for await (const event of client.messages.stream(id, 'Hello Ada', { reasoning_effort: 'low' })) {
    if (event.type === 'token') process.stdout.write(event.content);
    if (event.type === 'run_done') console.log(` (${event.run_id})`);
    if (event.type === 'error') console.error(event.message); // the run failed; nothing is thrown
  }
  await client.agents.get('agt_unknown');
} catch (error) {
  if (!(error instanceof PhosonApiError)) throw error;
  console.log(error.statusCode, error.detail);
} finally {
  client.close();
}

import { createServer } from 'node:http';
import { AgentChatClient, type Message, RealtimeClient, replyId } from 'agentchat-client';

const client = new AgentChatClient();
const realtime = new RealtimeClient({
  client,
  // The model may fail for minutes. Twelve retries take about seven; meanwhile the conversation waits, and keeps its order.
  handlerRetry: { retries: 12, minDelayMs: 1_000, maxDelayMs: 60_000 },
  // Then say so. The same `client_msg_id`: whatever happens, each message gets one answer.
  onDeadLetter: ({ payload: message }) => reply(message, 'Sorry, I cannot answer at the moment.'),
});

realtime.on('message.new', async ({ payload: message }, { signal }) => {
  if (message.type === 'system') return;
  await reply(message, await ask(message.content.text ?? '', signal));
});
realtime.onError((error) => console.error(error.message));

async function ask(text: string, signal: AbortSignal): Promise<string> {
  const url = process.env.MODEL_URL ?? 'http://127.0.0.1:8080';
  const timeout = AbortSignal.timeout(50_000);
  const init = { method: 'POST', body: text, signal: AbortSignal.any([signal, timeout]) };
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`the model answered with HTTP ${response.status}`);
  return response.text();
}

async function reply(message: Message, content: string): Promise<void> {
  const { conversation_id, sender } = message;
  const where = conversation_id.startsWith('grp_') ? { conversation_id } : { to: sender };
  await client.sendMessage({ ...where, content, client_msg_id: replyId(message) });
}

const health = createServer((_request, response) => {
  const { state, summary, heldBack, holdups, totals } = realtime.explain();
  response.writeHead(state === 'connected' ? 200 : 503, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ state, summary, heldBack, waiting: holdups.total, parked: totals.parked }));
});
health.listen(Number(process.env.PORT ?? 3000), process.env.HOST ?? '127.0.0.1', () => {
  console.log(`health: ${JSON.stringify(health.address())}`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => realtime.disconnect({ deadlineMs: 8_000 }));
}
void realtime.connect();
try {
  await realtime.closed;
} finally {
  health.close();
}

import { AgentChatClient, RealtimeClient, replyId } from 'agentchat-client';
import { lmdbStore } from 'agentchat-client/stores/lmdb';

const client = new AgentChatClient(); // the key comes from AGENTCHAT_API_KEY
const store = await lmdbStore({ path: process.env.STORE_PATH ?? './bot-data' });
const realtime = new RealtimeClient({ client, store, dedupe: store.claims });

realtime.on('message.new', async ({ payload: message }) => {
  if (message.type === 'system') return;
  const { conversation_id, sender } = message;
  const where = conversation_id.startsWith('grp_') ? { conversation_id } : { to: sender };
  const isKnown = (await store.values.get(`met/${sender}`)) !== null;
  const content = `${isKnown ? 'Welcome back' : 'Nice to meet you'}, ${sender}.`;
  await client.sendMessage({ ...where, content, client_msg_id: replyId(message) });
  await store.values.set(`met/${sender}`, true); // last: a crash before it repeats the same turn
});
realtime.onError((error) => console.error(error.message)); // also while the store is in trouble

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => realtime.disconnect({ deadlineMs: 8_000 }));
}
void realtime.connect();
try {
  await realtime.closed;
} finally {
  await store.close(); // after the client: it saves what its last handlers have finished
}

import { AgentChatClient, RealtimeClient } from 'agentchat-client';

const realtime = new RealtimeClient({
  client: new AgentChatClient(),
  onSequenceGap(gap) {
    const seqs = gap.missing.map(({ from, to }) => `${from} to ${to}`).join(', ');
    if (!gap.recovered) console.error(`missing in ${gap.conversationId}: ${seqs}`);
  },
});

realtime.on('message.new', async ({ payload: message }, { source, late }) => {
  console.log(`${message.conversation_id} #${message.seq} (${source}${late ? ', late' : ''})`);
});
realtime.onConnect(() => console.log('connected'));
realtime.onDisconnect(({ code, reason }) => console.log(`disconnected: ${code} ${reason}`));
realtime.onError((error) => console.error(error.message));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => realtime.disconnect({ deadlineMs: 8_000 }));
}
void realtime.connect();
await realtime.closed;

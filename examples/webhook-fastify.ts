import { MemoryDedupeStore } from 'agentchat-client';
import { fastifyReceiver } from 'agentchat-client/webhooks/fastify';
import { fastify } from 'fastify';

const app = fastify();

// A plugin of its own: your other routes keep their body parsers.
await app.register(fastifyReceiver, {
  path: '/webhooks',
  secret: process.env.AGENTCHAT_WEBHOOK_SECRET ?? '',
  dedupe: new MemoryDedupeStore(),
  respond: 'when-handled',
  async onEvent(hook) {
    if (hook.event === 'message.new')
      console.log(`${hook.data.sender}: ${hook.data.content.text ?? hook.data.type}`);
    else console.log(hook.event);
  },
});

const address = await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' });
console.log(`listening on ${address}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => app.close());

import { expressReceiver } from 'agentchat-client/webhooks/express';
import express from 'express';

const app = express();
const receive = expressReceiver({
  secret: process.env.AGENTCHAT_WEBHOOK_SECRET ?? '',
  onEvent(hook) {
    if (hook.event === 'message.new')
      console.log(`${hook.data.sender}: ${hook.data.content.text ?? hook.data.type}`);
    else console.log(hook.event);
  },
  onError: (error) => console.error(error.message, error.cause ?? ''),
});

// The receiver reads the raw bytes itself: it stands before any JSON parser.
app.all('/webhooks', receive);
app.use(express.json());

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on ${JSON.stringify(server.address())}`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close();
    return receive.close({ deadlineMs: 8_000 });
  });
}

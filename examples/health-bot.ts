import { createServer } from 'node:http';
import { createBot, nodeHealthHandler } from 'agentchat-client/bot';

const bot = createBot({ think: (turn) => `You said: ${turn.text}` });

const health = createServer(nodeHealthHandler(bot)); // GET /healthz and /readyz
health.listen(Number(process.env.PORT ?? 8080), process.env.HOST ?? '127.0.0.1', () => {
  console.log(`health: ${JSON.stringify(health.address())}`);
});
try {
  await bot.run({ deadlineMs: 8_000 }); // before a supervisor loses its patience
} finally {
  health.close();
}

import { createBot } from 'agentchat-client/bot';

const bot = createBot({ think: (turn) => `You said: ${turn.text}` }); // the key comes from AGENTCHAT_API_KEY
await bot.run(); // connects, and stops cleanly on SIGTERM and SIGINT

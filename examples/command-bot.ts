import { createBot } from 'agentchat-client/bot';

const bot = createBot({ think: () => 'I know /roll and /help.' });

bot.command('help', () => '/roll 20 rolls a die with twenty sides.');
bot.command('roll', async (turn, sides) => {
  const most = Number(sides) || 6;
  // A step: a turn that runs again rolls the same.
  const rolled = await turn.step('roll', () => 1 + Math.floor(Math.random() * most));
  return `You rolled ${rolled} of ${most}.`;
});
bot.hear(/\bthank(s| you)\b/i, (turn) => `You are welcome, ${turn.sender}.`);
bot.hear('ping', () => 'pong');

const banned = new Set(['spammer']);
bot.use(async (turn, next) => {
  if (banned.has(turn.sender)) return; // nobody answers
  await next();
  if (turn.answer !== null) turn.answer += '\n(I am a bot.)'; // not sent yet
});

await bot.run();

import { VERSION } from '../../version.js';

/** The files of a new bot, by name. */
export function projectFiles(name: string): Readonly<Record<string, string>> {
  return { 'package.json': manifest(name), 'bot.js': BOT, 'README.md': readme(name) };
}

function manifest(name: string): string {
  const fields = {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    scripts: {
      dev: 'agentchat dev --say "Hello, bot!" -- node --watch bot.js',
      start: 'node bot.js',
    },
    dependencies: { 'agentchat-client': `^${VERSION}` },
  };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

const BOT = `import { createBot } from 'agentchat-client/bot';

const bot = createBot({
  // What the bot thinks: return a text, a stream of text from a model, or null for silence.
  think: (turn) => \`You said: \${turn.text}\`,
});

bot.command('help', () => 'I repeat what you say. Change me in bot.js.');

await bot.run(); // connects, and stops cleanly on SIGTERM and Ctrl-C
`;

function readme(name: string): string {
  return `# ${name}

A bot on AgentChat. It answers what it is told: see \`think\` in bot.js.

## Try it

\`\`\`sh
npm install
npm run dev   # a local service and the bot on it; type a line to talk to it, and change bot.js while it runs
\`\`\`

In another terminal:

\`\`\`sh
npx agentchat send bot /help --as alice --wait 10
npx agentchat chaos set mild   # frames get lost, calls fail: the bot goes on
\`\`\`

## Run it on AgentChat

\`\`\`sh
npx agentchat register   # asks for an e-mail address and a handle, and keeps the key in ~/.agentchat
npm start
\`\`\`

Where there is no terminal, set \`AGENTCHAT_API_KEY\`.
`;
}

import { defineCommand } from '../command.js';

export const init = defineCommand({
  name: 'init',
  summary: 'Makes a folder with a bot that runs.',
  about: [
    'Three files: package.json, bot.js and README.md. `npm install` and `npm run dev` give a bot that answers on a local service, without an account. `npm start` runs the same bot on AgentChat.',
    'Nothing is overwritten: a folder that holds one of these files is refused.',
  ],
  args: {
    dir: { type: 'positional', required: false, default: '.', description: 'The folder. Default: this one.' },
  },
  examples: [
    { run: 'npx agentchat-client init my-bot', does: 'A new bot, from nothing.' },
    { run: 'agentchat init', does: 'The same in this folder.' },
  ],
  async run({ args, out }) {
    const { makeProject } = await import('../project/make-project.js');
    const { folder, name, files } = await makeProject(args.dir ?? '.');
    const enter = args.dir === '.' ? '' : `cd ${args.dir} && `;
    out.data(
      { folder, name, files },
      [
        `${out.color.bold(name)} is in ${folder}: ${files.join(', ')}`,
        '',
        'To see it answer, without an account:',
        '',
        `  ${enter}npm install && npm run dev`,
      ].join('\n'),
    );
    return undefined;
  },
});

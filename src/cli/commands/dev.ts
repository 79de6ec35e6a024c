import { defineCommand } from '../command.js';

export const dev = defineCommand({
  name: 'dev',
  summary: 'Runs a local AgentChat service with two agents: no account, no network.',
  about: [
    'Prints its address, the agents, and what to paste into another terminal. Other commands find it by themselves: --as <handle> acts for one of its agents, and `agentchat chaos` makes things go wrong.',
    'With a program behind "--" it runs that as well, as the last agent, and shows what it answers to the first one: on a terminal, type a line to talk to it.',
    'Without --data the service keeps everything in memory and forgets it when it ends. With it, agents, keys, conversations and messages are there again the next time. Keys are worth nothing anywhere else, so they are shown whole.',
  ],
  args: {
    port: {
      type: 'string',
      valueHint: 'port',
      description: 'The port on 127.0.0.1; 0 takes a free one. Default: 4100, or a free one if it is taken.',
    },
    data: {
      type: 'string',
      valueHint: 'folder',
      description: 'Keeps everything in this folder, also when it is killed. Needs the package `lmdb`.',
    },
    agents: {
      type: 'string',
      valueHint: 'handles',
      default: 'alice,bot',
      description: 'The agents to begin with, between commas.',
    },
    limits: {
      type: 'enum',
      options: ['off', 'documented'],
      valueHint: 'limits',
      default: 'off',
      description: 'Whether the limits of the service hold, such as one unanswered message to a stranger.',
    },
    faults: {
      type: 'string',
      valueHint: 'faults',
      description: 'What goes wrong: mild, harsh, or such as dropFrames=0.05,restUnavailable=0.1.',
    },
    seed: { type: 'string', valueHint: 'number', description: 'What the faults are drawn from. Default: 1.' },
    say: { type: 'string', valueHint: 'text', description: 'Said to the program once it is connected.' },
    verbose: { type: 'boolean', description: 'A line for each request and socket.' },
  },
  program: { usage: '[-- program...]', does: 'A bot to run on the service, such as `-- node bot.js`.' },
  examples: [
    { run: 'agentchat dev', does: 'A service to try things on.' },
    { run: 'agentchat dev --say hello -- node bot.js', does: 'Run a bot on it, and greet it.' },
    { run: 'agentchat dev --data ./agentchat-data', does: 'One that remembers.' },
    { run: 'agentchat dev --faults harsh --limits documented', does: 'A bad day at the real service.' },
  ],
  async run({ args, program, out }) {
    const { runDev } = await import('../dev/run-dev.js');
    return runDev(args, program, out);
  },
});

import { defineCommand } from '../command.js';

export const register = defineCommand({
  name: 'register',
  summary: 'Registers an agent, and keeps its key.',
  about: [
    'The service mails six digits to the address. On a terminal what is missing is asked for. Elsewhere it takes two calls: the first with --email and --handle, the second with --code.',
    'The key is kept in $AGENTCHAT_HOME/credentials (default ~/.agentchat/credentials), readable by you alone. The service shows it only once.',
  ],
  args: {
    email: { type: 'string', valueHint: 'address', description: 'Where the digits are mailed to.' },
    handle: {
      type: 'string',
      valueHint: 'handle',
      description: 'The name of the agent: letters, digits and hyphens.',
    },
    'display-name': { type: 'string', valueHint: 'name', description: 'How people see it.' },
    code: { type: 'string', valueHint: 'digits', description: 'The six digits: the second call.' },
    'base-url': { type: 'string', valueHint: 'url', description: 'Where the service is.' },
    force: { type: 'boolean', description: 'Take the place of an account that is there.' },
  },
  examples: [
    { run: 'agentchat register', does: 'Asks for everything.' },
    {
      run: 'agentchat register --email you@example.com --handle my-agent',
      does: 'The first call, from a script.',
    },
    { run: 'agentchat register --code 012345', does: 'The second call.' },
  ],
  async run({ args, out }) {
    const { runRegister } = await import('../registering/run-register.js');
    return runRegister(args, out);
  },
});

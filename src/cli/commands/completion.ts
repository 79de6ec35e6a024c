import { defineCommand } from '../command.js';

export const completion = defineCommand({
  name: 'completion',
  summary: 'Prints what a shell needs to complete commands and options.',
  about: ['Shells: bash, zsh, fish.'],
  args: {
    shell: { type: 'positional', required: true, description: 'bash, zsh or fish.' },
  },
  examples: [
    { run: 'source <(agentchat completion bash)', does: 'In ~/.bashrc.' },
    { run: 'source <(agentchat completion zsh)', does: 'In ~/.zshrc, behind compinit.' },
    { run: 'agentchat completion fish | source', does: 'In ~/.config/fish/config.fish.' },
  ],
  async run({ args, out, commands }) {
    const [{ SHELLS }, { UsageError }] = await Promise.all([
      import('../completion-scripts.js'),
      import('../failure.js'),
    ]);
    const script = Object.hasOwn(SHELLS, args.shell) ? SHELLS[args.shell]?.(commands) : undefined;
    if (script === undefined)
      throw new UsageError(`"${args.shell}" must be one of: ${Object.keys(SHELLS).join(', ')}.`);
    out.data({ script }, script);
    return undefined;
  },
});

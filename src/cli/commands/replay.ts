import { defineCommand, SERVICE_ARGS } from '../command.js';

export const replay = defineCommand({
  name: 'replay',
  summary: 'Sends a message once more, as a webhook to a receiver.',
  about: [
    'The message comes from history, by its id, or from a file: an event, a message, or lines of `agentchat tail --json`; "-" is stdin. It is signed anew. Nothing is acknowledged.',
  ],
  args: {
    what: { type: 'positional', required: true, description: 'The id of a message (msg_...), or a file.' },
    to: { type: 'string', valueHint: 'url', required: true, description: 'Where the receiver listens.' },
    conversation: {
      type: 'string',
      valueHint: 'id',
      description: 'Where the message is. Default: the 50 latest conversations are looked through.',
    },
    ...SERVICE_ARGS,
    secret: {
      type: 'string',
      valueHint: 'secret',
      description: 'Sign with this one; see `agentchat listen`.',
    },
  },
  examples: [
    {
      run: 'agentchat replay msg_d6YAy98A4PTqSZZP --to http://127.0.0.1:3000/webhooks',
      does: 'The message that made the receiver fail, again.',
    },
    { run: 'agentchat replay waiting.jsonl --to http://127.0.0.1:3000/webhooks', does: 'All that was kept.' },
  ],
  async run({ args, out }) {
    const { runReplay } = await import('../forwarding/run-replay.js');
    return runReplay(args, out);
  },
});

import { defineCommand, SERVICE_ARGS } from '../command.js';

export const listen = defineCommand({
  name: 'listen',
  summary: 'Forwards what comes in as signed webhooks to a receiver on this machine.',
  about: [
    'Each event is compared with the documented shape, signed as the service signs webhooks, checked, and posted; the status of each is shown. Messages of one conversation go one after the other.',
    'The secret is the same every time. --print-secret shows it: give it to the receiver as AGENTCHAT_WEBHOOK_SECRET. A secret of yours goes before it, in the same variable or as --secret.',
    'Nothing is acknowledged: your bot gets the messages all the same. With --ack they count as delivered when the receiver has answered 2xx, and come again otherwise.',
  ],
  args: {
    'forward-to': { type: 'string', valueHint: 'url', description: 'Where the receiver listens.' },
    ...SERVICE_ARGS,
    secret: { type: 'string', valueHint: 'secret', description: 'Sign with this one.' },
    'print-secret': { type: 'boolean', description: 'Show the secret on stdout, and end.' },
    ack: { type: 'boolean', description: 'Acknowledge what the receiver has taken.' },
    backlog: { type: 'boolean', description: 'End when what waited has been forwarded.' },
  },
  examples: [
    {
      run: 'export AGENTCHAT_WEBHOOK_SECRET=$(agentchat listen --print-secret)',
      does: 'The secret for the receiver.',
    },
    {
      run: 'agentchat listen --forward-to http://127.0.0.1:3000/webhooks',
      does: 'Try a receiver, without a public address.',
    },
  ],
  async run({ args, out }) {
    const { runListen } = await import('../forwarding/run-listen.js');
    return runListen(args, out);
  },
});

import { WEBHOOK_EVENTS } from '../../wire/index.js';
import { defineCommand, LOCAL_PORT } from '../command.js';

export const trigger = defineCommand({
  name: 'trigger',
  summary: 'Sends a sample of a webhook event, with values of yours.',
  about: [
    `Events: ${WEBHOOK_EVENTS.join(', ')}.`,
    'With --to the event is signed and posted from here. With --for the local service delivers it to the webhooks of that agent, as if it had happened: with retries.',
  ],
  args: {
    event: { type: 'positional', required: true, description: 'The name of the event.' },
    to: { type: 'string', valueHint: 'url', description: 'Post it to this receiver.' },
    for: {
      type: 'string',
      valueHint: 'handle',
      description: 'Have the local service deliver it to webhooks of this agent.',
    },
    secret: {
      type: 'string',
      valueHint: 'secret',
      description: 'With --to: sign with this one; see `agentchat listen`.',
    },
    port: LOCAL_PORT,
  },
  furtherWords: { usage: '[field=value]...', does: 'Other values in its data, such as content.text=Hello.' },
  examples: [
    {
      run: 'agentchat trigger message.new content.text="Hi there" sender=bob --to http://127.0.0.1:3000/webhooks',
      does: 'A message from bob, for a receiver under development.',
    },
    {
      run: 'agentchat trigger group.deleted --for bot',
      does: 'Through the local service, to the webhooks of bot.',
    },
  ],
  async run({ args, words, out }) {
    const { runTrigger } = await import('../forwarding/run-trigger.js');
    return runTrigger(args, words, out);
  },
});

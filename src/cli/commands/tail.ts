import { defineCommand, SERVICE_ARGS } from '../command.js';

export const tail = defineCommand({
  name: 'tail',
  summary: 'Shows what comes in for an agent, as it comes.',
  about: [
    'Begins with the messages that wait for the agent. Nothing is acknowledged: the bot that the messages are for gets them all the same. With --ack they count as delivered, and do not come again.',
    'It says "Ready" when everything that waited has been shown, and tells when the connection is lost and found again. Ctrl-C ends it.',
  ],
  args: {
    ...SERVICE_ARGS,
    all: { type: 'boolean', description: 'Other events too: typing, reading, presence, groups.' },
    ack: { type: 'boolean', description: 'Acknowledge what is shown.' },
    backlog: { type: 'boolean', description: 'End when what waited has been shown.' },
  },
  examples: [
    { run: 'agentchat tail', does: 'Follow your agent.' },
    { run: 'agentchat tail --as bot', does: 'Follow an agent of the local service.' },
    {
      run: 'agentchat tail --json | jq .payload.content.text',
      does: 'One event a line, for another program.',
    },
    {
      run: 'agentchat tail --backlog --json > waiting.jsonl',
      does: 'Keep what waits, and leave it waiting.',
    },
  ],
  async run({ args, out }) {
    const [{ findAccount }, { watch }, { messageLine }, { stopSignal }] = await Promise.all([
      import('../account.js'),
      import('../watching/watch.js'),
      import('../message-line.js'),
      import('../stop-signal.js'),
    ]);
    const stop = new AbortController();
    const signal = AbortSignal.any([stopSignal(), stop.signal]);
    const account = await findAccount(args);
    await watch(
      { account, acks: args.ack === true, out, signal },
      {
        message: (payload) => out.data({ type: 'message.new', payload }, messageLine(payload, out.color)),
        ...(args.all === true
          ? {
              event: ({ type, payload }) =>
                out.data({ type, payload }, `${type} ${out.color.dim(JSON.stringify(payload))}`),
            }
          : {}),
        ready: () => {
          if (args.backlog === true) stop.abort();
        },
      },
    );
    return undefined;
  },
});

import { defineCommand, SERVICE_ARGS } from '../command.js';

export const send = defineCommand({
  name: 'send',
  summary: 'Sends a message, and waits for the answer if you like.',
  about: [
    'The text is the rest of the line, or what comes on stdin. Give --id and repeat the call as often as you like: the service keeps one message.',
  ],
  args: {
    to: {
      type: 'positional',
      required: true,
      description: 'The handle of an agent, or the id of a group (grp_...).',
    },
    ...SERVICE_ARGS,
    data: {
      type: 'string',
      valueHint: 'json',
      description: 'Structured content beside the text, or instead of it.',
    },
    metadata: {
      type: 'string',
      valueHint: 'json',
      description: 'What the message carries beside its content.',
    },
    id: { type: 'string', valueHint: 'id', description: 'The client_msg_id. Default: a new one.' },
    wait: { type: 'string', valueHint: 'seconds', description: 'Wait so long for an answer, and show it.' },
  },
  furtherWords: {
    usage: '[text]...',
    does: 'What to say. Default: what comes on stdin. Behind "--" it may begin with a hyphen.',
  },
  examples: [
    { run: 'agentchat send alice "Hello, are you there?"', does: 'Say something.' },
    { run: 'agentchat send bot hello --as alice --wait 10', does: 'Try a bot on the local service.' },
    { run: 'date | agentchat send alice', does: 'Send what another program says.' },
    {
      run: `agentchat send alice --data '{"temperature": 21}' --id reading-17`,
      does: 'Send data, once.',
    },
  ],
  async run({ args, words, out }) {
    const [{ findAccount, clientOf }, { messageLine }, values, { answerTo }, { textOnStdin }] =
      await Promise.all([
        import('../account.js'),
        import('../message-line.js'),
        import('../values.js'),
        import('../answer.js'),
        import('../stdin.js'),
      ]);
    const waitMs = values.seconds(args.wait, 'wait');
    const data = args.data === undefined ? undefined : values.jsonObject(args.data, '--data');
    const metadata = args.metadata === undefined ? undefined : values.jsonObject(args.metadata, '--metadata');
    const account = await findAccount(args);
    const text = words.length > 0 ? words.join(' ') : await textOnStdin(data === undefined);
    const client = clientOf(account);
    const { message, replayed, backlogWarning } = await client.sendMessage({
      ...(args.to.startsWith('grp_') || args.to.startsWith('conv_')
        ? { conversation_id: args.to }
        : { to: args.to }),
      content: {
        ...(text === undefined ? {} : { text }),
        ...(data === undefined ? {} : { data }),
      },
      ...(metadata === undefined ? {} : { metadata }),
      ...(args.id === undefined ? {} : { client_msg_id: args.id }),
    });
    if (replayed) out.say('This message had been sent before: nothing was sent now.');
    if (backlogWarning !== null) {
      out.say(`warning: ${args.to} has ${backlogWarning.undeliveredCount} messages waiting`);
    }
    out.data({ message, replayed: replayed === true }, messageLine(message, out.color));
    if (waitMs !== undefined) {
      const answer = await answerTo(message, client, waitMs);
      out.data({ message: answer }, messageLine(answer, out.color));
    }
    return undefined;
  },
});

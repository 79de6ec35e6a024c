import { defineCommand } from '../command.js';

export const sign = defineCommand({
  name: 'sign',
  summary: 'Prints the signature of a webhook body.',
  about: [
    'The bytes are signed as they are. Without --secret the secret is that of AGENTCHAT_WEBHOOK_SECRET, else the one of `agentchat listen`.',
  ],
  args: {
    file: { type: 'positional', required: false, default: '-', description: 'The body; "-" is stdin.' },
    secret: { type: 'string', valueHint: 'secret', description: 'The secret of the webhook (whsec_...).' },
    timestamp: { type: 'string', valueHint: 'seconds', description: 'Seconds since 1970. Default: now.' },
  },
  examples: [
    {
      run: 'curl -d @body.json -H "Agentchat-Signature: $(agentchat sign body.json)" http://127.0.0.1:3000/webhooks',
      does: 'A webhook by hand.',
    },
  ],
  async run({ args, out }) {
    const [{ fileOrStdin }, { signWebhook }, { signingSecret }, { wholeNumber }] = await Promise.all([
      import('../files.js'),
      import('../../webhooks/index.js'),
      import('../webhook/secret.js'),
      import('../values.js'),
    ]);
    const bounds = { from: 0, to: Number.MAX_SAFE_INTEGER };
    const timestamp = wholeNumber(args.timestamp, 'timestamp', bounds);
    const payload = await fileOrStdin(args.file ?? '-');
    const secret = await signingSecret(args.secret);
    const signature = await signWebhook({ payload, secret, timestamp });
    out.data({ header: 'Agentchat-Signature', signature }, signature);
    return undefined;
  },
});

import { defineCommand } from '../command.js';

export const verify = defineCommand({
  name: 'verify',
  summary: 'Checks the signature of a webhook, and says which step fails.',
  about: [
    'Give the body as it was received, byte for byte: what a JSON parser has made of it has another signature.',
    'Steps: the signature is there, it can be read, its time is near, a secret fits, and the body is an event.',
  ],
  args: {
    file: { type: 'positional', required: false, default: '-', description: 'The body; "-" is stdin.' },
    signature: {
      type: 'string',
      valueHint: 'header',
      required: true,
      description: 'The value of the Agentchat-Signature header.',
    },
    secret: {
      type: 'string',
      valueHint: 'secret',
      description: 'The secret of the webhook; see `agentchat sign`.',
    },
    tolerance: {
      type: 'string',
      valueHint: 'seconds',
      description: 'How far its time may be from now. Default: 300; 0: any time.',
    },
  },
  examples: [
    {
      run: `agentchat verify body.json --signature 't=1764460800,v1=5257a8...'`,
      does: 'Why was it refused?',
    },
  ],
  async run({ args, out }) {
    const { runVerify } = await import('../webhook/run-verify.js');
    return runVerify(args, out);
  },
});

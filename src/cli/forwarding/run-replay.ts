import { type AccountArgs, clientOf, findAccount } from '../account.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { Output } from '../output.js';
import { httpUrl } from '../values.js';
import { deliver } from '../webhook/deliver.js';
import type { Hook } from '../webhook/post.js';
import { signingSecret } from '../webhook/secret.js';
import { findMessage } from './find-message.js';
import { hooksIn } from './hooks-in-file.js';

export interface ReplayArgs extends AccountArgs {
  readonly what: string;
  readonly to: string;
  readonly conversation?: string | undefined;
  readonly secret?: string | undefined;
}

/** `agentchat replay`: ends as the first delivery that failed. */
export async function runReplay(args: ReplayArgs, out: Output): Promise<ExitCode> {
  const url = httpUrl(args.to, '--to');
  const hooks = args.what.startsWith('msg_') ? [await fromHistory(args)] : await hooksIn(args.what);
  const secret = await signingSecret(args.secret);
  let ended: ExitCode = EXIT.ok;
  for (const hook of hooks) {
    const code = await deliver(url, hook, secret, out);
    if (ended === EXIT.ok) ended = code;
  }
  return ended;
}

async function fromHistory(args: ReplayArgs): Promise<Hook> {
  const client = clientOf(await findAccount(args));
  const data = await findMessage(client, args.what, args.conversation);
  return { event: 'message.new', timestamp: new Date().toISOString(), data };
}

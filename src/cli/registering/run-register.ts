import { resolveBaseUrl } from '../../http/index.js';
import { AgentChatClient } from '../../rest/index.js';
import { userHome } from '../account.js';
import { ask, canAsk } from '../ask.js';
import { UsageError } from '../failure.js';
import { keepAccount, refuseOverwriting } from '../keep-account.js';
import type { Output } from '../output.js';
import { forgetPending, keepPending, type Pending, readPending } from './pending.js';

export interface RegisterArgs {
  readonly email?: string | undefined;
  readonly handle?: string | undefined;
  readonly 'display-name'?: string | undefined;
  readonly code?: string | undefined;
  readonly 'base-url'?: string | undefined;
  readonly force?: boolean | undefined;
}

/** `agentchat register` */
export async function runRegister(args: RegisterArgs, out: Output): Promise<undefined> {
  await refuseOverwriting(args.force === true);
  const home = await userHome();
  if (args.code !== undefined && args.email === undefined) {
    await finish(home, await readPending(home), args.code, out);
    return undefined;
  }
  const email = await given(args.email, 'email', 'E-mail address: ');
  const handle = await given(args.handle, 'handle', 'Handle (such as my-agent): ');
  const baseUrl = resolveBaseUrl(args['base-url']);
  const name = args['display-name'];
  const { pending_id: pendingId } = await AgentChatClient.register({
    email,
    handle,
    baseUrl,
    ...(name === undefined ? {} : { display_name: name }),
  });
  const pending = { pendingId, handle, baseUrl };
  await keepPending(home, pending);
  if (canAsk()) {
    out.say(`Six digits were mailed to ${email}. They hold for ten minutes.`);
    await finish(home, pending, await ask('Code: '), out);
    return undefined;
  }
  out.data(
    { pending: true, handle, baseUrl },
    `Six digits were mailed to ${email}. Within ten minutes: agentchat register --code <digits>`,
  );
  return undefined;
}

async function finish(home: string, pending: Pending, code: string, out: Output): Promise<void> {
  const { pendingId, handle, baseUrl } = pending;
  const { agent, apiKey } = await AgentChatClient.verify(pendingId, code, { baseUrl });
  await keepAccount({ apiKey, handle: agent?.handle ?? handle, baseUrl }, out);
  await forgetPending(home);
}

async function given(value: string | undefined, name: string, question: string): Promise<string> {
  if (value !== undefined) return value;
  if (!canAsk()) throw new UsageError(`--${name} is missing, and there is no terminal to ask on.`);
  return ask(question);
}

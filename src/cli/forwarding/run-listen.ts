import { type AccountArgs, findAccount } from '../account.js';
import { Failure, UsageError, verdictOn } from '../failure.js';
import { mask } from '../mask.js';
import type { Output } from '../output.js';
import { stopSignal } from '../stop-signal.js';
import { httpUrl } from '../values.js';
import { watch } from '../watching/watch.js';
import { type Hook, postWebhook } from '../webhook/post.js';
import { receiptLine } from '../webhook/receipt-line.js';
import { signingSecret } from '../webhook/secret.js';

export interface ListenArgs extends AccountArgs {
  readonly 'forward-to'?: string | undefined;
  readonly secret?: string | undefined;
  readonly 'print-secret'?: boolean | undefined;
  readonly ack?: boolean | undefined;
  readonly backlog?: boolean | undefined;
}

/** Events that the service sends to webhooks, and to sockets as well. */
const FORWARDED: ReadonlySet<string> = new Set([
  'message.read',
  'presence.update',
  'group.invite.received',
  'group.deleted',
]);

/** `agentchat listen` */
export async function runListen(args: ListenArgs, out: Output): Promise<undefined> {
  if (args['print-secret'] === true) {
    const secret = await signingSecret(args.secret);
    out.data({ secret }, secret);
    return undefined;
  }
  if (args['forward-to'] === undefined) throw new UsageError('--forward-to is missing.');
  const url = httpUrl(args['forward-to'], '--forward-to');
  const account = await findAccount(args);
  const secret = await signingSecret(args.secret);
  out.say(`forwarding to ${url}, signed with ${mask(secret)} (agentchat listen --print-secret)`);
  const forward = async (event: string, data: unknown) => {
    const hook: Hook = { event, timestamp: new Date().toISOString(), data };
    const receipt = await postWebhook(url, hook, secret);
    const id = (data as { id?: unknown }).id ?? null;
    out.data({ event, id, ...receipt }, receiptLine(hook, receipt, out.color));
    return receipt;
  };
  const stop = new AbortController();
  const acks = args.ack === true;
  await watch(
    {
      account,
      acks,
      out,
      signal: AbortSignal.any([stopSignal(), stop.signal]),
      isStrict: true,
    },
    {
      async message(message) {
        const receipt = await forward('message.new', message);
        // It counts as handled when this fulfils, and comes again when it rejects.
        if (acks && !receipt.ok) throw new Failure(`${message.id} was not taken`);
      },
      event({ type, payload }) {
        if (!FORWARDED.has(type)) return;
        forward(type, payload).catch((error) =>
          out.say(`${type} not forwarded: ${verdictOn(error).message}`),
        );
      },
      ready() {
        if (args.backlog === true) stop.abort();
      },
    },
  );
  return undefined;
}

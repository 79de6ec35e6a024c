import { EXIT, type ExitCode } from '../exit-code.js';
import type { Output } from '../output.js';
import { type Hook, postWebhook } from './post.js';
import { receiptLine } from './receipt-line.js';

/** Posts one event, shows what became of it, and says how the command ends. */
export async function deliver(url: string, hook: Hook, secret: string, out: Output): Promise<ExitCode> {
  const receipt = await postWebhook(url, hook, secret);
  out.data({ event: hook.event, ...receipt }, receiptLine(hook, receipt, out.color));
  if (receipt.ok) return EXIT.ok;
  return receipt.status === null || receipt.status >= 500 ? EXIT.network : EXIT.refused;
}

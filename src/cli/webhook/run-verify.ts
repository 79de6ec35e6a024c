import { WebhookVerificationError } from '../../errors/index.js';
import { identifyWebhook } from '../../webhooks/index.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { fileOrStdin } from '../files.js';
import type { Output } from '../output.js';
import { wholeNumber } from '../values.js';
import { signingSecret } from './secret.js';

export interface VerifyArgs {
  readonly file?: string | undefined;
  readonly signature: string;
  readonly secret?: string | undefined;
  readonly tolerance?: string | undefined;
}

/** The steps in the order in which they are taken: what each finds out, the reason of its failure, and what to do then. */
const STEPS = [
  ['the signature is there', 'missing_signature', 'Give the value of the Agentchat-Signature header.'],
  ['it can be read', 'malformed_signature', 'It must look like t=<seconds>,v1=<64 hexadecimal digits>.'],
  [
    'its time is near',
    'timestamp_skew',
    'It was signed too long ago or in the future: look at the clock, or try --tolerance 0.',
  ],
  [
    'the secret fits',
    'bad_signature',
    'It was signed with another secret, or the body is not, byte for byte, what was signed.',
  ],
  ['the body is an event', 'malformed_payload', 'It is authentic, but not { "event", "timestamp", "data" }.'],
] as const;

/** `agentchat verify` */
export async function runVerify(args: VerifyArgs, out: Output): Promise<ExitCode> {
  const toleranceSeconds = wholeNumber(args.tolerance, 'tolerance', { from: 0, to: 1e9 });
  const payload = await fileOrStdin(args.file ?? '-');
  const secret = await signingSecret(args.secret);
  const { signature } = args;
  try {
    const hook = await identifyWebhook({ payload, signature, secret, toleranceSeconds });
    const { event } = hook.payload;
    out.data(
      { ok: true, event, signedAt: hook.signedAt },
      [...listed(STEPS.length, out), String(event)].join('\n'),
    );
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    const at = STEPS.findIndex(([, reason]) => reason === error.reason);
    // Something is wrong with what was typed, not with the request.
    if (at < 0) throw error;
    const advice = STEPS[at]?.[2] ?? '';
    out.data(
      { ok: false, reason: error.reason, step: at + 1, advice },
      [...listed(at, out), advice].join('\n'),
    );
    return EXIT.failed;
  }
}

/** The steps up to the one that failed, if one did. */
function listed(failedAt: number, { color }: Output): string[] {
  return STEPS.slice(0, failedAt + 1).map(([what], at) =>
    at < failedAt ? `${color.green('ok')}      ${what}` : `${color.red('FAILED')}  ${what}`,
  );
}

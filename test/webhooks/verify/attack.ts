import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  type VerifyWebhookOptions,
  WebhookVerificationError,
  type WebhookVerificationReason,
} from '../../../src/webhooks/index.js';
import { BARE_DIGEST, DIGEST, GENUINE, SECRET } from './genuine.js';
import { WAYS } from './ways.js';

/**
 * What somebody tries, and what about a genuine request they change for it. The change may be of any type, as it is in
 * JavaScript, and is made anew for each way, because some attacks wear off.
 */
export type Attack = readonly [
  name: string,
  change: () => { readonly [Option in keyof VerifyWebhookOptions]?: unknown },
];

/** Nothing that only the two parties may know, and nothing that only this request says. */
const UNSPEAKABLE = [SECRET, DIGEST, BARE_DIGEST, 'msg_1', 'café', 'message.new'];

/** Each of the attacks must fail for this very reason, in every way. */
export function refused(reason: WebhookVerificationReason, attacks: readonly Attack[]): void {
  describe.each(WAYS)('$name', ({ verifyWebhook, identifyWebhook }) => {
    it.each(attacks.map(([name, change]) => ({ name, change })))(`${reason}: $name`, async ({ change }) => {
      for (const verify of [verifyWebhook, identifyWebhook]) {
        const options = { ...GENUINE, ...change() } as VerifyWebhookOptions;
        const error: unknown = await verify(options).then(
          () => 'accepted',
          (thrown: unknown) => thrown,
        );
        expect(error).toBeInstanceOf(WebhookVerificationError);
        expect(error).toMatchObject({ reason, code: 'WEBHOOK_VERIFICATION_FAILED', retryable: false });
        for (const said of [String(error), inspect(error), JSON.stringify(error)]) {
          for (const word of UNSPEAKABLE) expect(said).not.toContain(word);
        }
        expect((error as Error).cause).toBeUndefined();
      }
    });
  });
}

import { WebhookVerificationError } from '../errors/index.js';

/** What a webhook may be signed with: one secret, or several while they are being changed. */
export type WebhookSecrets = string | readonly string[];

/** A digest is made with each of them, so their number is what a stranger's request may cost. */
const MOST_SECRETS = 16;

/** @throws WebhookVerificationError `missing_secret` or `too_many_secrets`. */
export function readSecrets(given: WebhookSecrets): readonly string[] {
  // A copy: no hole in it, and nobody takes a secret out between the check and the digest.
  const secrets: readonly unknown[] = Array.isArray(given) ? [...given] : [given];
  if (secrets.length === 0 || !secrets.every(isFilled)) {
    throw new WebhookVerificationError('missing_secret', '`secret` must be the whsec_... of the webhook.');
  }
  if (secrets.length > MOST_SECRETS) {
    throw new WebhookVerificationError('too_many_secrets', `\`secret\` takes at most ${MOST_SECRETS}.`);
  }
  return secrets;
}

function isFilled(secret: unknown): secret is string {
  return typeof secret === 'string' && secret.trim() !== '';
}

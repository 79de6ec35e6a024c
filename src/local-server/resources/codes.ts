import { ErrorCode } from '../../wire/index.js';
import { failure, type Reply, rateLimited } from '../http/reply.js';
import type { World } from '../state/world.js';

/** What stands in for the mail. */
export const CODE_MESSAGE =
  'A code would have been mailed. The local server gives it away instead: see its log.';

/** Why no code is mailed now, by network address and by e-mail address; `undefined` when one is, and was counted. */
export function refusalOfCode(
  { quotas, now }: World,
  kind: 'registrations' | 'recoveries' | 'rotations',
  address: string,
  email: string,
): Reply | undefined {
  if (quotas.kind === 'off') return undefined;
  const at = now();
  // Whoever rotates has a key, and is known without an address.
  const network = kind === 'rotations' ? undefined : quotas[kind];
  const networkWaitMs = network?.waitMs(address, at) ?? 0;
  if (networkWaitMs > 0) {
    return rateLimited(ErrorCode.RATE_LIMITED, `Too many ${kind} from this address.`, networkWaitMs);
  }
  const cooldownMs = quotas.codeCooldown.waitMs(email, at);
  if (cooldownMs > 0) {
    return rateLimited(ErrorCode.OTP_COOLDOWN, 'A code was mailed a moment ago.', cooldownMs);
  }
  const codesWaitMs = quotas.codes.waitMs(email, at);
  if (codesWaitMs > 0) {
    return rateLimited(ErrorCode.RATE_LIMITED, 'Too many codes for this e-mail address.', codesWaitMs);
  }
  network?.take(address, at);
  quotas.codeCooldown.take(email, at);
  quotas.codes.take(email, at);
  return undefined;
}

/** Why no code may be tried now; `undefined` when one may, and was counted. */
export function refusalOfAttempt(
  { quotas, now }: World,
  kind: 'verifications' | 'recoveryVerifications',
  address: string,
): Reply | undefined {
  if (quotas.kind === 'off') return undefined;
  const at = now();
  const waitMs = quotas[kind].waitMs(address, at);
  if (waitMs > 0) {
    return rateLimited(ErrorCode.RATE_LIMITED, 'Too many codes tried from this address.', waitMs);
  }
  quotas[kind].take(address, at);
  return undefined;
}

export function codeRefused(kind: 'wrong' | 'expired'): Reply {
  return kind === 'wrong'
    ? failure(400, ErrorCode.INVALID_CODE, 'The code is wrong.')
    : failure(400, ErrorCode.EXPIRED, 'Nothing waits for this code any more. Start again.');
}

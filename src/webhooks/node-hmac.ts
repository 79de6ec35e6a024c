import { decode } from './body.js';
import { type Candidate, readVerified, type VerifiedWebhook } from './request.js';

type NodeCrypto = typeof import('node:crypto');
type BuiltinModules = { process?: { getBuiltinModule?(name: string): NodeCrypto | undefined } };

/**
 * `node:crypto` without an import, over which bundlers for browsers and workers would stumble. Undefined where there is
 * none: `process.getBuiltinModule` came with Node 20.16; Bun and Deno have it too.
 */
export function nodeCrypto(): NodeCrypto | undefined {
  return (globalThis as BuiltinModules).process?.getBuiltinModule?.('node:crypto');
}

/** HMAC-SHA-256 over the timestamp, if there is one, and the body. */
export function nodeHmac(
  { createHmac }: NodeCrypto,
  secret: string,
  timestamp: string | null,
  body: string | Uint8Array,
): Buffer {
  const hmac = createHmac('sha256', secret);
  if (timestamp !== null) hmac.update(`${timestamp}.`);
  return hmac.update(body).digest();
}

/** Compares with every secret and every digest, whichever matches, so that the time tells nothing. */
export function verifyInNode(crypto: NodeCrypto, candidate: Candidate): VerifiedWebhook {
  const { secrets, timestamp, digests } = candidate;
  const body = unshared(candidate.body);
  let match = -1;
  for (let index = secrets.length - 1; index >= 0; index -= 1) {
    const digest = nodeHmac(crypto, secrets[index] ?? '', timestamp, body);
    for (const given of digests) if (crypto.timingSafeEqual(digest, given)) match = index;
  }
  return readVerified(match, timestamp, () =>
    typeof body === 'string' ? body.replace(/^\ufeff/, '') : decode(body),
  );
}

/** Bytes that another thread could change between the check and the reading are copied. */
function unshared(body: string | Uint8Array): string | Uint8Array {
  return typeof body === 'string' || body.buffer instanceof ArrayBuffer ? body : body.slice();
}

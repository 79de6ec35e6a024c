import { decode } from './body.js';
import { type Candidate, readVerified, type VerifiedWebhook } from './request.js';

type NodeCrypto = typeof import('node:crypto');
type Runtime = { process?: { getBuiltinModule?(name: string): NodeCrypto | undefined } };

/** Asked once, with the first webhook: loading it takes longer than importing the rest of this room. */
let found: { readonly crypto: NodeCrypto | undefined } | undefined;

/**
 * `node:crypto` without an import, over which bundlers for browsers and workers would stumble. Undefined where there is
 * none: `process.getBuiltinModule` came with Node 20.16; Bun and Deno have it too. Who takes that away is heeded at once.
 */
export function nodeCrypto(): NodeCrypto | undefined {
  const { process } = globalThis as Runtime;
  if (!process?.getBuiltinModule) return undefined;
  found ??= { crypto: process.getBuiltinModule('node:crypto') };
  return found.crypto;
}

/** HMAC-SHA-256 over what stands before the body, and the body, in hexadecimal digits. */
export function nodeHmac(
  { createHmac }: NodeCrypto,
  secret: string,
  prefix: string,
  body: string | Uint8Array,
): string {
  return createHmac('sha256', secret).update(prefix).update(body).digest('hex');
}

export function verifyInNode(crypto: NodeCrypto, candidate: Candidate): VerifiedWebhook {
  const { secrets, prefix } = candidate;
  const body = unshared(candidate.body);
  const computed = secrets.map((secret) => nodeHmac(crypto, secret, prefix, body));
  return readVerified(candidate, computed, () =>
    typeof body === 'string' ? body.replace(/^\ufeff/, '') : decode(body),
  );
}

/** Bytes that another thread could change between the check and the reading are copied. A text is its own copy. */
function unshared(body: string | Uint8Array): string | Uint8Array {
  return (body as Partial<Uint8Array>).buffer instanceof ArrayBuffer ? body : body.slice();
}

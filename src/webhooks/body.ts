import { WebhookVerificationError } from '../errors/index.js';

/** The request's body as it was received: its text, or its bytes in any form that JavaScript has for them. */
export type WebhookBody = string | ArrayBufferLike | ArrayBufferView;

/**
 * The body as something that a digest can be made of. Bytes are not copied.
 *
 * @throws WebhookVerificationError `body_already_parsed` for what is neither text nor bytes.
 */
export function readBody(given: WebhookBody): string | Uint8Array {
  if (typeof given === 'string') {
    // A lone surrogate has no bytes: whatever was signed, it was not this.
    if ((given as { isWellFormed?(): boolean }).isWellFormed?.() === false) {
      throw new WebhookVerificationError('bad_signature');
    }
    return given;
  }
  if (ArrayBuffer.isView(given)) return new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  // Asked by name, because a buffer may be of another realm, as under test runners.
  if (Object.prototype.toString.call(given).endsWith('ArrayBuffer]')) return new Uint8Array(given);
  throw new WebhookVerificationError(
    'body_already_parsed',
    '`payload` must be the raw bytes: take them before a JSON parser does (Express: express.raw).',
  );
}

/** The text of bytes that are UTF-8 throughout, without the mark that some writers put in front; null for others. */
export function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

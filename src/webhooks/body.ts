import { WebhookVerificationError } from '../errors/index.js';

/** The request's body as it was received: its text, or its bytes in any form that JavaScript has for them. */
export type WebhookBody = string | ArrayBufferLike | ArrayBufferView;

/**
 * The body as something that a digest can be made of. Bytes are not copied.
 *
 * @throws WebhookVerificationError `body_already_parsed` for what is neither text nor bytes, or has been given away.
 */
export function readBody(given: WebhookBody): string | Uint8Array {
  if (typeof given === 'string') return given;
  try {
    // A DataView is made of true buffers only, also of another realm's, as under test runners.
    const view = ArrayBuffer.isView(given) ? given : new DataView(given as ArrayBuffer);
    return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  } catch {
    throw new WebhookVerificationError(
      'body_already_parsed',
      '`payload` must be the raw bytes: take them before a JSON parser does (Express: express.raw).',
    );
  }
}

/**
 * Made once, because that takes as long as decoding a small body does; and with the first body, because there are runtimes
 * without one, jsdom for instance, where importing this must not fail.
 */
let utf8: TextDecoder | undefined;

/**
 * The text of bytes, without the mark that some writers put in front.
 *
 * @throws TypeError when they are not UTF-8 throughout.
 */
export function decode(bytes: Uint8Array): string {
  utf8 ??= new TextDecoder(undefined, { fatal: true });
  return utf8.decode(bytes);
}

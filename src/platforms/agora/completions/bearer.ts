import { createHash, timingSafeEqual } from 'node:crypto';
import { checkFilled, invalid } from '../../../http/index.js';
import { Refusal } from './refusal.js';

const BEARER = /^Bearer +(\S+) *$/i;

/** Lets in who has one of the keys. */
export class BearerCheck {
  readonly #digests: readonly Buffer[];

  /** @throws ValidationError without a key. */
  constructor(apiKey: unknown) {
    const keys: readonly unknown[] = Array.isArray(apiKey) ? apiKey : [apiKey];
    if (keys.length === 0) throw invalid('apiKey', '"apiKey" must hold a key at least');
    this.#digests = keys.map((key) => {
      checkFilled(key, 'apiKey');
      return digestOf(key);
    });
  }

  /** @throws Refusal 401. */
  check(request: Request): void {
    const key = BEARER.exec(request.headers.get('authorization') ?? '')?.[1] ?? '';
    const digest = digestOf(key);
    // Digests are of one length, and all are looked at: the time tells neither how much of a key was right, nor of which.
    let isRight = false;
    for (const known of this.#digests) isRight = timingSafeEqual(digest, known) || isRight;
    if (isRight) return;
    throw new Refusal(401, 'Incorrect API key provided.', {
      code: 'invalid_api_key',
      headers: { 'www-authenticate': 'Bearer' },
    });
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

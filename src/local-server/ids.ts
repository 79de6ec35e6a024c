import { randomBytes } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const POOL_BYTES = 4096;
/** The largest multiple of the alphabet's size that fits a byte: bytes above it would favour the first letters. */
const UNBIASED_BELOW = 248;

/**
 * Makes every id, key and code of one server.
 *
 * They come from the operating system and never from the seed of the faults: two runs with the same seed must not
 * hand out the same message ids, or a bot with a durable store would take the second run's messages for ones that it
 * has already handled.
 */
export class IdSource {
  #pool = randomBytes(POOL_BYTES);
  #used = 0;

  /** `<prefix>` + 16 letters and digits, the form of the service's own ids. */
  next(prefix: string): string {
    return prefix + this.#letters(16);
  }

  /** A delivery cursor: `del_` + 32 hex digits, carrying no order that a client could compare. */
  cursor(): string {
    return `del_${this.#take(16).toString('hex')}`;
  }

  /** An API key. */
  apiKey(): string {
    return `ac_live_${this.#letters(32)}`;
  }

  /** What a webhook's deliveries are signed with. */
  webhookSecret(): string {
    return `whsec_${this.#letters(32)}`;
  }

  /** What makes an address work for a moment: nothing that anybody could guess. */
  signature(): string {
    return this.#letters(43);
  }

  /** Six digits, as a one-time code. */
  code(): string {
    return String(this.#take(4).readUInt32BE() % 1_000_000).padStart(6, '0');
  }

  #letters(count: number): string {
    let text = '';
    while (text.length < count) {
      const byte = this.#take(1)[0] ?? 0;
      if (byte < UNBIASED_BELOW) text += ALPHABET[byte % ALPHABET.length];
    }
    return text;
  }

  #take(count: number): Buffer {
    if (this.#used + count > POOL_BYTES) {
      this.#pool = randomBytes(POOL_BYTES);
      this.#used = 0;
    }
    const bytes = this.#pool.subarray(this.#used, this.#used + count);
    this.#used += count;
    return bytes;
  }
}

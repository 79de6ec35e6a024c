import { createHash, createHmac, randomBytes } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const POOL_BYTES = 4096;
/** The largest multiple of the alphabet's size that fits a byte: bytes above it would favour the first letters. */
const UNBIASED_BELOW = 248;
const KEY_PREFIX = 'ac_live_';
const KEY_LENGTH = 32;

/** Where the bytes of ids come from. */
export interface ByteSource {
  /** The next bytes for one kind of id. */
  take(kind: string, count: number): Buffer;
}

/**
 * Makes every id, key and code of one server.
 *
 * They come from the operating system and not from the seed of the faults, unless that is asked for: two runs with the same
 * seed hand out the same message ids then, and a bot with a durable store takes the second run's messages for ones that it
 * has already handled.
 */
export class IdSource {
  readonly #bytes: ByteSource;

  constructor(bytes: ByteSource = new RandomBytes()) {
    this.#bytes = bytes;
  }

  /** `<prefix>` + 16 letters and digits, the form of the service's own ids. */
  next(prefix: string): string {
    return prefix + this.#letters(prefix, 16);
  }

  /** A delivery cursor: `del_` + 32 hex digits, carrying no order that a client could compare. */
  cursor(): string {
    return `del_${this.#bytes.take('del_', 16).toString('hex')}`;
  }

  /** An API key. */
  apiKey(): string {
    return KEY_PREFIX + this.#letters(KEY_PREFIX, KEY_LENGTH);
  }

  /** What a webhook's deliveries are signed with. */
  webhookSecret(): string {
    return `whsec_${this.#letters('whsec_', 32)}`;
  }

  /** What makes an address work for a moment: nothing that anybody could guess. */
  signature(): string {
    return this.#letters('signature', 43);
  }

  /** Six digits, as a one-time code. */
  code(): string {
    return String(this.#bytes.take('code', 4).readUInt32BE() % 1_000_000).padStart(6, '0');
  }

  #letters(kind: string, count: number): string {
    return lettersOf(() => this.#bytes.take(kind, 1), count);
  }
}

/** Bytes that nobody can foresee. */
export class RandomBytes implements ByteSource {
  #pool = randomBytes(POOL_BYTES);
  #used = 0;

  take(_kind: string, count: number): Buffer {
    if (this.#used + count > POOL_BYTES) {
      this.#pool = randomBytes(POOL_BYTES);
      this.#used = 0;
    }
    const bytes = this.#pool.subarray(this.#used, this.#used + count);
    this.#used += count;
    return bytes;
  }
}

/** Bytes that a seed determines. Each kind of id has a stream of its own, so that ids of one kind follow from their number alone. */
export class SeededBytes implements ByteSource {
  readonly #seed: string;
  readonly #streams = new Map<string, { block: number; left: Buffer }>();

  constructor(seed: string) {
    this.#seed = seed;
  }

  take(kind: string, count: number): Buffer {
    const stream = this.#streams.get(kind) ?? { block: 0, left: Buffer.alloc(0) };
    this.#streams.set(kind, stream);
    while (stream.left.length < count) {
      const block = createHash('sha256').update(`${this.#seed} ${kind} ${stream.block}`).digest();
      stream.left = Buffer.concat([stream.left, block]);
      stream.block += 1;
    }
    const bytes = stream.left.subarray(0, count);
    stream.left = stream.left.subarray(count);
    return bytes;
  }
}

/** The key of a seeded agent: the same at every start, and to be had by nobody who does not know the secret. */
export function seededKey(secret: string, handle: string): string {
  const bytes = new SeededBytes(createHmac('sha256', secret).update(handle).digest('hex'));
  return KEY_PREFIX + lettersOf(() => bytes.take(KEY_PREFIX, 1), KEY_LENGTH);
}

function lettersOf(nextByte: () => Buffer, count: number): string {
  let text = '';
  while (text.length < count) {
    const byte = nextByte()[0] ?? 0;
    if (byte < UNBIASED_BELOW) text += ALPHABET[byte % ALPHABET.length];
  }
  return text;
}

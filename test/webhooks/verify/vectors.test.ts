import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../support/mulberry32.js';
import { BARE_DIGEST, BODY, DIGEST, GENUINE, HEADER, SECRET, T, TEXT } from './genuine.js';
import { WAYS } from './ways.js';

const hex = (digits: string) => Buffer.from(digits, 'hex');

/** HMAC-SHA-256 as RFC 2104 defines it, from nothing but the hash. */
function textbook(key: Uint8Array, message: Uint8Array): string {
  const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  const block = Buffer.alloc(64);
  block.set(key.length > 64 ? sha256(key) : key);
  const pad = (byte: number) => block.map((at) => at ^ byte);
  return sha256(pad(0x5c), sha256(pad(0x36), message)).toString('hex');
}

/** RFC 4231, section 4. Its fifth case is about digests that are cut off, which are not accepted here. */
const RFC_4231 = [
  {
    name: '1',
    key: hex('0b'.repeat(20)),
    message: Buffer.from('Hi There'),
    digest: 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  },
  {
    name: '2, a key shorter than the digest',
    key: Buffer.from('Jefe'),
    message: Buffer.from('what do ya want for nothing?'),
    digest: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  },
  {
    name: '3, message and key longer than a block',
    key: hex('aa'.repeat(20)),
    message: hex('dd'.repeat(50)),
    digest: '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe',
  },
  {
    name: '4, a message that is not UTF-8',
    key: hex('0102030405060708090a0b0c0d0e0f10111213141516171819'),
    message: hex('cd'.repeat(50)),
    digest: '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
  },
  {
    name: '6, a key longer than a block',
    key: hex('aa'.repeat(131)),
    message: Buffer.from('Test Using Larger Than Block-Size Key - Hash Key First'),
    digest: '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  },
  {
    name: '7, a key and a message longer than a block',
    key: hex('aa'.repeat(131)),
    message: Buffer.from(
      'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.',
    ),
    digest: '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
  },
];

/** Secrets are text and not blank, which the vertical tabs of case 1 are, and the bytes of cases 3, 6 and 7 no text. */
const asSecrets = RFC_4231.filter(({ name }) => /^[24]/.test(name));

/** Lengths at which the hash or the key handling does something else than one byte before. */
const KEY_LENGTHS = [1, 2, 16, 31, 32, 33, 55, 63, 64, 65, 66, 100, 127, 128, 129, 131, 500];
const MESSAGE_LENGTHS = [
  0, 1, 2, 31, 32, 54, 55, 56, 57, 63, 64, 65, 118, 119, 120, 121, 127, 128, 129, 1_000,
];
const SEED = 4_231;

function derived() {
  const random = mulberry32(SEED);
  const whole = (below: number) => Math.floor(random() * below);
  return KEY_LENGTHS.flatMap((keyLength) =>
    MESSAGE_LENGTHS.map((messageLength) => {
      // One to four bytes a character: what is cut off or doubled on the way to the key shows.
      const secret = Array.from({ length: keyLength }, () => 'kä€🔑'.match(/./gu)?.[whole(4)]).join('');
      const message = Uint8Array.from({ length: messageLength }, () => whole(256));
      return { secret, message, digest: textbook(Buffer.from(secret), message) };
    }),
  );
}

/** What is done to a digest to see whether all of it counts. */
function modified(digest: string): string[] {
  const flip = (bit: number) =>
    hex(digest).map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
  return [
    ...Array.from({ length: 256 }, (_, bit) => flip(bit)),
    hex(digest).map((byte) => byte ^ 0xff),
    hex(digest).map((byte) => byte ^ 0x80),
    hex(digest).map((byte) => byte ^ 0x01),
    hex(digest).fill(0),
    hex(digest).fill(0xff),
    hex(digest).reverse(),
  ].map((bytes) => Buffer.from(bytes).toString('hex'));
}

describe('the textbook', () => {
  it.each(RFC_4231)('agrees with RFC 4231, case $name', ({ key, message, digest }) => {
    expect(textbook(key, message)).toBe(digest);
  });
});

describe.each(WAYS)('$name', ({ verifyWebhook, signWebhook }) => {
  /** Most messages of the vectors are no events: an authentic one is refused for that, and for nothing else. */
  const verdict = (secret: string, payload: Uint8Array, signature: string) =>
    verifyWebhook({ secret, payload, signature, allowUntimestamped: true }).then(
      () => 'accepted',
      ({ reason }: { reason: string }) => reason,
    );

  it('agrees with the test vector of the service', async () => {
    expect(await verifyWebhook(GENUINE)).toEqual(JSON.parse(TEXT));
    expect(await verifyWebhook({ ...GENUINE, payload: TEXT })).toEqual(JSON.parse(TEXT));
    expect([TEXT.length, BODY.length]).toEqual([98, 99]);
    const bare = { ...GENUINE, signature: BARE_DIGEST, allowUntimestamped: true };
    expect(await verifyWebhook(bare)).toEqual(JSON.parse(TEXT));
    for (const payload of [TEXT, BODY]) {
      expect(await signWebhook({ payload, secret: SECRET, timestamp: T })).toBe(HEADER);
    }
    expect(HEADER).toBe(`t=1700000000,v1=${DIGEST}`);
  });

  it.each(asSecrets)('agrees with RFC 4231, case $name', async ({ key, message, digest }) => {
    expect(await verdict(key.toString(), message, digest)).toBe('malformed_payload');
    for (const other of modified(digest)) {
      expect(await verdict(key.toString(), message, other)).toBe('bad_signature');
    }
  });

  it('agrees with the textbook at every length at which something changes', async () => {
    for (const { secret, message, digest } of derived()) {
      const said = `${secret.length} characters of key, ${message.length} bytes, seed ${SEED}`;
      expect(await verdict(secret, message, digest), said).toBe('malformed_payload');
      const last = digest.endsWith('0') ? '1' : '0';
      expect(await verdict(secret, message, digest.slice(0, 63) + last), said).toBe('bad_signature');
    }
  });
});

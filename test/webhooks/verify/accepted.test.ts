import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { VerifyWebhookOptions } from '../../../src/webhooks/index.js';
import { BARE_DIGEST, BODY, DIGEST, GENUINE, HEADER, headerOf, SECRET, signed, T, TEXT } from './genuine.js';
import { WAYS } from './ways.js';

type Change = { [Option in keyof VerifyWebhookOptions]?: VerifyWebhookOptions[Option] };

const wrong = '0'.repeat(64);
const others = Array.from({ length: 15 }, (_, at) => `whsec_other_${at}`);
/** The body at some place within other memory. */
function within<T extends ArrayBufferLike>(memory: T): T {
  new Uint8Array(memory).set(BODY, 8);
  return memory;
}
const even = `${TEXT} `;
const shared = () => new Uint8Array(within(new SharedArrayBuffer(120))).subarray(8, 8 + BODY.length);
/** Of another realm, as everything is that comes from outside of a test runner's sandbox. */
const foreign = (type: string) =>
  runInNewContext(`new ${type}(Uint8Array.from(bytes).buffer)`, { bytes: [...BODY] }) as Uint8Array;

const bodies: readonly [string, () => VerifyWebhookOptions['payload']][] = [
  ['text', () => TEXT],
  ['a Buffer', () => BODY],
  ['bytes', () => new Uint8Array(BODY)],
  ['clamped bytes', () => new Uint8ClampedArray(BODY)],
  ['signed bytes', () => new Int8Array(BODY)],
  ['an ArrayBuffer', () => Uint8Array.from(BODY).buffer],
  ['bytes within other memory', () => new Uint8Array(within(new ArrayBuffer(120)), 8, BODY.length)],
  ['a DataView', () => new DataView(within(new ArrayBuffer(120)), 8, BODY.length)],
  [
    'a SharedArrayBuffer',
    () => {
      const memory = new SharedArrayBuffer(BODY.length);
      new Uint8Array(memory).set(BODY);
      return memory;
    },
  ],
  ['bytes of shared memory', shared],
  ['a DataView of shared memory', () => new DataView(shared().buffer, 8, BODY.length)],
  ['an ArrayBuffer of another realm', () => foreign('Uint8Array').buffer],
  ['bytes of another realm', () => foreign('Uint8Array')],
  ['a DataView of another realm', () => foreign('DataView')],
];

const headers: readonly [string, () => Change][] = [
  ['a text', () => ({ signature: HEADER })],
  ['a list', () => ({ signature: [HEADER] })],
  ['Headers', () => ({ signature: new Headers({ 'Agentchat-Signature': HEADER }) })],
  [
    'a map',
    () => ({
      signature: new Map([['agentchat-signature', HEADER]]) as ReadonlyMap<string, string> as {
        get(name: string): string | undefined;
      },
    }),
  ],
  ['two lines', () => ({ signature: [`t=${T}`, `v1=${DIGEST}`] })],
  ['two lines of the same time', () => ({ signature: [`t=${T},v1=${wrong}`, HEADER] })],
  ['two lines that a proxy has joined', () => ({ signature: `${HEADER}, t=${T},v1=${wrong}` })],
  [
    'two lines in Headers',
    () => {
      const signature = new Headers({ 'agentchat-signature': `t=${T},v1=${wrong}` });
      signature.append('agentchat-signature', HEADER);
      return { signature };
    },
  ],
  ['spaces around everything', () => ({ signature: `  t = ${T} , v1 = ${DIGEST}  ` })],
  ['the digest before the time', () => ({ signature: `v1=${DIGEST},t=${T}` })],
  ['digits in capitals', () => ({ signature: `t=${T},v1=${DIGEST.toUpperCase()}` })],
  ['digits in both cases', () => ({ signature: `t=${T},v1=${DIGEST.replace('cf', 'cF')}` })],
  ['other schemes beside it', () => ({ signature: `t=${T},v0=abc,v2==,x,=,v1=${DIGEST},v3=${wrong}` })],
  ['parts without a value beside it', () => ({ signature: `v1x,${HEADER},tt,v1,t` })],
  ['a comma at the end', () => ({ signature: `${HEADER},` })],
  ['a wrong digest before the right one', () => ({ signature: `t=${T},v1=${wrong},v1=${DIGEST}` })],
  ['a wrong digest behind the right one', () => ({ signature: `${HEADER},v1=${wrong}` })],
  [
    'the right one of sixteen digests last',
    () => ({ signature: `t=${T}${`,v1=${wrong}`.repeat(15)},v1=${DIGEST}` }),
  ],
  ['the right one of sixteen digests first', () => ({ signature: `${HEADER}${`,v1=${wrong}`.repeat(15)}` })],
  ['the longest header that is read', () => ({ signature: `${HEADER},x=`.padEnd(8_192, 'y') })],
  ['spaces beyond the longest header', () => ({ signature: HEADER.padEnd(10_000) })],
  ['a time with zeros in front, signed so', () => ({ signature: headerOf(BODY, `00${T}`) })],
  ['a time of fifteen digits, signed so', () => ({ signature: headerOf(BODY, `00000${T}`) })],
];

const options: readonly [string, () => Change][] = [
  ['the oldest request that is not too old', () => ({ signature: headerOf(BODY, T - 300) })],
  ['the request farthest ahead that is not too far', () => ({ signature: headerOf(BODY, T + 300) })],
  [
    'the oldest request of a tolerance of its own',
    () => ({ signature: headerOf(BODY, T - 10), toleranceSeconds: 10 }),
  ],
  [
    'a request beyond the usual tolerance',
    () => ({ signature: headerOf(BODY, T - 1_000), toleranceSeconds: 1_000 }),
  ],
  ['a tolerance that is undefined', () => ({ toleranceSeconds: undefined })],
  ['a tolerance of a fraction', () => ({ toleranceSeconds: 0.5 })],
  ['any time with a tolerance of 0', () => ({ signature: headerOf(BODY, 1), toleranceSeconds: 0 })],
  ['a tolerance of 0 and a clock that says NaN', () => ({ toleranceSeconds: 0, now: () => Number.NaN })],
  ['a tolerance of 0 and the time 0', () => ({ signature: headerOf(BODY, 0), toleranceSeconds: 0 })],
  [
    'a digest without a time, with the permission',
    () => ({ signature: `v1=${BARE_DIGEST}`, allowUntimestamped: true }),
  ],
  ['a bare digest, with the permission', () => ({ signature: BARE_DIGEST, allowUntimestamped: true })],
  ['a bare digest in capitals', () => ({ signature: BARE_DIGEST.toUpperCase(), allowUntimestamped: true })],
  [
    'a bare digest without a usable clock',
    () => ({ signature: BARE_DIGEST, allowUntimestamped: true, now: () => Number.NaN }),
  ],
  ['a digest with a time, with the permission for one without', () => ({ allowUntimestamped: true })],
  ['a list of one secret', () => ({ secret: [SECRET] })],
  ['the right one of sixteen secrets last', () => ({ secret: [...others, SECRET] })],
  ['the right one of sixteen secrets first', () => ({ secret: [SECRET, ...others] })],
  ['the same secret twice', () => ({ secret: [SECRET, SECRET] })],
  ['a secret beyond ASCII', () => ({ secret: 'señor 🔑', signature: headerOf(BODY, T, 'señor 🔑') })],
  ['a secret with spaces at its ends', () => ({ secret: ' a b ', signature: headerOf(BODY, T, ' a b ') })],
  [
    'a secret of a thousand characters',
    () => ({ secret: 'x'.repeat(1_000), signature: headerOf(BODY, T, 'x'.repeat(1_000)) }),
  ],
];

describe.each(WAYS)('$name', ({ verifyWebhook }) => {
  const verified = (change: Change) => verifyWebhook({ ...GENUINE, ...change });

  it.each(bodies)('takes the body as %s', async (_, payload) => {
    expect(await verified({ payload: payload() })).toEqual(JSON.parse(TEXT));
  });

  it.each(headers)('takes as the header %s', async (_, change) => {
    expect(await verified(change())).toEqual(JSON.parse(TEXT));
  });

  it.each(options)('takes %s', async (_, change) => {
    expect(await verified(change())).toEqual(JSON.parse(TEXT));
  });

  it.each([
    ['text', `\ufeff${TEXT}`],
    ['bytes', Buffer.from(`\ufeff${TEXT}`)],
  ])('takes %s with a byte-order mark that was signed, and reads past it', async (_, payload) => {
    expect(await verified(signed(payload))).toEqual(JSON.parse(TEXT));
  });

  it('takes wider numbers as the bytes that they are made of', async () => {
    const bytes = Uint8Array.from(Buffer.from(even));
    for (const payload of [new Uint16Array(bytes.buffer), new Float32Array(bytes.buffer)]) {
      expect(await verified({ ...signed(even), payload })).toEqual(JSON.parse(TEXT));
    }
  });

  it('takes the clock of the machine when none is given', async () => {
    const signature = headerOf(BODY, Math.floor(Date.now() / 1_000));
    expect(await verifyWebhook({ payload: BODY, signature, secret: SECRET })).toEqual(JSON.parse(TEXT));
    await expect(verifyWebhook({ payload: BODY, signature: HEADER, secret: SECRET })).rejects.toMatchObject({
      reason: 'timestamp_skew',
    });
  });

  it('passes on an event that it does not know, and fields that it does not know', async () => {
    const text = '{"event":"moon.rise","timestamp":"later","data":{"phase":0.5},"trace":"abc"}';
    expect(await verified(signed(text))).toEqual(JSON.parse(text));
  });

  it('passes on an event without a timestamp, since a refusal would lose it', async () => {
    expect(await verified(signed('{"event":"x","data":{}}'))).toEqual({ event: 'x', data: {} });
  });

  it('pollutes nothing with a __proto__ in the body', async () => {
    const text =
      '{"event":"x","data":{"__proto__":{"admin":true}},"__proto__":{"admin":true},"constructor":{}}';
    const hook = await verified(signed(text));
    expect(Object.getPrototypeOf(hook)).toBe(Object.prototype);
    expect(Object.getPrototypeOf(hook.data)).toBe(Object.prototype);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    expect((hook as { admin?: boolean }).admin).toBeUndefined();
  });

  it('reads JSON that is 10,000 deep', async () => {
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    const hook = await verified(signed(`{"event":"x","data":{"deep":${deep}}}`));
    expect(Object.keys(hook.data)).toEqual(['deep']);
  });

  it('reads a body of a megabyte', async () => {
    const text = JSON.stringify({ event: 'x', timestamp: '', data: { text: 'é👍'.repeat(180_000) } });
    expect(await verified(signed(text))).toEqual(JSON.parse(text));
    expect(await verified(signed(Buffer.from(text)))).toEqual(JSON.parse(text));
  });

  it("lets a clock that fails fail: that is not the request's doing", async () => {
    const failure = new Error('no clock');
    const clock = () => {
      throw failure;
    };
    await expect(verified({ now: clock })).rejects.toBe(failure);
    expect(await verified({ now: clock, toleranceSeconds: 0 })).toEqual(JSON.parse(TEXT));
    // Nothing to look at the clock for.
    await expect(verified({ now: clock, signature: 'x' })).rejects.toMatchObject({
      reason: 'malformed_signature',
    });
  });
});

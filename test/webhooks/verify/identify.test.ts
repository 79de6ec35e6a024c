import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type VerifyWebhookOptions,
  verifyWebhookSync,
  WebhookVerificationError,
} from '../../../src/webhooks/index.js';
import { sameDigest } from '../../../src/webhooks/signature.js';
import { BARE_DIGEST, BODY, DIGEST, digestOf, GENUINE, HEADER, SECRET, T, TEXT } from './genuine.js';
import { WAYS } from './ways.js';

const wrong = '0'.repeat(64);
const crypto = process.getBuiltinModule('node:crypto');

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(WAYS)('$name', ({ identifyWebhook, verifyWebhook }) => {
  const identified = (change: Partial<VerifyWebhookOptions>) => identifyWebhook({ ...GENUINE, ...change });

  it('says with which secret a webhook was signed, and when', async () => {
    const payload = JSON.parse(TEXT) as unknown;
    expect(await identified({})).toEqual({ payload, secretIndex: 0, signedAt: T });
    expect(await identified({ secret: ['a', 'b', SECRET, 'c'] })).toEqual({
      payload,
      secretIndex: 2,
      signedAt: T,
    });
  });

  it('names the first of several secrets that match', async () => {
    const both = `t=${T},v1=${digestOf(BODY, T, 'old')},v1=${DIGEST}`;
    expect(await identified({ secret: ['new', SECRET, 'old'], signature: both })).toMatchObject({
      secretIndex: 1,
    });
    expect(await identified({ secret: ['old', SECRET], signature: both })).toMatchObject({ secretIndex: 0 });
    expect(await identified({ secret: [SECRET, SECRET] })).toMatchObject({ secretIndex: 0 });
  });

  it('says so when a signature does not tell its time', async () => {
    const bare = { signature: BARE_DIGEST, allowUntimestamped: true };
    expect(await identified(bare)).toMatchObject({ secretIndex: 0, signedAt: null });
  });

  it('knows the time 0 from none', async () => {
    const signature = `t=0,v1=${digestOf(BODY, 0)}`;
    expect(await identified({ signature, toleranceSeconds: 0 })).toMatchObject({ signedAt: 0 });
    await expect(identified({ signature })).rejects.toMatchObject({ reason: 'timestamp_skew' });
  });

  it('reads each option once, so that none can be two things', async () => {
    const reads: string[] = [];
    const options = new Proxy(GENUINE, {
      get(target, name: keyof VerifyWebhookOptions) {
        reads.push(name);
        return target[name];
      },
    });
    await verifyWebhook(options);
    expect(reads.sort()).toEqual([...new Set(reads)].sort());
    expect(reads).toEqual(expect.arrayContaining(['payload', 'secret', 'signature']));
  });

  it('returns what was signed, whatever becomes of the memory afterwards', async () => {
    const payload = Uint8Array.from(BODY);
    const promise = identified({ payload });
    payload.fill(0x20);
    expect((await promise).payload).toEqual(JSON.parse(TEXT));
  });

  it('refuses what was not signed, also when it is mended meanwhile', async () => {
    const payload = Uint8Array.from(BODY).fill(0x20, 0, 1);
    const promise = identified({ payload });
    payload.set(BODY);
    await expect(promise).rejects.toMatchObject({ reason: 'bad_signature' });
  });

  it('verifies with the secrets that were given, also when their list is emptied meanwhile', async () => {
    const secret = ['whsec_other', SECRET];
    const promise = identified({ secret });
    secret.length = 0;
    expect(await promise).toMatchObject({ secretIndex: 1 });
    const wrongOnes = ['whsec_other'];
    const refused = identified({ secret: wrongOnes });
    wrongOnes[0] = SECRET;
    await expect(refused).rejects.toMatchObject({ reason: 'bad_signature' });
  });

  it('never throws before it is awaited', async () => {
    const promise = identified({ signature: '' });
    await expect(promise).rejects.toBeInstanceOf(WebhookVerificationError);
  });
});

describe('time', () => {
  it('does not tell how many digits were right: all are looked at', () => {
    const looked: string[] = [];
    const watched = (digits: string) =>
      ({
        charCodeAt: (at: number) => {
          looked.push(`${at}`);
          return digits.charCodeAt(at);
        },
      }) as string;
    const all = Array.from({ length: 64 }, (_, at) => `${at}`);
    for (let at = -1; at < 64; at += 1) {
      looked.length = 0;
      const other = [...DIGEST].map((digit, place) => (place === at ? 'x' : digit)).join('');
      expect(sameDigest(watched(DIGEST), other)).toBe(at < 0);
      expect(looked.slice(0, 64)).toEqual(all);
    }
  });

  it('does not tell which secret or digest matched: a digest is made with each secret, once', () => {
    const made = vi.spyOn(crypto, 'createHmac');
    for (const secret of [
      [SECRET, 'b', 'c'],
      ['a', 'b', SECRET],
      ['a', 'b', 'c'],
    ]) {
      for (const signature of [`${HEADER},v1=${wrong}`, `t=${T},v1=${wrong},v1=${DIGEST}`]) {
        made.mockClear();
        try {
          verifyWebhookSync({ ...GENUINE, secret, signature });
        } catch {}
        expect(made.mock.calls.map(([, key]) => key)).toEqual(secret);
      }
    }
  });

  it('makes no digest for what can be told without one', () => {
    const made = vi.spyOn(crypto, 'createHmac');
    const hopeless = [{ signature: '' }, { signature: 'x' }, { now: () => 0 }, { payload: '\ud800' }];
    for (const change of hopeless) expect(() => verifyWebhookSync({ ...GENUINE, ...change })).toThrow();
    expect(made).not.toHaveBeenCalled();
  });
});

describe('memory that threads share', () => {
  it('is copied before it is looked at, so that what is read is what was checked', () => {
    const payload = new Uint8Array(new SharedArrayBuffer(BODY.length));
    payload.set(BODY);
    const { createHmac } = crypto;
    const elsewhere = vi.spyOn(crypto, 'createHmac').mockImplementation((...given) => {
      const hmac = createHmac(...given);
      const digest = hmac.digest.bind(hmac) as (encoding: 'hex') => string;
      // What the other thread does in the worst moment: after the digest was made, before the text is read.
      return Object.assign(hmac, {
        digest(encoding: 'hex') {
          const digits = digest(encoding);
          payload.set(Buffer.from(TEXT.replace('msg_1', 'msg_2')));
          return digits;
        },
      });
    });
    expect(verifyWebhookSync({ ...GENUINE, payload })).toEqual(JSON.parse(TEXT));
    expect(elsewhere).toHaveBeenCalledTimes(1);
    expect(Buffer.from(payload).toString()).toContain('msg_2');
  });
});

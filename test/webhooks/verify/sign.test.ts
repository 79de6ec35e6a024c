import { describe, expect, it, vi } from 'vitest';
import { ValidationError } from '../../../src/errors/index.js';
import {
  type SignWebhookOptions,
  signWebhookSync,
  WebhookVerificationError,
} from '../../../src/webhooks/index.js';
import { BODY, digestOf, HEADER, SECRET, T, TEXT } from './genuine.js';
import { WAYS, withoutNodeCrypto } from './ways.js';

describe.each(WAYS)('$name', ({ signWebhook, verifyWebhook }) => {
  const genuine: SignWebhookOptions = { payload: TEXT, secret: SECRET, timestamp: T };

  it('makes one signature for each secret, in their order', async () => {
    const header = await signWebhook({ ...genuine, secret: ['new', 'old'] });
    expect(header).toBe(`t=${T},v1=${digestOf(BODY, T, 'new')},v1=${digestOf(BODY, T, 'old')}`);
    for (const secret of ['new', 'old', ['other', 'old']]) {
      const hook = await verifyWebhook({ payload: BODY, signature: header, secret, now: () => T * 1_000 });
      expect(hook.event).toBe('message.new');
    }
  });

  it('signs bytes of every kind', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(BODY.length));
    shared.set(BODY);
    const bytes = Uint8Array.from(BODY);
    for (const payload of [BODY, bytes, bytes.buffer, new DataView(bytes.buffer), shared, shared.buffer]) {
      expect(await signWebhook({ ...genuine, payload })).toBe(HEADER);
    }
  });

  it('signs for now when no time is given', async () => {
    vi.spyOn(Date, 'now').mockReturnValue(T * 1_000 + 999);
    expect(await signWebhook({ payload: TEXT, secret: SECRET })).toBe(HEADER);
    vi.restoreAllMocks();
  });

  it('signs for the time 0', async () => {
    expect(await signWebhook({ ...genuine, timestamp: 0 })).toBe(`t=0,v1=${digestOf(BODY, 0)}`);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1700000000'])(
    'refuses the time %s, and says which field it is',
    async (timestamp) => {
      const options = { ...genuine, timestamp } as SignWebhookOptions;
      const error: unknown = await signWebhook(options).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ValidationError);
      expect(error).toMatchObject({
        field: 'timestamp',
        message: 'timestamp must be a whole number of seconds since 1970.',
      });
    },
  );

  it('refuses to sign without a secret, or what is no body', async () => {
    const refused = (change: object) =>
      expect(signWebhook({ ...genuine, ...change })).rejects.toThrow(WebhookVerificationError);
    await refused({ secret: '' });
    await refused({ secret: Array.from({ length: 17 }, () => SECRET) });
    await refused({ payload: {} });
  });
});

it('a runtime without node:crypto cannot sign at once, and says so', () => {
  const sign = () => signWebhookSync({ payload: TEXT, secret: SECRET });
  expect(() => withoutNodeCrypto(sign)).toThrow(ValidationError);
  expect(() => withoutNodeCrypto(sign)).toThrow('This runtime cannot sign at once: await signWebhook().');
});

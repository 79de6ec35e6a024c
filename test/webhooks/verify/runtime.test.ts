import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  identifyWebhook,
  signWebhook,
  verifyWebhook,
  verifyWebhookSync,
} from '../../../src/webhooks/index.js';
import { GENUINE, headerOf, SECRET, TEXT } from './genuine.js';
import { WAYS, withoutNodeCrypto } from './ways.js';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('keys', () => {
  it('are prepared once for each secret when their map is kept', async () => {
    const importKey = vi.spyOn(globalThis.crypto.subtle, 'importKey');
    const keys = new Map();
    const identified = (secret: string[]) =>
      withoutNodeCrypto(() => identifyWebhook({ ...GENUINE, secret }, keys));
    await Promise.all([identified([SECRET, SECRET]), identified([SECRET])]);
    expect(importKey).toHaveBeenCalledTimes(1);
    await identified(['whsec_other', SECRET]);
    expect(importKey).toHaveBeenCalledTimes(2);
    expect([...keys.keys()]).toEqual([SECRET, 'whsec_other']);
  });

  it('cannot be taken out of Web Crypto again, and can do nothing but sign', async () => {
    const keys = new Map<string, Promise<CryptoKey>>();
    await withoutNodeCrypto(() => identifyWebhook(GENUINE, keys));
    const key = await keys.get(SECRET);
    expect(key).toMatchObject({
      extractable: false,
      usages: ['sign'],
      algorithm: { name: 'HMAC', hash: { name: 'SHA-256' } },
    });
  });

  it('are not kept when nobody keeps their map', async () => {
    const importKey = vi.spyOn(globalThis.crypto.subtle, 'importKey');
    for (const { verifyWebhook } of WAYS.slice(2)) {
      importKey.mockClear();
      await verifyWebhook(GENUINE);
      await verifyWebhook(GENUINE);
      expect(importKey).toHaveBeenCalledTimes(2);
    }
  });

  it('are not needed where there is node:crypto', async () => {
    const importKey = vi.spyOn(globalThis.crypto.subtle, 'importKey');
    const keys = new Map();
    await identifyWebhook(GENUINE, keys);
    await verifyWebhook(GENUINE);
    await signWebhook({ payload: TEXT, secret: SECRET });
    expect(keys.size).toBe(0);
    expect(importKey).not.toHaveBeenCalled();
  });
});

describe('a runtime without node:crypto', () => {
  it('cannot verify at once, and says so', () => {
    expect(() => withoutNodeCrypto(() => verifyWebhookSync(GENUINE))).toThrow(
      expect.objectContaining({
        reason: 'needs_promise',
        message: 'This runtime cannot verify at once: await verifyWebhook().',
      }),
    );
  });

  it('is noticed also when it has no process at all', async () => {
    vi.stubGlobal('process', undefined);
    let promise: Promise<unknown>;
    try {
      expect(() => verifyWebhookSync(GENUINE)).toThrow(expect.objectContaining({ reason: 'needs_promise' }));
      promise = identifyWebhook(GENUINE);
    } finally {
      vi.unstubAllGlobals();
    }
    expect(await promise).toMatchObject({ payload: { event: 'message.new' } });
  });

  it.each([
    ['no way to ask for its modules', { ...process, getBuiltinModule: undefined }],
    ['no process', undefined],
  ])('loads the verifier where there is %s, and it works', async (_, seen) => {
    const known = Object.getOwnPropertyDescriptor(globalThis, 'process');
    const real = process;
    // Only for the verifier: what else runs here could not do without.
    const get = () => (new Error().stack?.includes('node-hmac') ? seen : real);
    vi.resetModules();
    Object.defineProperty(globalThis, 'process', { configurable: true, get });
    try {
      const anew = await import('../../../src/webhooks/index.js');
      expect((await anew.verifyWebhook(GENUINE)).event).toBe('message.new');
      expect(() => anew.verifyWebhookSync(GENUINE)).toThrow(
        expect.objectContaining({ reason: 'needs_promise' }),
      );
    } finally {
      if (known !== undefined) Object.defineProperty(globalThis, 'process', known);
    }
  });

  it('has text looked through for halves of characters by other means, when its strings cannot do it', async () => {
    // Safari before 16.4 and Firefox before 119.
    const known = Object.getOwnPropertyDescriptor(String.prototype, 'isWellFormed');
    Reflect.deleteProperty(String.prototype, 'isWellFormed');
    try {
      expect((await withoutNodeCrypto(() => identifyWebhook(GENUINE))).payload.event).toBe('message.new');
      const text = '{"event":"x","data":{"id":"\ufffd"}}';
      const halved = { ...GENUINE, signature: headerOf(text), payload: text.replace('\ufffd', '\ud800') };
      // What is read is what was signed, not the half.
      expect((await withoutNodeCrypto(() => identifyWebhook(halved))).payload.data).toEqual({ id: '\ufffd' });
    } finally {
      if (known !== undefined) Object.defineProperty(String.prototype, 'isWellFormed', known);
    }
  });
});

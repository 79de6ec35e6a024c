import * as edge from '../../../src/webhooks/edge.js';
import * as webhooks from '../../../src/webhooks/index.js';

type Door = Pick<typeof webhooks, 'identifyWebhook' | 'signWebhook' | 'verifyWebhook'>;

/** Makes the runtime look like one without `node:crypto` for as long as `call` takes until it first waits. */
export function withoutNodeCrypto<T>(call: () => T): T {
  const known = Object.getOwnPropertyDescriptor(process, 'getBuiltinModule');
  if (known === undefined) throw new Error('These tests need Node 20.16, which can do it both ways.');
  Object.defineProperty(process, 'getBuiltinModule', { ...known, value: undefined });
  try {
    return call();
  } finally {
    Object.defineProperty(process, 'getBuiltinModule', known);
  }
}

/** Every way in which a webhook can be verified: what holds for one must hold for all. */
export const WAYS: readonly (Door & { name: string })[] = [
  {
    name: 'at once, with node:crypto',
    verifyWebhook: async (options) => webhooks.verifyWebhookSync(options),
    identifyWebhook: webhooks.identifyWebhook,
    signWebhook: async (options) => webhooks.signWebhookSync(options),
  },
  { ...webhooks, name: 'with node:crypto' },
  {
    name: 'with Web Crypto',
    verifyWebhook: (options) => withoutNodeCrypto(() => webhooks.verifyWebhook(options)),
    identifyWebhook: (options, keys) => withoutNodeCrypto(() => webhooks.identifyWebhook(options, keys)),
    signWebhook: (options) => withoutNodeCrypto(() => webhooks.signWebhook(options)),
  },
  {
    ...edge,
    name: 'through the door for browsers and workers',
    signWebhook: (options) => withoutNodeCrypto(() => edge.signWebhook(options)),
  },
];

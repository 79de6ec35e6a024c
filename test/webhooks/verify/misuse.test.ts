import { describe, expect, it } from 'vitest';
import { type VerifyWebhookOptions, verifyWebhook } from '../../../src/webhooks/index.js';
import { type Attack, refused } from './attack.js';
import { BODY, GENUINE, SECRET, TEXT } from './genuine.js';

const fails = () => {
  throw new TypeError('from outside');
};
const body = (name: string, payload: unknown): Attack => [name, () => ({ payload })];
const made = (name: string, payload: () => unknown): Attack => [name, () => ({ payload: payload() })];
const secret = (name: string, given: unknown): Attack => [name, () => ({ secret: given })];
const tolerance = (name: string, given: unknown): Attack => [name, () => ({ toleranceSeconds: given })];

/** Memory that has been given away: to a worker, for instance. */
function detached(): ArrayBuffer {
  const buffer = Uint8Array.from(BODY).buffer;
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

refused('body_already_parsed', [
  made('a parsed body', () => JSON.parse(TEXT) as unknown),
  body('an empty object, as Express has it without a parser', {}),
  body('no body at all', undefined),
  body('null', null),
  body('a number', 42),
  body('a truth value', true),
  made('a symbol', () => Symbol(TEXT)),
  body('a big integer', 42n),
  body('a function', () => TEXT),
  made('a text object', () => Object(TEXT) as unknown),
  body('something that can be told', { toString: () => TEXT }),
  body('a list of bytes', [...BODY]),
  body('what a Buffer becomes in JSON', JSON.parse(JSON.stringify(BODY))),
  made('a date', () => new Date(0)),
  made('a blob', () => new Blob([BODY])),
  made('a promise of the body', () => Promise.resolve(TEXT)),
  made('a stream', () => new Blob([BODY]).stream()),
  made('memory that was given away', detached),
  made('a view of memory that was given away', () => {
    const buffer = Uint8Array.from(BODY).buffer;
    const view = new Uint8Array(buffer);
    structuredClone(buffer, { transfer: [buffer] });
    return view;
  }),
  made('a window on memory that was given away', () => {
    const buffer = Uint8Array.from(BODY).buffer;
    const view = new DataView(buffer);
    structuredClone(buffer, { transfer: [buffer] });
    return view;
  }),
  body('something that says it is a buffer', { [Symbol.toStringTag]: 'ArrayBuffer', byteLength: 99 }),
  body('something that says it is a buffer, and is endless', {
    [Symbol.toStringTag]: 'ArrayBuffer',
    length: 2 ** 53,
  }),
  made("a heir of a buffer's prototype", () => Object.create(ArrayBuffer.prototype) as unknown),
  made('bytes behind a proxy', () => new Proxy(Uint8Array.from(BODY), {})),
  made('a buffer behind a proxy', () => new Proxy(Uint8Array.from(BODY).buffer, {})),
  made('a proxy that throws at everything', () => new Proxy({}, { get: fails, getPrototypeOf: fails })),
  made('a proxy that was revoked', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  }),
  made('bytes that throw when looked at', () =>
    Object.defineProperty(Uint8Array.from(BODY), 'buffer', { get: fails }),
  ),
  made('bytes that pretend to be more than they are', () =>
    Object.defineProperty(Uint8Array.from(BODY), 'byteLength', { value: 2 ** 53 }),
  ),
  ['a parsed body without a signature: no request will pass', () => ({ payload: {}, signature: undefined })],
]);

refused('missing_secret', [
  secret('no secret', undefined),
  secret('a secret that is null', null),
  secret('an empty secret', ''),
  secret('a secret of white space', ' \t\n\u00a0'),
  secret('an empty list', []),
  secret('an empty secret in a list', ['']),
  secret('an empty secret beside the right one', [SECRET, '']),
  secret('an empty secret before the right one', ['', SECRET]),
  secret('an undefined secret beside the right one', [SECRET, undefined]),
  secret('a secret that is a number in a list', [42]),
  secret('a list with nothing in its one place', new Array(1)),
  // biome-ignore lint/suspicious/noSparseArray: the hole is the attack.
  secret('a list with a hole beside the right secret', [SECRET, , SECRET]),
  secret('a secret that is a number', 42),
  secret('a secret in bytes', Buffer.from(SECRET)),
  secret('a secret in an object', { secret: SECRET }),
  secret('a text object', Object(SECRET)),
  secret('a set of secrets', new Set([SECRET])),
  [
    "a request that is wrong in everything: what is the receiver's comes first",
    () => ({ secret: '', payload: {}, signature: undefined }),
  ],
]);

refused('too_many_secrets', [
  secret(
    'seventeen secrets',
    Array.from({ length: 17 }, () => SECRET),
  ),
  secret(
    'a thousand secrets',
    Array.from({ length: 1_000 }, (_, at) => `whsec_${at}`),
  ),
]);

refused('invalid_tolerance', [
  tolerance('a tolerance that is no number', Number.NaN),
  tolerance('a negative tolerance', -1),
  tolerance('an infinite tolerance', Number.POSITIVE_INFINITY),
  tolerance('a negative infinite tolerance', Number.NEGATIVE_INFINITY),
  tolerance('a tolerance in text', '300'),
  tolerance('a tolerance that is null', null),
  tolerance('a tolerance that is a truth value', false),
  tolerance('a tolerance that is a list', [300]),
  tolerance('a tolerance that is a big integer', 300n),
  tolerance('a tolerance that is an object', { valueOf: () => 300 }),
]);

describe('the message', () => {
  it.each([
    [
      { payload: {} },
      '`payload` must be the raw bytes: take them before a JSON parser does (Express: express.raw).',
    ],
    [{ secret: '' }, '`secret` must be the whsec_... of the webhook.'],
    [{ secret: Array.from({ length: 17 }, () => SECRET) }, '`secret` takes at most 16.'],
    [{ toleranceSeconds: -1 }, '`toleranceSeconds` must be a number of seconds; 0 turns the check off.'],
  ])('says what to do about %j', async (change, message) => {
    await expect(verifyWebhook({ ...GENUINE, ...change } as VerifyWebhookOptions)).rejects.toThrow(message);
  });
});

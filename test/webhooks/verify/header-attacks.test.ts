import { createHash } from 'node:crypto';
import { type Attack, refused } from './attack.js';
import { BARE_DIGEST, BODY, DIGEST, digestOf, HEADER, hmac, SECRET, T, TEXT } from './genuine.js';

const header = (name: string, signature: unknown): Attack => [name, () => ({ signature })];
const made = (name: string, signature: () => unknown): Attack => [name, () => ({ signature: signature() })];
/** A digest beside the genuine time. */
const digest = (name: string, hex: string): Attack => header(name, `t=${T},v1=${hex}`);
/** A time beside a digest that was honestly made over it. */
const time = (name: string, timestamp: string): Attack =>
  header(name, `t=${timestamp},v1=${digestOf(BODY, timestamp)}`);

const fails = () => {
  throw new TypeError('from outside');
};

refused('missing_signature', [
  header('no header', undefined),
  header('a header that is null', null),
  header('an empty header', ''),
  header('a header of white space', ' \t '),
  header('no header lines', []),
  header('one empty header line', ['']),
  made('Headers without it', () => new Headers({ 'content-type': 'application/json' })),
  made('Headers in which it is empty', () => new Headers({ 'agentchat-signature': '' })),
  made('Headers in which only a name like it is', () => new Headers({ 'x-agentchat-signature': HEADER })),
  header('the headers as a plain object', { 'agentchat-signature': HEADER }),
  header('a number', 42),
  header('a truth value', true),
  made('a symbol', () => Symbol(HEADER)),
  made('a text object', () => Object(HEADER) as unknown),
  header('headers that say a number', { get: () => 42 }),
  header('headers that say a list', { get: () => [HEADER] }),
  made('a map that knows it in another case', () => new Map([['Agentchat-Signature', HEADER]])),
]);

refused('malformed_signature', [
  header('a time alone', `t=${T}`),
  header('a digest alone, without the permission', `v1=${BARE_DIGEST}`),
  header('a bare digest, without the permission', BARE_DIGEST),
  header('the genuine digest without its time', `v1=${DIGEST}`),
  [
    'a bare digest, with a permission that is only truthy',
    () => ({ signature: BARE_DIGEST, allowUntimestamped: 1 }),
  ],
  header('a digest under the name of a weaker scheme', `t=${T},v0=${DIGEST}`),
  header('a digest under a name in capitals', `t=${T},V1=${DIGEST}`),
  header('a time under a name in capitals', `T=${T},v1=${DIGEST}`),
  header('a digest under a longer name', `t=${T},xv1=${DIGEST}`),
  header('a time under a longer name', `at=${T},v1=${DIGEST}`),
  header('semicolons between the parts', `t=${T};v1=${DIGEST}`),
  header('spaces between the parts', `t=${T} v1=${DIGEST}`),
  header('colons between names and values', `t:${T},v1:${DIGEST}`),
  header('an equals sign and nothing else', '='),
  header('commas and nothing else', ',,,,'),
  header('nothing but a value', `=${DIGEST}`),
  header('JSON', JSON.stringify({ t: T, v1: DIGEST })),
  digest('an empty digest', ''),
  digest('a digest that lacks its last digit', DIGEST.slice(0, 63)),
  digest('a digest with a digit too many', `${DIGEST}0`),
  digest('a digest with another digit in front', `0${DIGEST}`),
  digest('a digest twice as long', DIGEST + DIGEST),
  digest('a digest of SHA-1', hmac(SECRET, `${T}.${TEXT}`, 'sha1')),
  digest('a digest of SHA-512', hmac(SECRET, `${T}.${TEXT}`, 'sha512')),
  digest('a digest in base64', Buffer.from(DIGEST, 'hex').toString('base64')),
  digest('a digest marked as hexadecimal', `0x${DIGEST.slice(2)}`),
  digest('a digest in quotation marks', `"${DIGEST}"`),
  digest('a digest with a letter beyond f', `g${DIGEST.slice(1)}`),
  digest('a digest with full-width digits', DIGEST.replace('9', '９')),
  digest('a digest with a Cyrillic a', DIGEST.replace('a', 'а')),
  digest('a digest with a zero byte in it', DIGEST.replace('9', '\0')),
  digest('a digest with a line break in it', DIGEST.replace('9', '\n')),
  digest('a digest with a space in it', `${DIGEST.slice(0, 32)} ${DIGEST.slice(33)}`),
  digest('a digest that ends with a zero byte', `${DIGEST}\0`),
  digest('a digest with something behind it', `${DIGEST}=`),
  digest('a digest percent-encoded', DIGEST.replace('9', '%39')),
  header('rubbish beside the genuine digest', `${HEADER},v1=zz`),
  header('a rubbish time beside the genuine one', `${HEADER},t=soon`),
  header('rubbish, then the genuine digest', `t=${T},v1=,v1=${DIGEST}`),
  header('two times, the genuine one first', `t=${T},t=${T + 1},v1=${DIGEST}`),
  header('two times, the genuine one last', `t=${T + 1},t=${T},v1=${DIGEST}`),
  header('two times that are one number', `t=${T},t=0${T},v1=${DIGEST}`),
  header('an empty time before the genuine one', `t=,t=${T},v1=${DIGEST}`),
  time('an empty time', ''),
  time('a time in words', 'now'),
  time('a fractional time', `${T}.0`),
  time('a time with an exponent', '17e8'),
  time('a hexadecimal time', `0x${T.toString(16)}`),
  time('a negative time', `-${T}`),
  time('a time with a plus sign', `+${T}`),
  time('a time with separators', '1_700_000_000'),
  time('a time with a space in it', '1700 000000'),
  time('a time in full-width digits', '１７００００００００'),
  time('a time in Arabic digits', '١٧٠٠٠٠٠٠٠٠'),
  time('an infinite time', 'Infinity'),
  time('a time that is no number', 'NaN'),
  time('a time as a big integer', `${T}n`),
  time('a time of sixteen digits', `000000${T}`),
  time('a time of a thousand digits', '1'.repeat(1_000)),
  time('a time as a date', '2023-11-14T22:13:20Z'),
  header('seventeen digests', `t=${T}${`,v1=${DIGEST}`.repeat(17)}`),
  header(
    'the genuine digest behind sixteen others',
    `t=${T}${`,v1=${'0'.repeat(64)}`.repeat(16)},v1=${DIGEST}`,
  ),
  header('a header a little too long', HEADER.padEnd(8_193, ',')),
  header('a header of a megabyte', `${HEADER},x=${'y'.repeat(1_000_000)}`),
  header('a megabyte of commas', `${HEADER}${','.repeat(1_000_000)}`),
  header('a megabyte of spaces between the parts', `t=${T},${' '.repeat(1_000_000)}v1=${DIGEST}`),
  header('a megabyte of equals signs', '='.repeat(1_000_000)),
  made('a hundred thousand header lines', () => Array.from({ length: 100_000 }, () => HEADER)),
  made('a header line that is a symbol', () => [Symbol('v1')]),
  header('a header line that is a number', [42]),
  header('a header line that cannot be told', [{ toString: fails }]),
  header('a header line that has no text', [Object.create(null)]),
  made('a proxy that throws at everything', () => new Proxy({}, { get: fails, has: fails })),
  made('a list behind a proxy that throws', () => new Proxy([HEADER], { get: fails })),
  made('a proxy that was revoked', () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    return proxy;
  }),
  header('headers that throw when asked', { get: fails }),
  made('headers whose method throws when looked up', () => Object.defineProperty({}, 'get', { get: fails })),
  header('a plain object with a header called "get"', { get: 'x', 'agentchat-signature': HEADER }),
  header('headers that say rubbish', { get: () => 'rubbish' }),
]);

refused('bad_signature', [
  digest('a digest of zeros', '0'.repeat(64)),
  digest('a digest of which only the first digit is wrong', `8${DIGEST.slice(1)}`),
  digest('a digest of which only the last digit is wrong', `${DIGEST.slice(0, 63)}2`),
  digest('a digest of which only one bit is wrong', DIGEST.replace('4c', '4d')),
  digest('a digest read backwards', [...DIGEST].reverse().join('')),
  digest('a digest whose halves are swapped', DIGEST.slice(32) + DIGEST.slice(0, 32)),
  digest('the digest of the body alone, beside a time', BARE_DIGEST),
  digest('the start of a digest of SHA-512', hmac(SECRET, `${T}.${TEXT}`, 'sha512').slice(0, 64)),
  digest('the start of a digest of SHA-3', hmac(SECRET, `${T}.${TEXT}`, 'sha3-256')),
  digest('a digest without a key', createHash('sha256').update(`${T}.${TEXT}`).digest('hex')),
  digest(
    'a hash of secret and message, which could be extended',
    createHash('sha256').update(`${SECRET}${T}.${TEXT}`).digest('hex'),
  ),
  digest('a digest with an empty key', hmac('', `${T}.${TEXT}`)),
  digest('a digest with key and message exchanged', hmac(`${T}.${TEXT}`, SECRET)),
  digest("a digest with the secret's prefix as the key", hmac('whsec_', `${T}.${TEXT}`)),
  digest('a digest with the secret less its prefix', hmac(SECRET.slice(6), `${T}.${TEXT}`)),
  digest('a digest with the secret as base64', hmac(Buffer.from(SECRET.slice(6), 'base64'), `${T}.${TEXT}`)),
  digest('a digest with the secret in capitals', hmac(SECRET.toUpperCase(), `${T}.${TEXT}`)),
  digest('a digest with the secret and a line break', hmac(`${SECRET}\n`, `${T}.${TEXT}`)),
  digest('a digest with another secret', digestOf(BODY, T, 'whsec_other')),
  digest('a digest without the dot', hmac(SECRET, `${T}${TEXT}`)),
  digest('a digest with the time behind the body', hmac(SECRET, `${TEXT}.${T}`)),
  digest('the digest of another time', digestOf(BODY, T - 1)),
  digest('the digest of a digest', hmac(SECRET, DIGEST)),
  header('sixteen wrong digests', `t=${T}${`,v1=${'0'.repeat(64)}`.repeat(16)}`),
  header('a later time on the genuine digest', `t=${T + 1},v1=${DIGEST}`),
  header('an earlier time on the genuine digest', `t=${T - 299},v1=${DIGEST}`),
  header('a zero in front of the genuine time', `t=0${T},v1=${DIGEST}`),
  [
    'the genuine digest without its time, with the permission',
    () => ({ signature: `v1=${DIGEST}`, allowUntimestamped: true }),
  ],
  ['the genuine digest bare, with the permission', () => ({ signature: DIGEST, allowUntimestamped: true })],
  [
    'the bare digest with a time, with the permission',
    () => ({ signature: `t=${T},v1=${BARE_DIGEST}`, allowUntimestamped: true }),
  ],
  [
    'a time of another request in front of a bare digest, unchecked',
    () => ({ signature: `t=1,v1=${BARE_DIGEST}`, allowUntimestamped: true, toleranceSeconds: 0 }),
  ],
]);

import { type Attack, refused } from './attack.js';
import { BODY, DIGEST, headerOf, now, signed, T, TEXT } from './genuine.js';

const body = (name: string, payload: unknown): Attack => [name, () => ({ payload })];

/** The genuine signature of one body, sent with another. */
const swapped = (name: string, genuine: string, payload: string | Uint8Array): Attack => [
  name,
  () => ({ ...signed(genuine), payload }),
];

const flipped = Uint8Array.from(BODY, (byte, at) => (at === 42 ? byte ^ 1 : byte));
/** What SHA-256 appends by itself to a message of so many bytes: the beginning of a length extension. */
const padding = (length: number) => {
  const padded = Buffer.alloc(64 - ((length + 8) % 64) + 8);
  padded[0] = 0x80;
  padded.writeBigUInt64BE(BigInt(length * 8), padded.length - 8);
  return padded;
};
/** The genuine bytes in the middle of a larger piece of memory, where a careless view would see its neighbours. */
const within = new Uint8Array([...Buffer.from('neighbour'), ...BODY, ...Buffer.from('neighbour')]);
const replaced = '{"event":"message.new","data":{"id":"\ufffd"}}';

refused('bad_signature', [
  body('one bit flipped', flipped),
  body('one character exchanged', TEXT.replace('msg_1', 'msg_2')),
  body('the last byte missing', BODY.subarray(0, -1)),
  body('the first byte missing', BODY.subarray(1)),
  body('a space at the end', `${TEXT} `),
  body('a line break at the end', `${TEXT}\n`),
  body('a space at the start', ` ${TEXT}`),
  body('a zero byte at the end', Buffer.concat([BODY, Buffer.alloc(1)])),
  body('the body twice', TEXT + TEXT),
  body('no body', ''),
  body('no bytes', new Uint8Array()),
  body('as many zero bytes', new Uint8Array(BODY.length)),
  body('the body of another event', TEXT.replace('message.new', 'group.deleted')),
  body('the same JSON, written again', JSON.stringify(JSON.parse(TEXT), null, 1)),
  body(
    'the same JSON, its fields in another order',
    '{"data":{"id":"msg_1","text":"café"},"event":"message.new","timestamp":"2026-07-12T18:04:11.512Z"}',
  ),
  body('the same JSON, a character escaped', TEXT.replace('é', '\\u00e9')),
  body('the same JSON, a field twice', TEXT.replace('{"event"', '{"event":"message.new","event"')),
  body('the same text in another normal form', TEXT.normalize('NFD')),
  body('the same text in Latin-1', Buffer.from(TEXT, 'latin1')),
  body('the same text in UTF-16', Buffer.from(TEXT, 'utf16le')),
  body('the bytes as if they were Latin-1', BODY.toString('latin1')),
  body('the bytes in base64', BODY.toString('base64')),
  body('the bytes in hexadecimal', BODY.toString('hex')),
  body('a byte-order mark in front', `\ufeff${TEXT}`),
  body('the bytes of a byte-order mark in front', Buffer.concat([Buffer.from('\ufeff'), BODY])),
  swapped('a byte-order mark taken away', `\ufeff${TEXT}`, TEXT),
  swapped('line breaks of Windows made into those of Unix', '{\r\n}', '{\n}'),
  body('all of the memory around the genuine bytes', within.buffer),
  body('the genuine bytes and their neighbour', within.subarray(9)),
  body('the genuine bytes, one element off', within.subarray(8, 8 + BODY.length)),
  [
    'a length extension of the message',
    () => ({ payload: Buffer.concat([BODY, padding(64 + 11 + BODY.length), Buffer.from(',"admin":true}')]) }),
  ],
  [
    'a digit moved from the body into the time',
    () => ({ payload: `.${TEXT}`, signature: headerOf(`0.${TEXT}`, T / 10), now: () => now() / 10 }),
  ],
  ['the time moved into the body', () => ({ payload: `${T}.${TEXT}`, signature: `t=${T},v1=${DIGEST}` })],
  ['a dot moved from between time and body', () => ({ payload: TEXT, signature: headerOf(`.${TEXT}`) })],
  swapped(
    'bytes that are not UTF-8 for the character that stands in for them',
    replaced,
    Buffer.from(replaced.replace('\ufffd', '\u00ff'), 'latin1'),
  ),
  swapped(
    'the first half of a character for the one that stands in for it',
    replaced,
    replaced.replace('\ufffd', '\ud800'),
  ),
  swapped(
    'the second half of a character for the one that stands in for it',
    replaced,
    replaced.replace('\ufffd', '\udc00'),
  ),
  swapped(
    'halves of a character in the wrong order',
    replaced.replace('\ufffd', '\ufffd\ufffd'),
    replaced.replace('\ufffd', '\udc00\ud800'),
  ),
  [
    'half a character, signed as it is turned into bytes',
    () => ({ payload: '\ud800', signature: headerOf('\ud800') }),
  ],
  [
    'the genuine request, but none of the secrets is its own',
    () => ({ secret: ['whsec_other', 'whsec_another'] }),
  ],
  ['the genuine request, the secret in capitals', () => ({ secret: 'WHSEC_TEST_SECRET' })],
  ['the genuine request, a space behind the secret', () => ({ secret: 'whsec_test_secret ' })],
  ['a body that is no JSON either: the digest is looked at first', () => ({ payload: '{' })],
]);

refused('malformed_payload', [
  ['no text', () => signed('')],
  ['white space', () => signed(' \n ')],
  ['no JSON', () => signed('event=message.new')],
  ['JSON that breaks off', () => signed(TEXT.slice(0, -1))],
  ['JSON and something behind it', () => signed(`${TEXT}{}`)],
  ['JSON with a comment', () => signed(`${TEXT} // `)],
  ['JSON in single quotes', () => signed(TEXT.replaceAll('"', "'"))],
  ['a number that JSON does not know', () => signed('{"event":"x","data":{"n":NaN}}')],
  ['two byte-order marks', () => signed(`\ufeff\ufeff${TEXT}`)],
  ['the bytes of two byte-order marks', () => signed(Buffer.from(`\ufeff\ufeff${TEXT}`))],
  ['a byte-order mark behind a space', () => signed(` \ufeff${TEXT}`)],
  ['null', () => signed('null')],
  ['a truth value', () => signed('true')],
  ['a number', () => signed('42')],
  ['a text', () => signed(JSON.stringify(TEXT))],
  ['a list', () => signed(`[${TEXT}]`)],
  ['an empty list', () => signed('[]')],
  ['an empty object', () => signed('{}')],
  ['an object without an event', () => signed('{"data":{}}')],
  ['an event that is a number', () => signed('{"event":1,"data":{}}')],
  ['an event that is null', () => signed('{"event":null,"data":{}}')],
  ['an event that is a list', () => signed('{"event":["message.new"],"data":{}}')],
  ['no data', () => signed('{"event":"message.new"}')],
  ['data that is null', () => signed('{"event":"message.new","data":null}')],
  ['data that is a text', () => signed('{"event":"message.new","data":"msg_1"}')],
  ['data that is a number', () => signed('{"event":"message.new","data":1}')],
  ['data that is a truth value', () => signed('{"event":"message.new","data":true}')],
  ['data that is a list', () => signed('{"event":"message.new","data":[{}]}')],
  ['an event in the prototype', () => signed('{"__proto__":{"event":"message.new","data":{}}}')],
  ['UTF-16', () => signed(Buffer.from(TEXT, 'utf16le'))],
  ['Latin-1', () => signed(Buffer.from(TEXT, 'latin1'))],
  ['a character that breaks off', () => signed(BODY.subarray(0, BODY.indexOf(0xc3) + 1))],
  [
    'a character in more bytes than it needs',
    () => signed(Buffer.from(TEXT.replace('café', '\u00c0\u00af'), 'latin1')),
  ],
  [
    'half a character in bytes',
    () => signed(Buffer.from(TEXT.replace('café', '\u00ed\u00a0\u0080'), 'latin1')),
  ],
  ['a byte that never occurs in UTF-8', () => signed(Buffer.from(TEXT.replace('café', '\u00ff'), 'latin1'))],
  [
    'a timed request passed off as an untimed one, its time as the start of the body',
    () => ({ payload: `${T}.${TEXT}`, signature: DIGEST, allowUntimestamped: true }),
  ],
]);

import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { WebhookReceiverOptions } from '../../../src/webhooks/node/index.js';
import type { WebhookPayload } from '../../../src/wire/index.js';
import { type Adapter, adapters } from './kit/adapters.js';
import { bytes, messageBody, type Outgoing, signatureOf, signed, without } from './kit/request.js';
import { ask, start } from './kit/rigs.js';

interface Case {
  readonly name: string;
  readonly request: () => Outgoing;
  readonly options?: Partial<WebhookReceiverOptions>;
  /** Whether it reaches the handler, and what must then be so. */
  readonly handled?: (event: WebhookPayload) => void;
  readonly said: Record<string, unknown>;
  readonly except?: (adapter: Adapter) => boolean;
}

const ACCEPTED = { status: 200, received: true };
const refused = (reason: string) => ({ status: 400, code: 'WEBHOOK_VERIFICATION_FAILED', reason });
const NOT_ALLOWED = { status: 405, code: 'METHOD_NOT_ALLOWED' };
const UNSUPPORTED = { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' };
const TOO_LARGE = { status: 413, code: 'PAYLOAD_TOO_LARGE' };

const isMessage = ({ event }: WebhookPayload) => expect(event).toBe('message.new');
const typed = (type: string) => () => signed(messageBody(), { headers: { 'content-type': type } });
const signature = (value: string | string[]) => ({ headers: { 'agentchat-signature': value } });
/** A parser in front of the receiver that hands over what it has decompressed. */
const decompresses = ({ name }: Adapter) => name.includes('express.raw');
/** Where a body of text is handed over as text. */
const decodes = ({ name }: Adapter) => /REST API|function URL/.test(name);

const DEEP = `{"event":"deep","timestamp":"","data":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`;
const POLLUTING =
  '{"event":"message.new","timestamp":"","data":{"id":"msg_polluting","__proto__":{"polluted":1}},"__proto__":{"polluted":1}}';
const ACCENTED = messageBody('café, 🙂 and 漢字');

/** Where a body may be cut inside of a character. */
function insideCharacters(text: string): number[] {
  return [...bytes(text).entries()].filter(([, byte]) => byte >> 6 === 0b10).map(([at]) => at);
}

const cases: Case[] = [
  { name: 'a genuine request', request: () => signed(), handled: isMessage, said: ACCEPTED },
  {
    name: 'an event that is not known',
    request: () => signed('{"event":"thing.happened","timestamp":"","data":{}}'),
    handled: ({ event }) => expect(event).toBe('thing.happened'),
    said: ACCEPTED,
  },
  {
    name: 'a digest of another secret',
    request: () => {
      const body = messageBody();
      return signed(body, signature(signatureOf(body, 0, 'whsec_other')));
    },
    said: refused('bad_signature'),
  },
  {
    name: 'a body that is not the one that was signed',
    request: () => signed(messageBody(), signature(signatureOf(messageBody()))),
    said: refused('bad_signature'),
  },
  {
    name: 'a time that is not the one that was signed',
    request: () => {
      const body = messageBody();
      const later = signatureOf(body, 60).replace(/t=\d+/, `t=${Math.floor(Date.now() / 1000)}`);
      return signed(body, signature(later));
    },
    said: refused('bad_signature'),
  },
  {
    name: 'a recorded request of six minutes ago',
    request: () => {
      const body = messageBody();
      return signed(body, signature(signatureOf(body, 360)));
    },
    said: refused('timestamp_skew'),
  },
  {
    name: 'a request of six minutes from now',
    request: () => {
      const body = messageBody();
      return signed(body, signature(signatureOf(body, -360)));
    },
    said: refused('timestamp_skew'),
  },
  {
    name: 'no signature',
    request: () => without(signed(), 'agentchat-signature'),
    said: refused('missing_signature'),
  },
  {
    name: 'an empty signature',
    request: () => signed(messageBody(), signature('')),
    said: refused('missing_signature'),
  },
  {
    name: 'a signature that is none',
    request: () => signed(messageBody(), signature('hello')),
    said: refused('malformed_signature'),
  },
  {
    name: 'a signature of 10,000 characters',
    request: () => signed(messageBody(), signature('v1='.repeat(3_333))),
    said: refused('malformed_signature'),
  },
  {
    name: 'two signature headers of which one is genuine',
    request: () => {
      const body = messageBody();
      return signed(body, signature([signatureOf(body, 0, 'whsec_other'), signatureOf(body)]));
    },
    handled: isMessage,
    said: ACCEPTED,
    // Of several values of one header, a REST API's `headers` has the last; ours come from `multiValueHeaders`.
  },
  {
    name: 'a signature without a time',
    request: () => {
      const body = messageBody();
      return signed(body, signature(signatureOf(body).replace(/t=\d+,/, '')));
    },
    said: refused('malformed_signature'),
  },
  {
    name: 'a body one byte longer than is accepted, announced',
    request: () => signed(messageBody('x'.repeat(900)).padEnd(1_025)),
    options: { maxBodyBytes: 1_024 },
    said: TOO_LARGE,
  },
  {
    name: 'a body one byte longer than is accepted, chunked',
    request: () => signed(messageBody('x'.repeat(900)).padEnd(1_025), { cuts: [1, 500, 1_023] }),
    options: { maxBodyBytes: 1_024 },
    said: TOO_LARGE,
  },
  {
    name: 'a body longer than is accepted in bytes, and not in characters',
    request: () => signed(messageBody('漢'.repeat(500))),
    options: { maxBodyBytes: 1_024 },
    said: TOO_LARGE,
  },
  {
    name: 'a body of several megabytes that nobody has signed',
    request: () => signed(new Uint8Array(5_000_000), signature('hello')),
    said: TOO_LARGE,
  },
  {
    name: 'a body just as long as is accepted',
    request: () => signed(messageBody('x'.repeat(500)).padEnd(1_024)),
    options: { maxBodyBytes: 1_024 },
    handled: isMessage,
    said: ACCEPTED,
  },
  ...['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'].map((method) => ({
    name: `the method ${method}`,
    request: () => signed(method === 'GET' ? '' : messageBody(), { method }),
    said: NOT_ALLOWED,
  })),
  ...['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/html'].map(
    (type) => ({ name: `a body of the type ${type}`, request: typed(type), said: UNSUPPORTED }),
  ),
  ...['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/cloudevents+json'].map((type) => ({
    name: `a body of the type ${type}`,
    request: typed(type),
    handled: isMessage,
    said: ACCEPTED,
  })),
  {
    name: 'a body of no stated type',
    request: () => without(signed(), 'content-type'),
    handled: isMessage,
    said: ACCEPTED,
  },
  {
    name: 'a compressed body',
    request: () => {
      const body = messageBody();
      const headers = { 'content-encoding': 'gzip', 'agentchat-signature': signatureOf(body) };
      return signed(gzipSync(body), { headers });
    },
    said: { status: 415, code: 'UNSUPPORTED_ENCODING' },
    except: decompresses,
  },
  {
    name: 'a body that is said to be encoded as it is',
    request: () => signed(messageBody(), { headers: { 'content-encoding': 'identity' } }),
    handled: isMessage,
    said: ACCEPTED,
  },
  {
    name: 'a body that is cut inside of characters',
    request: () => signed(ACCENTED, { cuts: insideCharacters(ACCENTED) }),
    handled: ({ data }) => expect(data).toMatchObject({ content: { text: 'café, 🙂 and 漢字' } }),
    said: ACCEPTED,
  },
  {
    name: 'a byte order mark in front',
    request: () => signed(`\ufeff${messageBody()}`),
    handled: isMessage,
    said: ACCEPTED,
  },
  {
    name: 'JSON that is 10,000 levels deep',
    request: () => signed(DEEP),
    handled: ({ event }) => expect(event).toBe('deep'),
    said: ACCEPTED,
  },
  {
    name: 'JSON that is 10,000 levels deep and not signed',
    request: () => signed(DEEP, signature(signatureOf('{}'))),
    said: refused('bad_signature'),
  },
  {
    name: 'JSON that names __proto__',
    request: () => signed(POLLUTING),
    handled(event) {
      isMessage(event);
      expect('polluted' in {}).toBe(false);
      expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
    },
    said: ACCEPTED,
  },
  { name: 'a signed body of nothing', request: () => signed(''), said: refused('malformed_payload') },
  {
    name: 'nothing at all',
    request: () => ({ method: 'POST', headers: {}, body: new Uint8Array(0) }),
    said: refused('missing_signature'),
  },
  ...['[]', 'null', '"text"', '{}', '{"event":1,"data":{}}', '{"event":"x"}', '{"event":"x"'].map((body) => ({
    name: `a signed body that says ${body}`,
    request: () => signed(body),
    said: refused('malformed_payload'),
  })),
  {
    name: 'a signed body that is not UTF-8',
    request: () => signed(Uint8Array.of(...bytes('{"event":"x","data":{"a":"'), 0xff, ...bytes('"}}'))),
    said: refused('malformed_payload'),
    except: decodes,
  },
];

describe.each(adapters)('$name', (adapter) => {
  it.each(cases.filter(({ except }) => except?.(adapter) !== true))(
    'answers $name with $said',
    async ({ request, options, handled, said }) => {
      const events: WebhookPayload[] = [];
      const onEvent = (event: WebhookPayload) => events.push(event);
      const rig = await start(adapter, { ...options, onEvent, respond: 'when-handled' });
      expect(await ask(rig, request())).toMatchObject(said);
      expect(events).toHaveLength(handled === undefined ? 0 : 1);
      for (const event of events) handled?.(event);
    },
  );

  it('answers HEAD without a body, as must be', async () => {
    const rig = await start(adapter);
    const answer = await rig.send({ ...without(signed(''), 'content-length'), method: 'HEAD' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
    if (adapter.medium === 'socket') expect(answer.text).toBe('');
  });

  it('says which method it takes', async () => {
    const rig = await start(adapter);
    const { headers } = await rig.send(signed('', { method: 'GET' }));
    expect(headers.get('allow')).toBe('POST');
  });

  it('takes any of several secrets, and says which', async () => {
    const indexes: number[] = [];
    const rig = await start(adapter, {
      secret: ['whsec_new', 'whsec_receivers'],
      respond: 'when-handled',
      onEvent: (_event, { secretIndex, signedAt }) => {
        expect(signedAt).toBeCloseTo(Date.now() / 1000, -2);
        return indexes.push(secretIndex);
      },
    });
    const body = messageBody();
    expect(await ask(rig, signed(body))).toMatchObject(ACCEPTED);
    expect(await ask(rig, signed(body, signature(signatureOf(body, 0, 'whsec_new'))))).toMatchObject(
      ACCEPTED,
    );
    expect(indexes).toEqual([1, 0]);
  });
});

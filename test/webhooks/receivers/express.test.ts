import { createServer, type IncomingMessage, type Server } from 'node:http';
import { gzipSync } from 'node:zlib';
import express5 from 'express';
import express4 from 'express4';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AgentChatClientError, WebhookVerificationError } from '../../../src/errors/index.js';
import {
  type ExpressReceiver,
  expressReceiver,
  keepRawBody,
  type WebhookReceiverOptions,
} from '../../../src/webhooks/express/index.js';
import type { WebhookPayload } from '../../../src/wire/index.js';
import { endServer, listen } from './kit/adapters.js';
import { messageBody, type Outgoing, PATH, SECRET, sendOver, signatureOf, signed } from './kit/request.js';
import { gate, said } from './kit/rigs.js';
import { Wire } from './kit/wire.js';

const ACCEPTED = { status: 200, received: true };
const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map(endServer));
});

describe.each([
  // The types of both are their own; what is called here is the same.
  { version: 'Express 5', express: express5 },
  { version: 'Express 4', express: express4 as unknown as typeof express5 },
])('$version', ({ express }) => {
  const events: WebhookPayload[] = [];
  const errors: AgentChatClientError[] = [];
  afterEach(() => {
    events.length = 0;
    errors.length = 0;
  });

  const receiver = (options: Partial<WebhookReceiverOptions> = {}): ExpressReceiver =>
    expressReceiver({
      secret: SECRET,
      onEvent: (event) => events.push(event),
      onError: (error) => errors.push(error),
      respond: 'when-handled',
      ...options,
    });

  /** Serves an app, and gives what sends to it. */
  async function serve(build: (app: express5.Express) => void) {
    const app = express();
    build(app);
    const server = createServer(app);
    servers.push(server);
    const url = await listen(server);
    return {
      url,
      ask: async (outgoing: Outgoing) => said(await sendOver(url, outgoing)),
      send: (outgoing: Outgoing, path: string) => sendOver(url.replace(PATH, path), outgoing),
    };
  }

  const echo = (request: { body: unknown }, response: { json(value: unknown): unknown }) =>
    void response.json({ echo: request.body });
  const json = (body: string): Outgoing => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(body),
  });

  it('leaves a global express.json() behind it to the other routes', async () => {
    const { ask, send } = await serve((app) => {
      app.post(PATH, receiver());
      app.use(express.json());
      app.post('/other', echo);
    });
    expect(await ask(signed())).toEqual(ACCEPTED);
    expect(events).toHaveLength(1);
    expect((await send(json('{"a":1}'), '/other')).text).toBe('{"echo":{"a":1}}');
  });

  it('reads a body that a middleware has paused while it waited for something', async () => {
    const { ask } = await serve((app) => {
      app.use((request, _response, next) => {
        request.pause();
        setImmediate(next);
      });
      app.post(PATH, receiver());
    });
    expect(await ask(signed())).toEqual(ACCEPTED);
  });

  it('behind a global express.json(), answers 500 to everybody and tells the owner how to mend it', async () => {
    const { ask } = await serve((app) => {
      app.use(express.json());
      app.post(PATH, receiver());
    });
    for (const outgoing of [signed(), signed('{}', { headers: { 'agentchat-signature': 'x' } })]) {
      expect(await ask(outgoing)).toMatchObject({ status: 500, code: 'RECEIVER_MISCONFIGURED' });
    }
    expect(events).toEqual([]);
    expect(errors).toHaveLength(2);
    for (const error of errors) {
      expect(error).toBeInstanceOf(WebhookVerificationError);
      expect(error).toMatchObject({ reason: 'body_already_parsed' });
      expect(error.message).toContain('keepRawBody');
    }
  });

  describe('behind express.json({ verify: keepRawBody })', () => {
    const build = (options: Partial<WebhookReceiverOptions> = {}) =>
      serve((app) => {
        app.use(express.json({ verify: keepRawBody, limit: '1mb' }));
        app.post('/other', echo);
        app.all(PATH, receiver(options));
      });

    it('verifies the bytes, whatever the parser has made of them', async () => {
      const { ask, send } = await build();
      // What JSON.stringify would write otherwise: spaces, escapes, a number's form, a key twice.
      const body =
        '{ "event":"x", "timestamp":"", "data":{"text":"caf\\u00e9 é", "n":1.0, "n":2e0, "big":12345678901234567890} }';
      expect(await ask(signed(body))).toEqual(ACCEPTED);
      expect(events[0]?.data).toMatchObject({ text: 'café é', n: 2 });
      expect((await send(json('{"a":1}'), '/other')).text).toBe('{"echo":{"a":1}}');
    });

    it.each([
      [
        'another body',
        () => signed(messageBody(), { headers: { 'agentchat-signature': signatureOf('{}') } }),
      ],
      [
        'an old one',
        () => {
          const body = messageBody();
          return signed(body, { headers: { 'agentchat-signature': signatureOf(body, 600) } });
        },
      ],
    ])('refuses %s', async (_what, outgoing) => {
      const { ask } = await build();
      expect(await ask(outgoing())).toMatchObject({ status: 400 });
      expect(events).toEqual([]);
    });

    it('bounds the body in bytes', async () => {
      const { ask } = await build({ maxBodyBytes: 1_000 });
      expect(await ask(signed(messageBody('漢'.repeat(300))))).toMatchObject({ status: 413 });
      expect(await ask(signed(messageBody('漢'.repeat(200))))).toEqual(ACCEPTED);
    });

    it('takes what a proxy has compressed, since the parser has undone it', async () => {
      const { ask } = await build();
      const body = messageBody();
      const headers = { 'content-encoding': 'gzip', 'agentchat-signature': signatureOf(body) };
      expect(await ask(signed(gzipSync(body), { headers }))).toEqual(ACCEPTED);
    });

    it('answers what is not POST or not JSON as ever', async () => {
      const { ask } = await build();
      expect(await ask(signed('', { method: 'GET' }))).toMatchObject({ status: 405 });
      expect(await ask(signed('x', { headers: { 'content-type': 'text/plain' } }))).toMatchObject({
        status: 415,
      });
    });
  });

  it.each([
    ['express.raw()', (parser: typeof express5) => parser.raw({ type: '*/*' })],
    ['express.text()', (parser: typeof express5) => parser.text({ type: '*/*' })],
    [
      'express.urlencoded(), which leaves it alone',
      (parser: typeof express5) => parser.urlencoded({ extended: true }),
    ],
  ])('works behind %s', async (_name, parser) => {
    const { ask } = await serve((app) => {
      app.use(parser(express));
      app.post(PATH, receiver({ maxBodyBytes: 1_000 }));
    });
    expect(await ask(signed(messageBody('café 🙂')))).toEqual(ACCEPTED);
    expect(events[0]?.data).toMatchObject({ content: { text: 'café 🙂' } });
    expect(await ask(signed(messageBody('漢'.repeat(300))))).toMatchObject({ status: 413 });
    expect(await ask(signed(''))).toMatchObject({ status: 400, reason: 'malformed_payload' });
  });

  it('reads what express.json() leaves alone, as a body of no stated type', async () => {
    const { ask } = await serve((app) => {
      app.use(express.json());
      app.post(PATH, receiver());
    });
    const outgoing = signed();
    const { 'content-type': _type, ...headers } = outgoing.headers;
    expect(await ask({ ...outgoing, headers })).toEqual(ACCEPTED);
  });

  it('says so when somebody has read the body and left nothing of it, as upload parsers do', async () => {
    const { ask } = await serve((app) => {
      app.use((request, _response, next) => {
        request.on('data', () => undefined);
        request.on('end', () => next());
      });
      app.post(PATH, receiver());
    });
    expect(await ask(signed())).toMatchObject({ status: 500, code: 'RECEIVER_MISCONFIGURED' });
    expect(errors).toEqual([expect.objectContaining({ reason: 'body_already_parsed' })]);
    // There was nothing to be had of this one, so nothing is lost.
    expect(await ask(signed('', { cuts: [] }))).toMatchObject({ status: 400, reason: 'malformed_payload' });
  });

  it('works with a request that decodes its text', async () => {
    const { ask } = await serve((app) => {
      app.use((request, _response, next) => {
        request.setEncoding('utf8');
        next();
      });
      app.post(PATH, receiver());
    });
    const text = 'café 🙂 漢字';
    expect(await ask(signed(messageBody(text), { cuts: [100, 120, 133, 134, 135, 136, 137] }))).toEqual(
      ACCEPTED,
    );
    expect(events[0]?.data).toMatchObject({ content: { text } });
  });

  it('works behind what takes its time, and answers nobody when the sender has left meanwhile', async () => {
    const waiting = gate<IncomingMessage>();
    const { opened, open } = gate();
    const ended = gate();
    const { url, ask } = await serve((app) => {
      app.use(async (request, response, next) => {
        waiting.open(request);
        response.end = ((end) =>
          function ending(this: typeof response, ...args: [string]) {
            ended.open();
            return end.apply(this, args as never);
          })(response.end) as never;
        await opened;
        next();
      });
      app.post(PATH, receiver({ maxPending: 1 }));
    });
    const wire = new Wire(new URL(url));
    const outgoing = signed();
    wire.head(outgoing, outgoing.body.length);
    await wire.write(outgoing.body.subarray(0, 10));
    const request = await waiting.opened;
    const gone = new Promise((resolve) => request.once('close', resolve));
    wire.cut();
    await gone;
    open();
    // Without an end there would be a request for ever.
    await ended.opened;
    expect(await ask(signed())).toEqual(ACCEPTED);
    expect(events).toHaveLength(1);
  });

  it('handles the event when a middleware has answered meanwhile', async () => {
    const begun = gate();
    const { opened, open } = gate();
    const done = gate();
    const { url } = await serve((app) => {
      app.use((_request, response, next) => {
        void begun.opened.then(() => response.status(504).json({ code: 'TIMED_OUT' }));
        next();
      });
      app.post(
        PATH,
        receiver({
          async onEvent() {
            begun.open();
            await opened;
            done.open();
          },
        }),
      );
    });
    expect((await sendOver(url, signed())).status).toBe(504);
    open();
    await done.opened;
    expect(errors).toEqual([]);
  });

  it('reports a response that cannot be written, and handles the event all the same', async () => {
    const done = gate();
    const receive = receiver({ respond: 'at-once', onEvent: () => done.open() });
    const { url } = await serve((app) => {
      app.use((_request, response, next) => {
        response.writeHead = () => {
          throw new Error('a middleware that fails');
        };
        next();
      });
      app.post(PATH, receive);
    });
    const sent = sendOver(url, signed()).catch(() => undefined);
    await done.opened;
    await receive.close();
    expect(errors).toEqual([expect.objectContaining({ code: 'CONNECTION_ERROR' })]);
    await Promise.all(servers.splice(0).map(endServer));
    await sent;
  });

  it('can stand in a router, at any path, more than once', async () => {
    const { send } = await serve((app) => {
      const router = express.Router();
      router.post('/a', receiver());
      router.use('/b', receiver({ secret: 'whsec_b' }));
      app.use('/hooks', router);
    });
    const body = messageBody();
    const ofB = signed(body, { headers: { 'agentchat-signature': signatureOf(body, 0, 'whsec_b') } });
    expect((await send(signed(body), '/hooks/a')).status).toBe(200);
    expect((await send(ofB, '/hooks/b')).status).toBe(200);
    expect((await send(ofB, '/hooks/a')).status).toBe(400);
  });

  it('takes the bytes that a hosting platform has kept', async () => {
    const { ask } = await serve((app) => {
      app.use(express.json());
      app.use((request, _response, next) => {
        Object.assign(request, { rawBody: Buffer.from(String(request.headers['x-raw']), 'base64') });
        next();
      });
      app.post(PATH, receiver());
    });
    const body = messageBody();
    const headers = { 'x-raw': Buffer.from(body).toString('base64') };
    expect(await ask(signed(body, { headers }))).toEqual(ACCEPTED);
  });
});

it('refuses options that cannot be, when it is made', () => {
  const onEvent = () => undefined;
  vi.spyOn(console, 'error').mockReturnValue();
  const bad: [object, RegExp][] = [
    [{}, /secret/],
    [{ secret: '', onEvent }, /secret/],
    [{ secret: [], onEvent }, /secret/],
    [{ secret: 'x' }, /onEvent/],
    [{ secret: 'x', onEvent, toleranceSeconds: Number.NaN }, /toleranceSeconds/],
    [{ secret: 'x', onEvent, dedupe: {} }, /claim/],
    [{ secret: 'x', onEvent, dedupe: null }, /dedupe/],
    [{ secret: 'x', onEvent, respond: 'later' }, /at-once/],
    [{ secret: 'x', onEvent, onDedupeFailure: 'ignore' }, /refuse/],
    [{ secret: 'x', onEvent, maxBodyBytes: 0 }, /maxBodyBytes/],
    [{ secret: 'x', onEvent, maxPending: 1.5 }, /maxPending/],
    [{ secret: 'x', onEvent, now: 5 }, /now/],
    [{ secret: 'x', onEvent, onError: 'console' }, /onError/],
    [{ secret: 'x', onEvents: onEvent }, /onEvent/],
  ];
  for (const [options, message] of bad) {
    expect(() => expressReceiver(options as WebhookReceiverOptions)).toThrow(message);
  }
});

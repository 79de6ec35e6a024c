import { Transform } from 'node:stream';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { type FastifyInstance, fastify as fastify5 } from 'fastify';
import { fastify as fastify4 } from 'fastify4';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ValidationError, WebhookVerificationError } from '../../../src/errors/index.js';
import { type FastifyReceiverOptions, fastifyReceiver } from '../../../src/webhooks/fastify/index.js';
import type { WebhookPayload } from '../../../src/wire/index.js';
import { messageBody, type Outgoing, PATH, SECRET, sendOver, signatureOf, signed } from './kit/request.js';
import { gate, said } from './kit/rigs.js';
import { TestStore } from './kit/stores.js';
import { Wire } from './kit/wire.js';

const ACCEPTED = { status: 200, received: true };

describe.each([
  // The types of both are their own; what is called here is the same.
  { version: 'Fastify 5', make: () => fastify5() },
  { version: 'Fastify 4', make: () => fastify4() as unknown as FastifyInstance },
])('$version', ({ make }) => {
  const apps: FastifyInstance[] = [];
  const events: WebhookPayload[] = [];
  afterEach(async () => {
    for (const app of apps.splice(0)) {
      app.server.closeAllConnections();
      await app.close();
    }
    events.length = 0;
  });

  const options = (changes: Partial<FastifyReceiverOptions> = {}): FastifyReceiverOptions => ({
    secret: SECRET,
    path: PATH,
    respond: 'when-handled',
    onEvent: (event) => events.push(event),
    onError: () => undefined,
    ...changes,
  });

  function newApp(): FastifyInstance {
    const app = make();
    apps.push(app);
    return app;
  }

  async function served(app: FastifyInstance) {
    const base = await app.listen({ port: 0, host: '127.0.0.1' });
    const send = (outgoing: Outgoing, path = PATH) => sendOver(`${base}${path}`, outgoing);
    return { base, send, ask: async (outgoing: Outgoing, path = PATH) => said(await send(outgoing, path)) };
  }

  const body = (text: string, type: string): Outgoing => ({
    method: 'POST',
    headers: { 'content-type': type },
    body: new TextEncoder().encode(text),
  });

  it('leaves the body parsers of sibling routes as they are, before and after it', async () => {
    const app = newApp();
    app.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, text, done) =>
      done(null, { csv: String(text).split(',') }),
    );
    app.post('/before', async ({ body }) => ({ body }));
    await app.register(fastifyReceiver, options());
    app.post('/after', async ({ body }) => ({ body }));
    await app.register(async (child) => {
      child.post('/inside', async ({ body }) => ({ body }));
    });
    const { ask, send } = await served(app);
    expect(await ask(signed())).toEqual(ACCEPTED);
    for (const path of ['/before', '/after', '/inside']) {
      expect((await send(body('{"a":1}', 'application/json'), path)).text).toBe('{"body":{"a":1}}');
      expect((await send(body('a,b', 'text/csv'), path)).text).toBe('{"body":{"csv":["a","b"]}}');
      expect((await send(body('hello', 'text/plain'), path)).text).toBe('{"body":"hello"}');
      expect((await send(body('{"a":', 'application/json'), path)).status).toBe(400);
      expect((await send(body('<a/>', 'application/xml'), path)).status).toBe(415);
    }
  });

  it('can be registered more than once, with what register takes for itself', async () => {
    const app = newApp();
    const register = { prefix: '/hooks', logLevel: 'silent', logSerializers: {} } as const;
    await app.register(fastifyReceiver, { ...options({ path: '/a' }), ...register });
    await app.register(fastifyReceiver, { ...options({ path: '/b', secret: 'whsec_b' }), ...register });
    await app.register(fastifyReceiver, { ...options({ path: undefined }), prefix: '/plain' });
    const { ask } = await served(app);
    const text = messageBody();
    const ofB = signed(text, { headers: { 'agentchat-signature': signatureOf(text, 0, 'whsec_b') } });
    expect(await ask(signed(text), '/hooks/a')).toEqual(ACCEPTED);
    expect(await ask(ofB, '/hooks/b')).toEqual(ACCEPTED);
    expect(await ask(ofB, '/hooks/a')).toMatchObject({ status: 400 });
    expect(await ask(signed(), '/plain')).toEqual(ACCEPTED);
  });

  it('takes requests that are injected', async () => {
    const app = newApp();
    await app.register(fastifyReceiver, options());
    const { body: payload, headers } = signed();
    const answer = await app.inject({
      method: 'POST',
      url: PATH,
      payload: Buffer.from(payload),
      headers: headers as Record<string, string>,
    });
    expect([answer.statusCode, answer.json()]).toEqual([200, { received: true }]);
    expect(events).toHaveLength(1);
  });

  it('answers a POST without any body, which has nothing to parse', async () => {
    const app = newApp();
    await app.register(fastifyReceiver, options());
    const { base, ask } = await served(app);
    const wire = new Wire(new URL(`${base}${PATH}`));
    await wire.write(`POST ${PATH} HTTP/1.1\r\nhost: x\r\nagentchat-signature: ${signatureOf('')}\r\n\r\n`);
    expect(await wire.until(/\{.*\}/)).toMatch(/^HTTP\/1.1 400 [\s\S]*"malformed_payload"/);
    wire.cut();
    expect(await ask(signed())).toEqual(ACCEPTED);
  });

  it('answers what Fastify itself refuses as JSON, too', async () => {
    const app = newApp();
    await app.register(fastifyReceiver, options());
    const { send } = await served(app);
    for (const [outgoing, path] of [
      [signed(messageBody(), { headers: { 'content-type': ';;;' } }), PATH],
      [signed(), '/nowhere'],
      [signed(), '/%zz'],
    ] as const) {
      const answer = await send(outgoing, path);
      expect([400, 404, 415]).toContain(answer.status);
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    }
    expect(events).toEqual([]);
  });

  it('reads the body as the hooks of the app have left it', async () => {
    const app = newApp();
    app.addHook('preParsing', async (_request, _reply, payload) => {
      const passing = new Transform({
        transform(chunk, _encoding, done) {
          done(null, chunk);
        },
      });
      return payload.pipe(passing);
    });
    await app.register(fastifyReceiver, options({ maxBodyBytes: 2_000 }));
    const { ask } = await served(app);
    expect(await ask(signed())).toEqual(ACCEPTED);
    expect(await ask(signed(messageBody('x'.repeat(2_000))))).toMatchObject({ status: 413 });
  });

  it('bounds the body by itself, whatever the app says', async () => {
    const app = newApp();
    await app.register(fastifyReceiver, options({ maxBodyBytes: 3_000_000 }));
    const { ask } = await served(app);
    expect(await ask(signed(messageBody('x'.repeat(2_000_000))))).toEqual(ACCEPTED);
  });

  it('handles when the answer has gone out, behind hooks that take their time', async () => {
    const order: string[] = [];
    const handled = gate();
    const app = newApp();
    app.addHook('onSend', async (_request, _reply, payload) => {
      await turnOfTheLoop();
      order.push('sending');
      return payload;
    });
    const onEvent = () => {
      order.push('handler');
      handled.open();
    };
    await app.register(fastifyReceiver, options({ respond: 'at-once', onEvent }));
    const { ask } = await served(app);
    expect(await ask(signed())).toEqual(ACCEPTED);
    await handled.opened;
    expect(order).toEqual(['sending', 'handler']);
  });

  it('handles the event also when a hook of the app fails over the answer', async () => {
    const handled = gate();
    const app = newApp();
    app.addHook('onSend', async (_request, reply, payload) => {
      if (reply.statusCode === 200) throw new Error('a hook that fails');
      return payload;
    });
    await app.register(fastifyReceiver, options({ respond: 'at-once', onEvent: () => handled.open() }));
    const { send } = await served(app);
    expect((await send(signed())).status).toBe(500);
    await handled.opened;
  });

  it('handles the event when a timeout of the app has answered meanwhile', async () => {
    const app = newApp();
    const store = new TestStore();
    const begun = gate();
    const { opened, open } = gate();
    const handled = gate();
    let requests = 0;
    app.addHook('preHandler', async (_request, reply) => {
      requests += 1;
      if (requests === 1) void begun.opened.then(() => reply.code(504).send({ code: 'TIMED_OUT' }));
    });
    await app.register(
      fastifyReceiver,
      options({
        dedupe: store,
        async onEvent() {
          begun.open();
          await opened;
          handled.open();
        },
      }),
    );
    const { send } = await served(app);
    const outgoing = signed();
    expect((await send(outgoing)).status).toBe(504);
    open();
    await handled.opened;
    await vi.waitFor(() => expect(store.asked).toEqual(['claim', 'commit']));
    expect((await send(outgoing)).text).toContain('duplicate');
  });

  it('lets close() wait for handlers that have been answered for, and serves what had begun', async () => {
    const begun = gate();
    const { opened, open } = gate();
    const order: string[] = [];
    const app = newApp();
    await app.register(
      fastifyReceiver,
      options({
        respond: 'at-once',
        async onEvent() {
          begun.open();
          await opened;
          order.push('handled');
        },
      }),
    );
    const { base, ask } = await served(app);
    const wire = new Wire(new URL(`${base}${PATH}`));
    const late = signed();
    wire.head(late, late.body.length);
    expect(await ask(signed())).toEqual(ACCEPTED);
    await begun.opened;
    const closed = app.close().then(() => order.push('closed'));
    await turnOfTheLoop();
    await wire.write(late.body);
    expect(await wire.until(/\{.*\}/)).toMatch(/^HTTP\/1.1 (200|503) /);
    // Fastify waits for connections that were in use when it closed.
    wire.cut();
    expect(order).toEqual([]);
    open();
    await closed;
    expect(order.at(-1)).toBe('closed');
    expect(order.filter((each) => each === 'handled').length).toBeGreaterThan(0);
  });

  it('fails the app when an option cannot be, and names it', async () => {
    for (const [bad, message, kind] of [
      [{ secret: '' }, /secret/, WebhookVerificationError],
      [{ maxPending: -1 }, /maxPending/, ValidationError],
      [{ onEvents: () => undefined }, /onEvent/, ValidationError],
    ] as const) {
      const app = newApp();
      const registered = Promise.resolve(app.register(fastifyReceiver, { ...options(), ...bad })).then(() =>
        app.ready(),
      );
      await expect(registered).rejects.toThrow(message);
      await expect(registered).rejects.toBeInstanceOf(kind);
    }
  });
});

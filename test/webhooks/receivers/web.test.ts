import { Hono } from 'hono';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { AgentChatClientError } from '../../../src/errors/index.js';
import { type WebhookReceiverOptions, webReceiver } from '../../../src/webhooks/web/index.js';
import { webRequest } from './kit/adapters.js';
import { messageBody, SECRET, signed } from './kit/request.js';
import { gate } from './kit/rigs.js';

function stage(options: Partial<WebhookReceiverOptions> = {}) {
  const errors: AgentChatClientError[] = [];
  const receive = webReceiver({
    secret: SECRET,
    onEvent: () => undefined,
    onError: (error) => errors.push(error),
    ...options,
  });
  return { receive, errors };
}

describe('the receiver of web requests', () => {
  it.each([
    ['was read', async (request: Request) => void (await request.text())],
    ['is being read', async (request: Request) => void request.body?.getReader()],
  ])('says so when the body %s by somebody else', async (_how, spoil) => {
    const { receive, errors } = stage();
    const request = webRequest(signed());
    await spoil(request);
    const response = await receive(request);
    expect([response.status, await response.json()]).toEqual([
      500,
      expect.objectContaining({ code: 'RECEIVER_MISCONFIGURED' }),
    ]);
    expect(errors).toEqual([expect.objectContaining({ reason: 'body_already_parsed' })]);
    expect(errors[0]?.message).toContain('request.clone()');
  });

  it('takes a clone of a request that somebody else wants to read', async () => {
    const { receive } = stage();
    const request = webRequest(signed());
    const clone = request.clone();
    await request.json();
    expect((await receive(clone)).status).toBe(200);
  });

  it('works in Hono beside what reads the body, when it is given a clone', async () => {
    const { receive } = stage();
    const app = new Hono<{ Variables: { clone: Request } }>();
    app.use(async (c, next) => {
      c.set('clone', c.req.raw.clone());
      await c.req.json();
      await next();
    });
    app.post('/clone', (c) => receive(c.get('clone')));
    app.post('/spent', (c) => receive(c.req.raw));
    const { body, headers } = signed();
    const init = { method: 'POST', body: body as BodyInit, headers: headers as Record<string, string> };
    expect((await app.request('/clone', init)).status).toBe(200);
    expect((await app.request('/spent', init)).status).toBe(500);
  });

  it('keeps the worker alive until the event is handled', async () => {
    const { opened, open } = gate();
    const ended: string[] = [];
    const { receive } = stage({
      async onEvent() {
        await opened;
        ended.push('handler');
      },
    });
    const waiting: Promise<unknown>[] = [];
    const context = {
      waitUntil(work: Promise<unknown>) {
        // As a method of its object, which workers insist on.
        expect(this).toBe(context);
        waiting.push(work.then(() => ended.push('work')));
      },
    };
    expect((await receive(webRequest(signed()), context)).status).toBe(200);
    expect(waiting).toHaveLength(1);
    expect(ended).toEqual([]);
    open();
    await Promise.all(waiting);
    expect(ended).toEqual(['handler', 'work']);
  });

  it('asks for no patience where there is nothing to wait for', async () => {
    const { receive } = stage({ respond: 'when-handled' });
    const context = {
      waitUntil() {
        throw new Error('not to be called');
      },
    };
    expect((await receive(webRequest(signed()), context)).status).toBe(200);
    expect((await receive(webRequest(signed(messageBody(), { method: 'PUT' })), context)).status).toBe(405);
  });

  it('answers also when waitUntil fails, and reports it', async () => {
    const handled = gate();
    const { receive, errors } = stage({ onEvent: () => handled.open() });
    const context = {
      waitUntil() {
        throw new Error('too late');
      },
    };
    expect((await receive(webRequest(signed()), context)).status).toBe(200);
    await handled.opened;
    expect(errors).toEqual([expect.objectContaining({ code: 'CONNECTION_ERROR' })]);
  });

  it.each(['before', 'while'])(
    'does not wait for a sender that has hung up %s its body was read',
    async (when) => {
      const { receive } = stage();
      const hangUp = new AbortController();
      const reading = gate();
      const body = new ReadableStream({ pull: () => reading.open() });
      const request = new Request('http://x/', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
        signal: hangUp.signal,
        duplex: 'half',
      } as RequestInit);
      if (when === 'before') hangUp.abort();
      const answered = receive(request);
      await reading.opened;
      hangUp.abort();
      const response = await answered;
      expect([response.status, await response.json()]).toEqual([
        400,
        expect.objectContaining({ code: 'INCOMPLETE_BODY' }),
      ]);
    },
  );

  it('takes requests of runtimes that give them no signal', async () => {
    const { receive } = stage();
    const request = webRequest(signed());
    Object.defineProperty(request, 'signal', { value: undefined });
    expect((await receive(request)).status).toBe(200);
  });

  it('lets go of the signal of a request when its body has been read', async () => {
    const { receive } = stage();
    const request = webRequest(signed());
    const { signal } = request;
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    await receive(request);
    expect(removed.mock.calls).toEqual(added.mock.calls.map(([type, listener]) => [type, listener]));
  });

  it('hangs up on a body without end, after the answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { receive } = stage({ maxBodyBytes: 10 });
    const ended: string[] = [];
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(5)),
      cancel: () => void ended.push('cancelled'),
    });
    const request = new Request('http://x/', {
      method: 'POST',
      body: endless,
      headers: { 'content-type': 'application/json' },
      duplex: 'half',
    } as RequestInit);
    const answered = receive(request).then(({ status }) => ended.push(String(status)));
    await vi.advanceTimersByTimeAsync(1_999);
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await answered;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ended).toEqual(['413', 'cancelled']);
  });
});

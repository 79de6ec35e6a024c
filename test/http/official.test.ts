import * as official from 'agentchatme';
import { describe, expect, it, vi } from 'vitest';
import * as ours from '../../src/index.js';

type Options = ours.HttpTransportOptions;
type Request = [method: ours.HttpMethod, path: string, options?: ours.HttpRequestOptions];

const BASE = 'http://stub.test';

/** What a stub saw of a request, as far as both packages are to agree about it. */
interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

function stub(answers: readonly (() => Response)[]): { fetch: typeof fetch; seen: Seen[] } {
  const seen: Seen[] = [];
  const fetch: typeof globalThis.fetch = async (url, init = {}) => {
    const { 'user-agent': agent, accept: _, ...headers } = Object.fromEntries(new Headers(init.headers));
    const named = agent === undefined ? {} : { agent: agent.replace(/^agentchat-.*/, 'its own') };
    const body = init.body instanceof ReadableStream ? await new Response(init.body).text() : init.body;
    seen.push({ method: init.method ?? 'GET', url: String(url), headers: { ...headers, ...named }, body });
    const answer = answers[Math.min(seen.length, answers.length) - 1] as () => Response;
    return answer();
  };
  return { fetch, seen };
}

/** What a user of the transport sees: the requests that left, and what came of the call. */
async function outcomeOf(
  { HttpTransport }: Pick<typeof ours, 'HttpTransport'>,
  options: Options,
  [method, path, request]: Request,
  answers: readonly (() => Response)[],
) {
  const { fetch, seen } = stub(answers);
  const transport = new HttpTransport({ baseUrl: BASE, retry: QUICK, ...options, fetch });
  const came = await transport
    .request(method, path, request)
    .then(({ data, status, requestId, headers }) => ({
      data,
      status,
      requestId,
      location: headers.get('location'),
    }))
    .catch(({ name, code, status }) => ({ name, code, status }));
  return { seen, came };
}

const QUICK = { maxRetries: 2, baseDelayMs: 0, maxDelayMs: 0 };
const ok = () => Response.json({ ok: true }, { headers: { 'x-request-id': 'req_1' } });
const down = () => Response.json({ code: 'INTERNAL_ERROR', message: 'm' }, { status: 503 });
const moved = () => new Response(null, { status: 302, headers: { location: 'https://files.test/a?sig=1' } });
const stream = () => new Blob(['bytes']).stream();

describe('HttpTransport does what the official one does', () => {
  it.each<[string, Options, Request, ...(() => Response)[]]>([
    ['without a key', {}, ['POST', '/v1/register', { body: { email: 'a@b.c' } }], ok],
    ['with one', { apiKey: 'ac_live_key' }, ['GET', '/v1/agents/me'], ok],
    ['with headers of its own', { defaultHeaders: { 'X-Team': 'red', 'X-B': '1' } }, ['GET', '/x'], ok],
    [
      'with headers of the call, which win',
      { defaultHeaders: { 'X-Team': 'red' } },
      ['GET', '/x', { headers: { 'X-Team': 'blue' } }],
      ok,
    ],
    [
      'with an Authorization of the user',
      { defaultHeaders: { Authorization: 'Bearer own' } },
      ['GET', '/x'],
      ok,
    ],
    ['with a user agent', { userAgent: 'my-bot/1' }, ['GET', '/x'], ok],
    ['without a user agent', { userAgent: null }, ['GET', '/x'], ok],
    [
      'with a type of its own',
      { defaultHeaders: { 'Content-Type': 'application/x+json' } },
      ['POST', '/x', { body: {} }],
      ok,
    ],
    [
      'with an idempotency key of its own and one of the call',
      { defaultHeaders: { 'Idempotency-Key': 'of-all-calls' } },
      ['POST', '/x', { body: {}, idempotencyKey: 'of-this-call' }],
      ok,
    ],
    ['with a user agent among the headers', { defaultHeaders: { 'User-Agent': 'mine' } }, ['GET', '/x'], ok],
    ['HEAD', {}, ['HEAD', '/x'], () => new Response(null, { headers: { 'x-request-id': 'req_2' } })],
    ['HEAD again after a failure', {}, ['HEAD', '/x'], () => new Response(null, { status: 503 }), ok],
    ['POST a single time', {}, ['POST', '/x', { body: {} }], down, ok],
    ['POST with retry: auto', {}, ['POST', '/x', { body: {}, retry: 'auto' }], down, down, ok],
    [
      'POST with a policy',
      {},
      ['POST', '/x', { body: {}, retry: { ...QUICK, maxRetries: 1 } }],
      down,
      down,
      ok,
    ],
    ['GET with retry: never', {}, ['GET', '/x', { retry: 'never' }], down, ok],
    ['POST with an idempotency key', {}, ['POST', '/x', { idempotencyKey: 'abcdefgh' }], down, ok],
    ['a redirect that is not followed', {}, ['GET', '/x', { followRedirect: false }], moved],
    ['expectNoBody', {}, ['GET', '/x', { expectNoBody: true }], () => new Response('no JSON at all')],
    ['a 204', {}, ['DELETE', '/x'], () => new Response(null, { status: 204 })],
    [
      'a refused HEAD',
      { retry: { ...QUICK, maxRetries: 0 } },
      ['HEAD', '/x'],
      () => new Response(null, { status: 403 }),
    ],
    ['a body of null', {}, ['POST', '/x', { body: null }], ok],
    ...[new Uint8Array([1, 2]), new Uint8Array([1, 2]).buffer, new Blob(['b']), 'a text'].map(
      (body): [string, Options, Request, () => Response] => [
        `raw ${body.constructor.name}`,
        {},
        ['PUT', '/x', { body, rawBody: true, headers: { 'content-type': 'image/png' } }],
        ok,
      ],
    ),
  ])('%s', async (_, options, request, ...answers) => {
    const theirs = await outcomeOf(official as never, options, request, answers);
    expect(await outcomeOf(ours, options, request, answers)).toEqual(theirs);
  });

  it.each([{ rawBody: true }, {}])('sends a stream, and does not repeat it: %o', async (how) => {
    const request: Request = ['PUT', '/x', { body: stream(), ...how }];
    const { seen, came } = await outcomeOf(ours, {}, request, [down, ok]);
    expect(seen.map(({ body }) => body)).toEqual(['bytes']);
    expect(came).toMatchObject({ status: 503 });
  });

  it('tells onRetry which attempt is next', async () => {
    const told = async ({ HttpTransport }: Pick<typeof ours, 'HttpTransport'>) => {
      const infos: { attempt: number; nextAttempt: number }[] = [];
      const hooks: ours.RequestHooks = { onRetry: (info) => void infos.push(info) };
      const { fetch } = stub([down, down, ok]);
      await new HttpTransport({ baseUrl: BASE, retry: QUICK, hooks, fetch }).request('GET', '/x');
      return infos.map(({ attempt, nextAttempt }) => ({ attempt, nextAttempt }));
    };
    expect(await told(ours)).toEqual(await told(official as never));
  });

  it('rejects with an AbortError that has the reason of the caller', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const fetch: typeof globalThis.fetch = (_, init) =>
      new Promise((__, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)));
    const call = new ours.HttpTransport({ baseUrl: BASE, fetch }).request('GET', '/x', { signal });
    const reason = new Error('no longer wanted');
    controller.abort(reason);
    const error = await call.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ours.AbortedError);
    expect(error).not.toBeInstanceOf(ours.AgentChatError);
    expect(error).toMatchObject({ name: 'AbortError', cause: reason });
    expect((error as Error).cause).toBe(reason);
  });
});

describe('what is null was not given', () => {
  const nulls = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, null]));

  it('in the options of a client, of a transport and of a call', async () => {
    const { fetch, seen } = stub([ok]);
    const others = nulls(['timeoutMs', 'deadlineMs', 'retry', 'hooks', 'defaultHeaders', 'clientIdentity']);
    const more = nulls(['validate', 'onWireMismatch', 'maxBodyBytes', 'clock', 'onBacklogWarning']);
    const call = nulls(['signal', 'timeoutMs', 'deadlineMs', 'idempotencyKey', 'onResponse']);
    const client = new ours.AgentChatClient({
      apiKey: 'ac_live_key',
      baseUrl: BASE,
      fetch,
      ...others,
      ...more,
    });
    expect(client.timeoutMs).toBeUndefined();
    const list = Response.json([{ id: 'msg_1', conversation_id: 'conv_1', seq: 1 }]);
    const { fetch: lists } = stub([() => list.clone()]);
    const calm = client.with({ fetch: lists, timeoutMs: null } as never);
    expect(await calm.getMessages('conv_1', { limit: null, ...call } as never)).toHaveLength(1);
    expect(await calm.sync({ after: null, limit: null, ...call } as never)).toHaveLength(1);
    const transport = new ours.HttpTransport({ apiKey: null, baseUrl: BASE, fetch, ...others } as never);
    await transport.request('GET', '/x', {
      ...call,
      ...nulls(['query', 'headers', 'retry', 'auth', 'read']),
    });
    expect(seen.at(-1)?.headers).not.toHaveProperty('authorization');
  });

  it.each<[string, (client: ours.AgentChatClient, call: never) => Promise<unknown>]>([
    [
      'sendMessage',
      (client, call) => client.sendMessage({ to: 'bob', content: 'x', client_msg_id: 'c' }, call),
    ],
    ['syncAck', (client, call) => client.syncAck('del_1', call)],
    ['contacts', (client, call) => client.contacts(call).next()],
    ['markAsRead', (client, call) => client.markAsRead('msg_1', call)],
  ])('in those of %s', async (_, perform) => {
    const { fetch } = stub([() => Response.json({ id: 'msg_1', acked: 1, contacts: [], total: 0 })]);
    const client = new ours.AgentChatClient({ apiKey: 'ac_live_key', baseUrl: BASE, fetch });
    await expect(
      perform(client, nulls(['signal', 'timeoutMs', 'deadlineMs']) as never),
    ).resolves.toBeDefined();
  });
});

describe('answers with fewer fields than documented', () => {
  it.each<[string, (client: ours.AgentChatClient) => Promise<unknown>, unknown]>([
    ['getAgent', (client) => client.getAgent('bob'), { display_name: 'Bob' }],
    ['addContact', (client) => client.addContact('bob'), { ok: true }],
    ['getGroup', (client) => client.getGroup('grp_1'), { name: 'Harvest' }],
    ['addGroupMember', (client) => client.addGroupMember('grp_1', 'bob'), { handle: 'bob' }],
    [
      'createWebhook',
      (client) => client.createWebhook({ url: 'https://a.b/c', events: ['message.new'] }),
      { url: 'u' },
    ],
    ['rotateKey', (client) => client.rotateKey('bob'), { ok: true }],
  ])('are returned as they are, and told: %s', async (_, perform, answer) => {
    const onWireMismatch = vi.fn();
    const { fetch } = stub([() => Response.json(answer)]);
    const client = new ours.AgentChatClient({ apiKey: 'ac_live_key', baseUrl: BASE, fetch, onWireMismatch });
    expect(await perform(client)).toMatchObject(answer as object);
    expect(onWireMismatch).toHaveBeenCalled();
  });
});

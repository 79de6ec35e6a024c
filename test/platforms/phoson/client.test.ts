import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type PhosonApiError,
  PhosonClient,
  type PhosonClientOptions,
  type PhosonEvent,
  PlatformError,
  ValidationError,
} from '../../../src/platforms/phoson/index.js';
import { httpServer } from '../../http/raw-server.js';
import { shown } from '../support/shown.js';

const KEY = 'pk_S3cr3t+opaque/key';
const SSE = { 'content-type': 'text/event-stream' };

/** A client of a server that answers each request so. */
async function clientOf(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
  options: Partial<PhosonClientOptions> = {},
) {
  const server = await httpServer((_request, response) => void response.writeHead(status, headers).end(body));
  onTestFinished(() => server.close());
  return { client: new PhosonClient({ apiKey: KEY, baseUrl: server.url, ...options }), server };
}

async function failureOf(running: unknown): Promise<PhosonApiError> {
  const error = await Promise.resolve(running).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(shown(error)).not.toContain(KEY);
  return error as PhosonApiError;
}

/** The events of a stream with this body, and what it fails with. */
async function streamed(body: string, type = 'text/event-stream') {
  const { client } = await clientOf(200, { 'content-type': type }, body);
  const events: PhosonEvent[] = [];
  const error = await failureOf(
    (async () => {
      for await (const event of client.messages.stream('conv_1', 'hi')) events.push(event);
    })(),
  );
  return { events, error };
}

const line = (event: unknown) => `data: ${JSON.stringify(event)}\n\n`;

describe('the events of a stream', () => {
  const ALL: PhosonEvent[] = [
    { type: 'reasoning', content: 'Hm' },
    { type: 'tool_start', tool: 'search', input: { q: 'x' }, tool_call_id: 'call_1' },
    { type: 'tool_end', tool: 'search', result: 'found', tool_call_id: 'call_1' },
    { type: 'token', content: 'Hello' },
    { type: 'run_done', content: 'Hello', run_id: 'run_1' },
  ];

  it('come as they are, and nothing after the last', async () => {
    const { events, error } = await streamed([...ALL, { type: 'token', content: 'late' }].map(line).join(''));
    expect(events).toEqual(ALL);
    expect(error).toBeUndefined();
  });

  it('an error is handed on, and ends the stream without a throw', async () => {
    const { events, error } = await streamed(line({ type: 'error', message: 'no model' }) + line(ALL[3]));
    expect(events).toEqual([{ type: 'error', message: 'no model' }]);
    expect(error).toBeUndefined();
  });

  it.each([
    ['the name beside the data', 'event: token\ndata: {"content":"a"}\n\n'],
    ['fields one level down', line({ type: 'token', data: { content: 'a' } })],
    [
      'unknown types, and frames that are no objects',
      `${line({ type: 'x' })}data: 7\n\n${line({ type: 'token', content: 'a' })}`,
    ],
    ['a token without a text before', line({ type: 'token' }) + line({ type: 'token', content: 'a' })],
  ])('may have %s', async (_name, body) => {
    const { events, error } = await streamed(`${body}data: [DONE]\n\n`);
    expect(events).toMatchObject([{ type: 'token', content: 'a' }]);
    expect(error).toBeUndefined();
  });

  it('may be newline-delimited JSON', async () => {
    const body = ALL.map((event) => `${JSON.stringify(event)}\n`).join('');
    expect((await streamed(body, 'application/x-ndjson')).events).toEqual(ALL);
  });

  it('have ids and results as texts, unknown fields, and the last frame without a blank line', async () => {
    const { events } = await streamed(
      line({ type: 'tool_start', tool: 't', input: null, tool_call_id: 5 }) +
        line({ type: 'tool_end', tool: 't', result: { a: 1 }, tool_call_id: 5 }) +
        `data: {"type":"run_done","content":"x","run_id":12,"cost":3}`,
    );
    expect(events).toEqual([
      { type: 'tool_start', tool: 't', input: {}, tool_call_id: '5' },
      { type: 'tool_end', tool: 't', result: '{"a":1}', tool_call_id: '5' },
      { type: 'run_done', content: 'x', run_id: '12', cost: 3 },
    ]);
  });

  it.each([
    ['nothing', '', 'interrupted'],
    ['tokens alone', line({ type: 'token', content: 'a' }), 'interrupted'],
    ['half a frame', 'data: {"type":"tok', 'interrupted'],
    ['broken JSON', 'data: {"type":\n\n', 'protocol'],
  ])('end with an error after %s', async (_name, body, kind) => {
    const { error } = await streamed(body);
    expect(error).toMatchObject({ name: 'PhosonApiError', kind, statusCode: 200 });
  });

  it('come when the first is asked for: a stream that nobody reads is no request', async () => {
    const { client, server } = await clientOf(200, SSE, 'data: [DONE]\n\n');
    const stream = client.messages.stream('conv_1', 'hi');
    stream.close();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(server.requests).toBe(0);
  });
});

describe('a signal for many streams', () => {
  it('gets one listener, and none is left', async () => {
    const { client } = await clientOf(200, SSE, 'data: [DONE]\n\n');
    const { signal } = new AbortController();
    let [now, most] = [0, 0];
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      now += 1;
      most = Math.max(most, now);
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      now -= 1;
      removeEventListener.apply(signal, args);
    };
    const streams = Array.from({ length: 12 }, () => client.messages.stream('c', 'hi', {}, { signal }));
    await Promise.all(streams.map((stream) => stream.next()));
    expect([most, now]).toEqual([1, 0]);
  });
});

describe('PhosonApiError', () => {
  it.each([
    ['detail', '{"detail":"Agent not found","message":"x"}', 'Agent not found'],
    ['message', '{"message":"no","error":"x"}', 'no'],
    ['error', '{"error":"no"}', 'no'],
    ['raw text', 'plain words', 'plain words'],
    ['the status', '', 'agents.get was refused with status 404'],
    [
      'a list of what is wrong',
      '{"detail":[{"loc":["body","name"],"msg":"field required","type":"missing"},{"msg":"and more"}]}',
      'body.name: field required; and more',
    ],
  ])('takes its detail from %s', async (_name, body, detail) => {
    const { client } = await clientOf(404, { 'x-request-id': 'r1' }, body);
    const error = await failureOf(client.agents.get('agt_9'));
    expect(error).toBeInstanceOf(PlatformError);
    expect(error).toMatchObject({
      name: 'PhosonApiError',
      platform: 'phoson',
      statusCode: 404,
      status: 404,
      kind: 'not_found',
      detail,
      requestId: 'r1',
      outcome: 'rejected',
    });
    expect(error.message).toContain('agents.get was refused with status 404');
  });

  it('is what an answer of another form ends with', async () => {
    const { client } = await clientOf(200, {}, '{"hello":1}');
    for (const running of [
      () => client.agents.get('a'),
      () => client.agents.list(),
      () => client.conversations.create({ agent_id: 'a' }),
      () => client.messages.send('c', 'hi'),
      () => client.messages.list('c'),
    ]) {
      expect(await failureOf(running())).toMatchObject({ name: 'PhosonApiError', kind: 'protocol' });
    }
  });
});

describe('repeats', () => {
  it.each([429, 500, 503])('a read after %i, a write never', async (status) => {
    const { client, server } = await clientOf(status, {}, '', { maxRetries: 1 });
    await failureOf(client.agents.list());
    expect(server.requests).toBe(2);
    await failureOf(client.agents.create({ name: 'a' }));
    await failureOf(client.agents.delete('a'));
    await failureOf(client.messages.stream('c', 'hi').next());
    expect(server.requests).toBe(5);
  });

  it('no read after a refusal that stays', async () => {
    const { client, server } = await clientOf(404, {}, '');
    await failureOf(client.agents.get('a'));
    expect(server.requests).toBe(1);
  });
});

describe('what is given wrongly', () => {
  const client = new PhosonClient({ apiKey: KEY, baseUrl: 'http://127.0.0.1:1' });
  const wrong: [string, () => unknown, string][] = [
    ['no options', () => new PhosonClient(undefined as never), 'options'],
    ['no key', () => new PhosonClient({} as never), 'apiKey'],
    ['a key with a space', () => new PhosonClient({ apiKey: 'pk a' }), 'apiKey'],
    [
      'an option in another spelling',
      () => new PhosonClient({ apiKey: KEY, base_url: 'x' } as never),
      'base_url',
    ],
    ['a base URL', () => new PhosonClient({ apiKey: KEY, baseUrl: 'phoson' }), 'baseUrl'],
    [
      'a route that there is not',
      () => new PhosonClient({ apiKey: KEY, routes: { 'agent.get': '' } as never }),
      'agent.get',
    ],
    [
      'a route without a path',
      () => new PhosonClient({ apiKey: KEY, routes: { 'agents.list': 'GET' } }),
      'routes.agents.list',
    ],
    [
      'a route without its id',
      () => new PhosonClient({ apiKey: KEY, routes: { 'agents.get': 'GET /agents' } }),
      'routes.agents.get',
    ],
    ['an agent without a name', () => client.agents.create({ name: ' ' }), 'name'],
    [
      'an agent with a field that there is not',
      () => client.agents.create({ name: 'a', memory: 1 } as never),
      'memory',
    ],
    ['no change', () => client.agents.update('a', {}), 'changes'],
    ['an empty id', () => client.agents.get(''), 'agent_id'],
    ['..', () => client.agents.attachMcp('a', '..'), 'mcp_id'],
    ['NaN', () => client.agents.delete(Number.NaN as never), 'agent_id'],
    ['no agent', () => client.conversations.create({} as never), 'agent_id'],
    ['an empty title', () => client.conversations.update('c', { title: '' }), 'title'],
    ['an empty text', () => client.messages.send('c', ''), 'text'],
    ['an empty text of a stream', () => client.messages.stream('c', '\n'), 'text'],
    ['an empty id of a stream', () => client.messages.stream('', 'hi'), 'conversation_id'],
    [
      'an unknown reply option',
      () => client.messages.stream('c', 'hi', { maxTokens: 5 } as never),
      'maxTokens',
    ],
    ['a temperature', () => client.messages.send('c', 'hi', { temperature: Number.NaN }), 'temperature'],
    ['a call option', () => client.agents.list({ timeout: 1 } as never), 'timeout'],
  ];

  it.each(wrong)('is refused before anything is sent: %s', async (_name, act, field) => {
    const error = await failureOf(Promise.resolve().then(() => act()));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ field, outcome: 'not_sent' });
  });

  it('the key is nowhere', () => {
    expect(shown(client)).not.toContain(KEY);
    expect(shown([client.agents, client.messages, client.conversations])).not.toContain(KEY);
  });
});

describe('close', () => {
  it('ends what runs', async () => {
    const server = await httpServer((_request, response) => void response.writeHead(200, SSE).flushHeaders());
    onTestFinished(() => server.close());
    const client = new PhosonClient({ apiKey: KEY, baseUrl: server.url });
    const waiting = failureOf(client.messages.stream('c', 'hi').next());
    await expect.poll(() => server.requests).toBe(1);
    client.close();
    expect(await waiting).toMatchObject({ name: 'AbortError' });
    expect(await failureOf(client.agents.list())).toMatchObject({ name: 'AbortError' });
  });
});

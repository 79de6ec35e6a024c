import { AgentClient, Area } from 'agentchat-client/platforms/agora';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgoraStandIn, APP_CERTIFICATE, APP_ID } from './stand-in.js';

const PROPERTIES = {
  channel: 'room',
  token: '007x',
  agent_rtc_uid: '1',
  remote_rtc_uids: ['100'],
  tts: { vendor: 'minimax', params: { key: 'k' } },
  llm: { url: 'https://model.example' },
};

let platform: AgoraStandIn;
let client: AgentClient;
beforeEach(async () => {
  platform = await AgoraStandIn.start();
  client = new AgentClient({ appId: APP_ID, appCertificate: APP_CERTIFICATE, baseUrl: platform.baseUrl });
});
afterEach(async () => {
  client.close();
  await platform.close();
});

const started = async (name = 'a', channel = 'room') =>
  (await client.agents.start({ name, properties: { ...PROPERTIES, channel } })).agent_id;

interface Row {
  readonly operation: string;
  /** Makes the call; `id` is an agent that runs. */
  readonly call: (id: string) => Promise<unknown>;
  readonly method: string;
  /** Below the project; `{id}` stands for the agent. */
  readonly path: string;
  readonly query?: Record<string, string>;
  readonly body?: unknown;
  readonly answer: (id: string) => unknown;
}

const spokenTo = (agent_id: string) => ({ agent_id, channel: 'room', start_ts: expect.any(Number) });

/** Every row of the contract's table of operations. */
const ROWS: readonly Row[] = [
  {
    operation: 'agents.start',
    call: () => client.agents.start({ name: 'b', properties: PROPERTIES }),
    method: 'POST',
    path: '/join',
    body: { name: 'b', properties: PROPERTIES },
    answer: () => ({ agent_id: expect.any(String), create_ts: expect.any(Number), status: 'RUNNING' }),
  },
  {
    operation: 'agents.stop',
    call: (id) => client.agents.stop(id),
    method: 'POST',
    path: '/agents/{id}/leave',
    answer: () => undefined,
  },
  {
    operation: 'agents.list',
    call: async () => {
      const { agents } = client;
      const request = { channel: 'room', from_time: 1, to_time: 2_000_000_000, state: '1,2', limit: 5 };
      const items = [];
      for await (const item of agents.list(request)) items.push(item);
      return items;
    },
    method: 'GET',
    path: '/agents',
    query: { channel: 'room', from_time: '1', to_time: '2000000000', state: '1,2', limit: '5' },
    answer: (id) => [{ agent_id: id, status: 'RUNNING', start_ts: expect.any(Number) }],
  },
  {
    operation: 'agents.get',
    call: (id) => client.agents.get(id),
    method: 'GET',
    path: '/agents/{id}',
    answer: (id) => expect.objectContaining({ agent_id: id, status: 'RUNNING', name: 'a' }),
  },
  {
    operation: 'agents.getHistory',
    call: (id) => client.agents.getHistory(id),
    method: 'GET',
    path: '/agents/{id}/history',
    answer: (id) => ({ agent_id: id, start_ts: expect.any(Number), status: 'RUNNING', contents: [] }),
  },
  {
    operation: 'agents.update',
    call: (id) =>
      client.agents.update(id, {
        properties: { token: '007y', llm: { system_messages: [{ role: 'system', content: 'x' }] } },
      }),
    method: 'POST',
    path: '/agents/{id}/update',
    body: { properties: { token: '007y', llm: { system_messages: [{ role: 'system', content: 'x' }] } } },
    answer: (id) => ({ agent_id: id, create_ts: expect.any(Number), status: 'RUNNING' }),
  },
  {
    operation: 'agents.speak',
    call: (id) => client.agents.speak(id, { text: 'hi', priority: 'APPEND', interruptable: false }),
    method: 'POST',
    path: '/agents/{id}/speak',
    body: { text: 'hi', priority: 'APPEND', interruptable: false },
    answer: spokenTo,
  },
  {
    operation: 'agents.interrupt',
    call: (id) => client.agents.interrupt(id),
    method: 'POST',
    path: '/agents/{id}/interrupt',
    body: {},
    answer: spokenTo,
  },
  {
    operation: 'agents.think',
    call: (id) =>
      client.agents.think(id, {
        text: 'hm',
        on_listening_action: 'inject',
        on_thinking_action: 'interrupt',
        on_speaking_action: 'ignore',
        interruptable: true,
        metadata: { a: 1 },
      }),
    method: 'POST',
    path: '/agents/{id}/think',
    body: {
      text: 'hm',
      on_listening_action: 'inject',
      on_thinking_action: 'interrupt',
      on_speaking_action: 'ignore',
      interruptable: true,
      metadata: { a: 1 },
    },
    answer: spokenTo,
  },
  {
    operation: 'agents.getTurns',
    call: (id) => client.agents.getTurns(id, { page_index: 0, page_size: 50 }),
    method: 'GET',
    path: '/agents/{id}/turns',
    query: { page_index: '0', page_size: '50' },
    answer: (id) => expect.objectContaining({ agent_id: id, turns: [] }),
  },
];

describe('the operations', () => {
  it('are ten', () => {
    expect(ROWS).toHaveLength(10);
  });

  it.each(ROWS)('$operation is $method $path', async (row) => {
    const id = await started();
    expect(await row.call(id)).toEqual(row.answer(id));
    expect(platform.last).toMatchObject({
      method: row.method,
      path: `/v2/projects/${APP_ID}${row.path.replace('{id}', id)}`,
      query: row.query ?? {},
    });
    expect(platform.last.body).toEqual(row.body);
  });

  it('let a call name another app', async () => {
    platform.next.push({ status: 200, body: { agent_id: 'x', contents: null } });
    const history = await client.agents.getHistory('x', { appid: 'other' });
    expect(platform.last.path).toBe('/v2/projects/other/agents/x/history');
    // A list that is null is empty.
    expect(history.contents).toEqual([]);
  });

  it('keep an id one segment of the path', async () => {
    platform.next.push({ status: 200, body: { agent_id: 'a/b' } });
    await client.agents.get('a/b?c');
    expect(platform.last.path).toBe(`/v2/projects/${APP_ID}/agents/a%2Fb%3Fc`);
    expect(platform.last.query).toEqual({});
  });

  it('keep fields that are not known', async () => {
    const id = await started();
    platform.next.push({ status: 200, body: { agent_id: id, later: { field: [1] } } });
    expect(await client.agents.get(id)).toEqual({ agent_id: id, later: { field: [1] } });
  });

  it('send fields of `properties` that are not known, and 0, and leave out what is undefined', async () => {
    const properties = { ...PROPERTIES, idle_timeout: 0, sal: undefined, novelty: { a: null } };
    await client.agents.start({ name: 'c', properties: properties as never });
    expect(platform.last.body).toEqual({
      name: 'c',
      properties: { ...PROPERTIES, idle_timeout: 0, novelty: { a: null } },
    });
  });

  it('give the whole answer through withRawResponse', async () => {
    const id = await started();
    const { data, status, headers, requestId } = await client.agents.withRawResponse.get(id);
    expect(data.agent_id).toBe(id);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    expect(requestId).toBe(`req-${platform.asked.length}`);
    const page = await client.agents.withRawResponse.list({ limit: 1 });
    expect(page.data.meta).toEqual({ cursor: '', total: 1 });
    expect((await client.agents.withRawResponse.stop(id)).data).toBeUndefined();
  });
});

describe('agents.list', () => {
  it('goes through the pages by their cursor, and gives each page with its answer', async () => {
    const ids = [];
    for (let at = 0; at < 5; at += 1) ids.push(await started(`n${at}`));
    platform.pageSize = 2;
    const before = platform.asked.length;
    const list = client.agents.list({ channel: 'room' });
    expect(platform.asked).toHaveLength(before);
    const pages = [];
    for await (const page of list.pages()) pages.push(page);
    expect(pages.map(({ items }) => items.length)).toEqual([2, 2, 1]);
    expect(pages.map(({ next }) => next)).toEqual(['2', '4', undefined]);
    expect(pages[0]?.response).toMatchObject({ status: 200, requestId: expect.stringMatching('^req-') });
    expect(platform.asked.slice(before).map(({ query }) => query)).toEqual([
      { channel: 'room' },
      { channel: 'room', cursor: '2' },
      { channel: 'room', cursor: '4' },
    ]);
    const items = [];
    for await (const { agent_id } of client.agents.list()) items.push(agent_id);
    expect(items).toEqual(ids);
  });

  it('asks for no further page when the loop is left', async () => {
    for (let at = 0; at < 3; at += 1) await started(`n${at}`);
    platform.pageSize = 1;
    const before = platform.asked.length;
    for await (const _ of client.agents.list()) break;
    expect(platform.asked).toHaveLength(before + 1);
  });

  it.each([
    ['an empty page', { data: { list: [] }, meta: { cursor: 'x' } }],
    ['a page whose list is null', { data: { count: 0, list: null }, meta: { cursor: 'x' } }],
    ['a page without anything', {}],
  ])('ends with %s, whatever its cursor says', async (_, body) => {
    platform.next.push({ status: 200, body });
    const items = [];
    for await (const item of client.agents.list()) items.push(item);
    expect(items).toEqual([]);
    expect(platform.asked).toHaveLength(1);
  });

  it('does not go in a circle', async () => {
    const page = { status: 200, body: { data: { list: [{ agent_id: 'x' }] }, meta: { cursor: 'again' } } };
    platform.next.push(page, page, page);
    const seen: string[] = [];
    const reading = async () => {
      for await (const { agent_id } of client.agents.list()) seen.push(agent_id);
    };
    await expect(reading()).rejects.toMatchObject({ name: 'ApiError', kind: 'protocol' });
    expect(seen).toEqual(['x', 'x']);
  });
});

describe('ways in', () => {
  const headerOf = async (options: object) => {
    const it = new AgentClient({ appId: APP_ID, baseUrl: platform.baseUrl, ...options });
    platform.next.push({ status: 200, body: {} });
    await it.agents.get('x');
    return platform.last.headers.authorization;
  };

  it('a certificate signs a fresh token for each request, for the agent', async () => {
    const id = await started();
    await client.agents.get(id);
    await client.agents.get(id);
    const [first, second] = platform.asked.slice(-2).map(({ token }) => token);
    expect(first?.salt).not.toBe(second?.salt);
    expect(first?.services).toEqual([
      { type: 1, privileges: { 1: 86_400, 2: 86_400, 3: 86_400, 4: 86_400 }, fields: ['stop', id] },
      { type: 2, privileges: { 1: 86_400 }, fields: [id] },
    ]);
  });

  it('a request that belongs to no agent is for account 0', async () => {
    for await (const _ of client.agents.list());
    expect(platform.last.token?.services.map(({ fields }) => fields)).toEqual([['stop', ''], ['0']]);
  });

  it('a ready token, a customer, a header as it is', async () => {
    expect(await headerOf({ authToken: '007ready' })).toBe('agora token=007ready');
    expect(await headerOf({ customerId: 'me', customerSecret: 'my-secret' })).toBe(
      `Basic ${Buffer.from('me:my-secret').toString('base64')}`,
    );
    expect(await headerOf({ authorization: 'agora token="quoted"' })).toBe('agora token="quoted"');
  });

  it('a certificate beside another way signs tokens of channels only', async () => {
    const options = { customerId: 'me', customerSecret: 'my-secret', appCertificate: APP_CERTIFICATE };
    expect(await headerOf(options)).toMatch(/^Basic /);
  });

  it.each([
    ['appCertificate', {}],
    ['customerSecret', { customerId: 'me' }],
    ['customerId', { customerSecret: 'my-secret' }],
    ['customerId', { customerId: 'me', customerSecret: 's', authToken: 't' }],
    ['authorization', { authToken: 't', authorization: 'a' }],
    ['authToken', { authToken: 'two\r\nlines' }],
    ['authorization', { authorization: '' }],
    ['appCertificate', { appCertificate: 'short' }],
    ['appId', { appId: '', appCertificate: APP_CERTIFICATE }],
    ['area', { baseUrl: undefined, appCertificate: APP_CERTIFICATE }],
    ['area', { baseUrl: undefined, area: 9, appCertificate: APP_CERTIFICATE }],
    ['baseUrl', { baseUrl: 'nowhere', appCertificate: APP_CERTIFICATE }],
    ['timeoutMs', { timeoutMs: Number.NaN, appCertificate: APP_CERTIFICATE }],
    ['maxRetries', { maxRetries: -1, appCertificate: APP_CERTIFICATE }],
    ['timeout', { timeout: 5, appCertificate: APP_CERTIFICATE }],
  ])('a client without a good "%s" is not made: %j', (field, options) => {
    const make = () => new AgentClient({ appId: APP_ID, baseUrl: platform.baseUrl, ...options } as never);
    expect(make).toThrow(expect.objectContaining({ name: 'ValidationError', field }));
    expect(make).not.toThrow(/my-secret|fedcba/);
  });
});

describe('areas', () => {
  const basesOf = (area: Area) => {
    const it = new AgentClient({ appId: APP_ID, appCertificate: APP_CERTIFICATE, area });
    return [it.baseUrl, ...[1, 2, 3, 4].map(() => it.nextRegion())];
  };
  const path = '/api/conversational-ai-agent';

  it('have the numbers of the platform', () => {
    expect(Area).toEqual({ US: 1, EU: 2, AP: 3, CN: 4 });
  });

  it.each([
    ['US', ['api-us-west-1', 'api-us-east-1']],
    ['EU', ['api-eu-west-1', 'api-eu-central-1']],
    ['AP', ['api-ap-southeast-1', 'api-ap-northeast-1']],
  ] as const)('%s has its regions, then the spare domain, then the first again', (name, [first, second]) => {
    expect(basesOf(Area[name])).toEqual([
      `https://${first}.agora.io${path}`,
      `https://${second}.agora.io${path}`,
      `https://${first}.sd-rtn.com${path}`,
      `https://${second}.sd-rtn.com${path}`,
      `https://${first}.agora.io${path}`,
    ]);
  });

  it('CN has one host', () => {
    expect(new Set(basesOf(Area.CN))).toEqual(new Set([`https://api.agora.io/cn${path}`]));
  });

  it('requests go where nextRegion() says', async () => {
    const urls: string[] = [];
    const it = new AgentClient({
      appId: APP_ID,
      appCertificate: APP_CERTIFICATE,
      area: Area.EU,
      fetch: async (url) => {
        urls.push(new URL(String(url instanceof Request ? url.url : url)).host);
        return Response.json({ agent_id: 'x' });
      },
    });
    const { agents } = it;
    await agents.get('x');
    it.nextRegion();
    await agents.get('x');
    expect(urls).toEqual(['api-eu-west-1.agora.io', 'api-eu-central-1.agora.io']);
  });
});

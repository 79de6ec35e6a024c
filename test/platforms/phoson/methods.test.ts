import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PhosonClient as Client, type PhosonClient } from '../../../src/platforms/phoson/index.js';
import { DEFAULT_ROUTES } from '../../../src/platforms/phoson/routes.js';
import { httpServer, type RawServer } from '../../http/raw-server.js';

/** One row of the contract's table: what is called, what travels, what comes back, and what is made of it. */
interface Row {
  readonly operation: keyof typeof DEFAULT_ROUTES;
  readonly call: (client: PhosonClient) => Promise<unknown>;
  readonly sent: string;
  readonly body?: unknown;
  readonly answer?: unknown;
  readonly status?: number;
  readonly result?: unknown;
}

const AGENT = { id: 'agt_1', name: 'Ada', unknown: { kept: true } };
const CONVERSATION = { id: 'conv_1', agent_id: 'agt_1', title: 'New Conversation' };
const MESSAGE = { role: 'assistant', content: 'Hello', id: 'msg_1' };

const ROWS: readonly Row[] = [
  {
    operation: 'agents.create',
    call: ({ agents }) => agents.create({ name: 'Ada' }),
    sent: 'POST /agents',
    body: { name: 'Ada', memory_type: 'persistent' },
    status: 201,
    answer: AGENT,
    result: AGENT,
  },
  {
    operation: 'agents.create',
    call: ({ agents }) => agents.create({ name: 'Ada', description: 'Counts', memory_type: 'semantic' }),
    sent: 'POST /agents',
    body: { name: 'Ada', description: 'Counts', memory_type: 'semantic' },
    answer: { ...AGENT, id: 7 },
    result: { ...AGENT, id: '7' },
  },
  {
    operation: 'agents.list',
    call: ({ agents }) => agents.list(),
    sent: 'GET /agents',
    answer: [AGENT],
    result: [AGENT],
  },
  {
    operation: 'agents.get',
    call: ({ agents }) => agents.get('a/b'),
    sent: 'GET /agents/a%2Fb',
    answer: AGENT,
    result: AGENT,
  },
  {
    operation: 'agents.update',
    call: ({ agents }) => agents.update('agt_1', { description: 'New', name: undefined }),
    sent: 'PATCH /agents/agt_1',
    body: { description: 'New' },
    answer: AGENT,
    result: AGENT,
  },
  {
    operation: 'agents.delete',
    call: ({ agents }) => agents.delete('agt_1'),
    sent: 'DELETE /agents/agt_1',
    status: 204,
  },
  {
    operation: 'agents.delete',
    call: ({ agents }) => agents.delete('agt_1'),
    sent: 'DELETE /agents/agt_1',
    answer: { deleted: true },
  },
  {
    operation: 'agents.attachMcp',
    call: ({ agents }) => agents.attachMcp('agt_1', 'mcp 1'),
    sent: 'POST /agents/agt_1/mcp/mcp%201',
    answer: { attached: true },
    result: { attached: true },
  },
  {
    operation: 'agents.detachMcp',
    call: ({ agents }) => agents.detachMcp('agt_1', 'mcp_1'),
    sent: 'DELETE /agents/agt_1/mcp/mcp_1',
    status: 204,
  },
  {
    operation: 'conversations.create',
    call: ({ conversations }) => conversations.create({ agent_id: 'agt_1' }),
    sent: 'POST /conversations',
    body: { agent_id: 'agt_1', title: 'New Conversation' },
    answer: CONVERSATION,
    result: CONVERSATION,
  },
  {
    operation: 'conversations.create',
    call: ({ conversations }) => conversations.create({ agent_id: 'agt_1', title: 'Hi', thread_id: 't' }),
    sent: 'POST /conversations',
    body: { agent_id: 'agt_1', title: 'Hi', thread_id: 't' },
    answer: { ...CONVERSATION, agent_id: 9 },
    result: { ...CONVERSATION, agent_id: '9' },
  },
  {
    operation: 'conversations.list',
    call: ({ conversations }) => conversations.list(),
    sent: 'GET /conversations',
    answer: { items: [CONVERSATION] },
    result: [CONVERSATION],
  },
  {
    operation: 'conversations.list',
    call: ({ conversations }) => conversations.list({ agent_id: 'agt 1' }),
    sent: 'GET /conversations?agent_id=agt+1',
    answer: { conversations: null },
    result: [],
  },
  {
    operation: 'conversations.get',
    call: ({ conversations }) => conversations.get('conv_1'),
    sent: 'GET /conversations/conv_1',
    answer: CONVERSATION,
    result: CONVERSATION,
  },
  {
    operation: 'conversations.update',
    call: ({ conversations }) => conversations.update('conv_1', { title: 'Hi' }),
    sent: 'PATCH /conversations/conv_1',
    body: { title: 'Hi' },
    answer: CONVERSATION,
    result: CONVERSATION,
  },
  {
    operation: 'conversations.delete',
    call: ({ conversations }) => conversations.delete('conv_1'),
    sent: 'DELETE /conversations/conv_1',
    status: 204,
  },
  {
    operation: 'messages.send',
    call: ({ messages }) => messages.send('conv_1', 'hi', { model: 'gpt-4o', provider: 'openai' }),
    sent: 'POST /conversations/conv_1/messages',
    body: { content: 'hi', model: 'gpt-4o', provider: 'openai' },
    answer: { content: 'Hello' },
    result: { content: 'Hello' },
  },
  {
    operation: 'messages.stream',
    call: async ({ messages }) => {
      const reply = {
        model: 'claude-sonnet-4-5',
        provider: 'anthropic',
        temperature: 0,
        max_tokens: 100,
        reasoning_effort: 'low',
      };
      for await (const _ of messages.stream('conv_1', 'hi', reply));
    },
    sent: 'POST /conversations/conv_1/messages/stream',
    body: {
      content: 'hi',
      model: 'claude-sonnet-4-5',
      provider: 'anthropic',
      temperature: 0,
      max_tokens: 100,
      reasoning_effort: 'low',
    },
  },
  {
    operation: 'messages.list',
    call: ({ messages }) => messages.list('conv_1'),
    sent: 'GET /conversations/conv_1/messages',
    answer: { data: [MESSAGE, 'no message'] },
    result: [MESSAGE],
  },
];

describe('the methods of Phoson', () => {
  let server: RawServer;
  let row: Row;
  let got: { sent: string; body: unknown; accept: string | undefined; key: string | undefined };
  beforeAll(async () => {
    server = await httpServer(({ method, url, headers }, response, _nth, body) => {
      const text = body.toString();
      got = {
        sent: `${method} ${url}`,
        body: text === '' ? undefined : JSON.parse(text),
        accept: headers.accept,
        key: headers.authorization,
      };
      if (row.operation === 'messages.stream') {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: [DONE]\n\n');
        return;
      }
      response.writeHead(row.status ?? 200, { 'content-type': 'application/json' });
      response.end(row.answer === undefined ? undefined : JSON.stringify(row.answer));
    });
  });
  afterAll(() => server.close());

  it.each(ROWS.map((each) => [each.operation, each] as const))('%s', async (operation, each) => {
    row = each;
    const client = new Client({ apiKey: 'pk_123456', baseUrl: server.url });
    expect(await each.call(client)).toEqual(each.result);
    const accept =
      operation === 'messages.stream' ? 'text/event-stream, application/x-ndjson' : 'application/json';
    expect(got).toEqual({ sent: each.sent, body: each.body, accept, key: 'Bearer pk_123456' });
  });

  it('are all in the table, and go where `routes` says', async () => {
    const operations = Object.keys(DEFAULT_ROUTES) as (keyof typeof DEFAULT_ROUTES)[];
    expect([...new Set(ROWS.map(({ operation }) => operation))].sort()).toEqual([...operations].sort());
    expect(operations).toHaveLength(15);
    const routes = Object.fromEntries(
      operations.map((name) => [name, DEFAULT_ROUTES[name].replace(/^\w+ /, `PUT /v2/${name}`)]),
    );
    const client = new Client({ apiKey: 'pk_123456', baseUrl: `${server.url}/base/`, routes });
    for (const each of ROWS) {
      row = each;
      await each.call(client);
      const path = each.sent.replace(/^\w+ /, '');
      expect(got.sent).toBe(`PUT /base/v2/${each.operation}${path}`);
    }
  });
});

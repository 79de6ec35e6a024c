import { afterEach, describe, expect, it, vi } from 'vitest';
import { AgentChatClientError, ProtocolError, ValidationError } from '../../src/errors/index.js';
import { AgentChatClient, type AgentChatClientOptions, type SendMessageInput } from '../../src/rest/index.js';
import type { Message } from '../../src/wire/index.js';
import { json, networkFailure, refusal, type Step, scriptedFetch, silence } from '../http/fake-fetch.js';
import { VirtualClock } from '../support/virtual-clock.js';

const STORED = {
  id: 'msg_1',
  conversation_id: 'conv_1',
  sender: 'bot',
  client_msg_id: 'x',
  seq: 7,
  type: 'text',
  content: { text: 'hi' },
  metadata: {},
  created_at: '2026-11-21T12:00:00.000Z',
} as Message;

function setUp(steps: Step[], options: AgentChatClientOptions = {}) {
  const clock = new VirtualClock();
  const { fetch, seen } = scriptedFetch(...steps);
  const client = new AgentChatClient({ apiKey: 'ac_live_test_key', fetch, clock, ...options });
  /** Lets time pass until the call is over. */
  const settle = async <T>(call: Promise<T>): Promise<T> => {
    let over = false;
    call.then(
      () => {
        over = true;
      },
      () => {
        over = true;
      },
    );
    await clock.advanceUntil(() => over);
    return call;
  };
  return { clock, client, seen, settle, bodies: () => seen.map(({ body }) => JSON.parse(body ?? 'null')) };
}

async function refused(call: Promise<unknown>): Promise<ValidationError> {
  const error = await call.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(ValidationError);
  expect((error as ValidationError).outcome).toBe('not_sent');
  return error as ValidationError;
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

describe('AgentChatClient', () => {
  it('says how to give it a key', () => {
    vi.stubEnv('AGENTCHAT_API_KEY', undefined);
    expect(() => new AgentChatClient()).toThrow(/"apiKey".*AGENTCHAT_API_KEY/);
    vi.stubEnv('AGENTCHAT_API_KEY', 'ac_live_from_env');
    expect(new AgentChatClient().baseUrl).toBe('https://api.agentchat.me');
  });

  it.each([
    ['timeout', /"timeoutMs"/],
    ['onBacklogWarn', /"onBacklogWarning"/],
    ['reconnect', /unknown AgentChatClient option "reconnect"/],
  ])('does not swallow the unknown option %s', (name, message) => {
    expect(() => new AgentChatClient({ apiKey: 'ac_live_test_key', [name]: 1 } as never)).toThrow(message);
  });

  it('reads itself', async () => {
    const { client, seen } = setUp([json({ handle: 'bot', brand_new_field: 1 })]);
    expect(await client.getMe()).toEqual({ handle: 'bot', brand_new_field: 1 });
    expect(seen[0]).toMatchObject({ method: 'GET', url: 'https://api.agentchat.me/v1/agents/me' });
    await expect(setUp([json({})]).client.getMe()).rejects.toBeInstanceOf(ProtocolError);
    await expect(setUp([json(null, 204)]).client.getMe()).rejects.toMatchObject({ status: 204 });
  });
});

describe('sendMessage', () => {
  it('sends to a normalised handle, with a client_msg_id of its own', async () => {
    const { client, bodies, seen } = setUp([json(STORED, 201)]);
    const result = await client.sendMessage({ to: ' @Alice ', content: 'hi' });
    expect(result).toEqual({ message: STORED, backlogWarning: null, replayed: false });
    expect(seen[0]).toMatchObject({ method: 'POST', url: 'https://api.agentchat.me/v1/messages' });
    expect(bodies()).toEqual([
      { to: 'alice', client_msg_id: expect.stringMatching(/^[0-9a-f-]{36}$/), content: { text: 'hi' } },
    ]);
  });

  it('passes everything else on as it is', async () => {
    const { client, bodies } = setUp([json(STORED, 201)]);
    const input: SendMessageInput = {
      conversation_id: 'grp_1',
      client_msg_id: 'mine',
      type: 'structured',
      content: { data: { a: [1, null] } },
      metadata: { reply_to: 'msg_0' },
    };
    await client.sendMessage(input);
    expect(bodies()).toEqual([input]);
  });

  it('gives each logical send its own client_msg_id, and the same one on every retry', async () => {
    const { client, bodies, settle } = setUp([
      networkFailure(),
      refusal(503, 'INTERNAL_ERROR'),
      () => new Response('{"id":', { headers: { 'content-type': 'application/json' } }),
      json(STORED, 200),
      json(STORED, 201),
    ]);
    const { replayed } = await settle(client.sendMessage({ to: 'alice', content: 'hi' }));
    expect(replayed).toBe(true);
    const ids = bodies().map(({ client_msg_id }) => client_msg_id);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(1);
    await client.sendMessage({ to: 'alice', content: 'hi' });
    expect(bodies().at(-1).client_msg_id).not.toBe(ids[0]);
  });

  it('sends byte for byte the same on every retry, whatever becomes of the input', async () => {
    const input = { to: 'alice', content: { text: 'first' }, metadata: {} as Record<string, unknown> };
    const change: Step = () => {
      input.content.text = 'second';
      input.metadata.late = true;
      throw new TypeError('fetch failed');
    };
    const { client, seen, settle } = setUp([change, json(STORED, 201)]);
    await settle(client.sendMessage(input));
    expect(seen[0]?.body).toBe(seen[1]?.body);
    expect(seen[1]?.body).toContain('first');
  });

  it.each<[string, unknown]>([
    ['to', { content: 'hi' }],
    ['to', { to: 'alice', conversation_id: 'grp_1', content: 'hi' }],
    ['to', { to: '', content: 'hi' }],
    ['to', { to: '@', content: 'hi' }],
    ['to', { to: 7, content: 'hi' }],
    ['to', { to: 'grp_1', content: 'hi' }],
    ['conversation_id', { conversation_id: 'conv_1', content: 'hi' }],
    ['conversation_id', { conversation_id: '', content: 'hi' }],
    ['content', { to: 'alice' }],
    ['content', { to: 'alice', content: '' }],
    ['content', { to: 'alice', content: null }],
    ['content', { to: 'alice', content: {} }],
    ['content', { to: 'alice', content: { text: '' } }],
    ['content', { to: 'alice', content: [] }],
    ['content.text', { to: 'alice', content: { text: 5 } }],
    ['client_msg_id', { to: 'alice', content: 'hi', client_msg_id: '' }],
    ['client_msg_id', { to: 'alice', content: 'hi', client_msg_id: 'x'.repeat(129) }],
    ['client_msg_id', { to: 'alice', content: 'hi', client_msg_id: 5 }],
    ['type', { to: 'alice', content: 'hi', type: 'system' }],
    ['metadata', { to: 'alice', content: 'hi', metadata: 'x' }],
    ['metdata', { to: 'alice', content: 'hi', metdata: {} }],
    ['options', null],
    ['message', 'hi'],
  ])('names %s before anything is sent: %j', async (field, input) => {
    const { client, seen } = setUp([json(STORED, 201)]);
    expect((await refused(client.sendMessage(input as SendMessageInput))).field).toBe(field);
    expect(seen).toHaveLength(0);
  });

  it('names content that is no JSON', async () => {
    const { client } = setUp([json(STORED, 201)]);
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    for (const data of [{ big: 1n }, circle]) {
      expect((await refused(client.sendMessage({ to: 'alice', content: { data } }))).field).toBe('content');
    }
  });

  it('says how to address a direct message', async () => {
    const { client } = setUp([json(STORED, 201)]);
    const { message } = await refused(client.sendMessage({ conversation_id: 'conv_1', content: 'hi' }));
    expect(message).toContain('address direct messages by `to`');
  });

  it('takes 32,768 bytes of content and metadata as JSON, and not one more', async () => {
    const frame = '{"text":""}'.length;
    for (const [character, bytes] of [
      ['a', 1],
      ['\u00e4', 2],
      ['\u20ac', 3],
      ['\u{1f98a}', 4],
    ] as const) {
      const { client, seen } = setUp([json(STORED, 201)]);
      const room = 32_768 - frame;
      const filler = 'a'.repeat(room % bytes);
      const text = character.repeat(Math.floor(room / bytes)) + filler;
      await client.sendMessage({ to: 'alice', content: text });
      const error = await refused(client.sendMessage({ to: 'alice', content: `${text}a` }));
      expect([error.field, seen.length]).toEqual(['content', 1]);
      expect(error.message).toContain('32769 bytes');
    }
    const { client } = setUp([json(STORED, 201)]);
    const half = 'a'.repeat(32_768 - frame - '{"m":""}'.length - 10);
    await client.sendMessage({ to: 'alice', content: half, metadata: { m: 'b'.repeat(10) } });
    await refused(client.sendMessage({ to: 'alice', content: half, metadata: { m: 'b'.repeat(11) } }));
  });

  it('takes a client_msg_id of 128 characters', async () => {
    const { client } = setUp([json(STORED, 201)]);
    await client.sendMessage({ to: 'alice', content: 'hi', client_msg_id: 'x'.repeat(128) });
  });

  it('does not take an idempotency key: the client_msg_id is one', async () => {
    const { client } = setUp([json(STORED, 201)]);
    const call = client.sendMessage({ to: 'alice', content: 'hi' }, { idempotencyKey: 'key-0001' });
    expect((await refused(call)).message).toContain('client_msg_id');
  });

  it('makes random ids where there is no randomUUID, and refuses where there is no randomness', async () => {
    const getRandomValues = globalThis.crypto.getRandomValues.bind(globalThis.crypto);
    const { client, bodies } = setUp([json(STORED, 201)]);
    vi.stubGlobal('crypto', { getRandomValues });
    await client.sendMessage({ to: 'alice', content: 'hi' });
    expect(bodies()[0].client_msg_id).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    vi.stubGlobal('crypto', undefined);
    expect((await refused(client.sendMessage({ to: 'alice', content: 'hi' }))).field).toBe('client_msg_id');
  });

  it('passes a backlog warning on, in the result and to the observer', async () => {
    const warned: unknown[] = [];
    const { client } = setUp([json(STORED, 201, { 'x-backlog-warning': ' alice = 5012 ' })], {
      onBacklogWarning: (warning) => {
        warned.push({ ...warning });
        warning.undeliveredCount = 0;
        throw new Error('observer');
      },
    });
    const { backlogWarning } = await client.sendMessage({ to: 'alice', content: 'hi' });
    expect(backlogWarning).toEqual({ recipientHandle: 'alice', undeliveredCount: 5_012 });
    expect(warned).toEqual([backlogWarning]);
  });

  it.each(['alice', '=5', 'alice=', 'alice=many', 'alice=1.5', ''])(
    'ignores the malformed warning %j',
    async (header) => {
      const { client } = setUp([json(STORED, 201, { 'x-backlog-warning': header })], {
        onBacklogWarning: () => expect.unreachable(),
      });
      expect((await client.sendMessage({ to: 'alice', content: 'hi' })).backlogWarning).toBeNull();
    },
  );

  it.each([[[]], [null], ['x'], [{}], [{ id: '' }]])(
    'does not take %j for a stored message',
    async (body) => {
      const { client } = setUp([json(body, 201)]);
      const error = await client
        .sendMessage({ to: 'alice', content: 'hi' })
        .catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(ProtocolError);
      expect((error as AgentChatClientError).outcome).toBe('unknown');
    },
  );

  it('never repeats what the recipient has to answer first', async () => {
    for (const code of ['AWAITING_REPLY', 'RECIPIENT_BACKLOGGED']) {
      const { client, seen } = setUp([
        refusal(429, code, { 'retry-after': '0' }, { recipient_handle: 'alice', undelivered_count: 10_000 }),
      ]);
      await expect(client.sendMessage({ to: 'alice', content: 'hi' })).rejects.toMatchObject({
        code,
        recipientHandle: 'alice',
        outcome: 'rejected',
      });
      expect(seen).toHaveLength(1);
    }
  });
});

describe('onSent', () => {
  it('tells of each stored message, before the send resolves, until it is taken off', async () => {
    const { client } = setUp([
      json(STORED, 201),
      json({ ...STORED, id: 'msg_2' }, 200),
      refusal(403, 'BLOCKED'),
    ]);
    const told: string[] = [];
    const off = client.onSent(({ id }) => void told.push(id));
    const sent = client.sendMessage({ to: 'alice', content: 'hi' }).then(() => told.push('resolved'));
    await sent;
    await client.sendMessage({ to: 'alice', content: 'hi' });
    await client.sendMessage({ to: 'alice', content: 'hi' }).catch(() => {});
    expect(told).toEqual(['msg_1', 'resolved', 'msg_2']);
    off();
    off();
    const again = setUp([json(STORED, 201)]);
    await again.client.sendMessage({ to: 'alice', content: 'hi' });
    expect(told).toHaveLength(3);
  });

  it('is not disturbed by a listener that throws, rejects, or takes itself off', async () => {
    const { client } = setUp([json(STORED, 201)]);
    const told: string[] = [];
    const off = client.onSent(() => {
      told.push('once');
      off();
      throw new Error('listener');
    });
    client.onSent((async () => Promise.reject(Object.create(null))) as () => void);
    client.onSent(() => void told.push('always'));
    await client.sendMessage({ to: 'alice', content: 'hi' });
    await client.sendMessage({ to: 'alice', content: 'hi' });
    expect(told).toEqual(['once', 'always', 'always']);
    expect(() => client.onSent(undefined as never)).toThrow(ValidationError);
  });

  it('lets one function listen twice and be taken off once', async () => {
    const { client } = setUp([json(STORED, 201)]);
    let told = 0;
    const listener = () => void told++;
    client.onSent(listener);
    client.onSent(listener)();
    await client.sendMessage({ to: 'alice', content: 'hi' });
    expect(told).toBe(1);
  });
});

describe('getMessages', () => {
  const rows = (...seqs: unknown[]) => seqs.map((seq, index) => ({ id: `msg_${index}`, seq }));
  const seqsOf = (messages: Message[]) => messages.map(({ seq }) => seq);

  it.each([
    [{}, '?limit=50', [3, 2, 1]],
    [{ limit: 200, beforeSeq: 9 }, '?limit=200&before_seq=9', [3, 2, 1]],
    [{ limit: 1_000, beforeSeq: 9 }, '?limit=200&before_seq=9', [3, 2, 1]],
    [{ afterSeq: 0 }, '?limit=50&after_seq=0', [1, 2, 3]],
    [{ aroundMessageId: 'msg_1' }, '?limit=50&around_message_id=msg_1', [3, 2, 1]],
  ])('asks for %j and sorts what comes', async (options, query, sorted) => {
    const { client, seen } = setUp([json(rows(2, 3, 1))]);
    expect(seqsOf(await client.getMessages('conv_1', options))).toEqual(sorted);
    expect(seen[0]?.url).toBe(`https://api.agentchat.me/v1/messages/conv_1${query}`);
  });

  it('leaves rows in order alone, and keeps those without a seq in their place', async () => {
    const odd = [null, ...rows(1, undefined, 2, 'x', 3)];
    const { client } = setUp([json(odd)]);
    expect(await client.getMessages('conv_1', { afterSeq: 0 })).toEqual(JSON.parse(JSON.stringify(odd)));
    const shuffled = setUp([json([{ seq: 3 }, { id: 'behind 3' }, { seq: 1 }, { id: 'behind 1' }])]);
    expect(await shuffled.client.getMessages('conv_1', { afterSeq: 0 })).toEqual([
      { seq: 1 },
      { id: 'behind 1' },
      { seq: 3 },
      { id: 'behind 3' },
    ]);
  });

  it.each<[string, unknown, unknown]>([
    ['conversationId', '', {}],
    ['conversationId', undefined, {}],
    ['conversation_id', '..', {}],
    ['limit', 'conv_1', { limit: 0 }],
    ['limit', 'conv_1', { limit: 1.5 }],
    ['after_seq', 'conv_1', { afterSeq: -1 }],
    ['before_seq', 'conv_1', { beforeSeq: '9' }],
    ['afterSeq', 'conv_1', { beforeSeq: 9, afterSeq: 1 }],
    ['aroundMessageId', 'conv_1', { afterSeq: 1, aroundMessageId: 'msg_1' }],
    ['after', 'conv_1', { after: 1 }],
    ['options', 'conv_1', null],
  ])('names %s before anything is sent: %j, %j', async (field, conversationId, options) => {
    const { client, seen } = setUp([json([])]);
    expect((await refused(client.getMessages(conversationId as string, options as object))).field).toBe(
      field,
    );
    expect(seen).toHaveLength(0);
  });

  it.each([[{}], [null], ['x']])('does not take %j for a page', async (body) => {
    await expect(setUp([json(body)]).client.getMessages('conv_1')).rejects.toBeInstanceOf(ProtocolError);
  });

  it('takes the options of a call with its own, and apart', async () => {
    for (const call of [
      (client: AgentChatClient) => client.getMessages('conv_1', { afterSeq: 1, timeoutMs: 50 }),
      (client: AgentChatClient) => client.getMessages('conv_1', { afterSeq: 1 }, { timeoutMs: 50 }),
      (client: AgentChatClient) => client.getMessages('conv_1', { timeoutMs: 5_000 }, { timeoutMs: 50 }),
    ]) {
      const { client, clock, settle } = setUp([silence], { retry: { maxRetries: 0 } });
      await expect(settle(call(client))).rejects.toMatchObject({ code: 'TIMEOUT' });
      expect(clock.now()).toBe(50);
    }
    const { client } = setUp([json([])]);
    const signal = AbortSignal.abort('gone');
    await expect(client.getMessages('conv_1', { signal })).rejects.toMatchObject({
      code: 'ABORTED',
      cause: 'gone',
    });
  });
});

describe('sync', () => {
  const row = { id: 'msg_1', conversation_id: 'conv_1', delivery_id: 'del_1', seq: 1, brand_new: true };

  it('asks for a page and passes rows on as they are, bad ones included', async () => {
    const page = [row, { nonsense: 1 }, null, 'x'];
    const { client, seen } = setUp([json(page)]);
    expect(await client.sync({ limit: 500, after: 'del_0' })).toEqual(page);
    expect(seen[0]?.url).toBe('https://api.agentchat.me/v1/messages/sync?limit=500&after=del_0');
    await client.sync();
    expect(seen[1]?.url).toBe('https://api.agentchat.me/v1/messages/sync');
  });

  it('takes a cursor that is a number, and more rows than there can be for the most', async () => {
    const { client, seen } = setUp([json([row])]);
    await client.sync({ limit: 5_000, after: 17 });
    expect(seen[0]?.url).toBe('https://api.agentchat.me/v1/messages/sync?limit=500&after=17');
  });

  it('reads the shapes of older servers', async () => {
    const { delivery_id, ...message } = row;
    for (const body of [
      { envelopes: [{ delivery_id: 17, message }] },
      { messages: [{ delivery_id, message }], has_more: false },
    ]) {
      const [first] = await setUp([json(body)]).client.sync();
      expect(first).toMatchObject({ id: 'msg_1', seq: 1, delivery_id: expect.any(String) });
    }
  });

  it.each([[{}], [{ rows: [] }], [null], ['x'], [7]])('never takes %j for an empty queue', async (body) => {
    await expect(setUp([json(body)]).client.sync()).rejects.toBeInstanceOf(ProtocolError);
  });

  it('never takes an empty body for an empty queue', async () => {
    await expect(setUp([() => new Response('')]).client.sync()).rejects.toBeInstanceOf(ProtocolError);
    await expect(setUp([json(null, 204)]).client.sync()).rejects.toBeInstanceOf(ProtocolError);
  });

  it.each<[string, object]>([
    ['limit', { limit: 0 }],
    ['limit', { limit: 1.5 }],
    ['after', { after: '' }],
    ['after', { after: 1.5 }],
    ['since', { since: 'x' }],
  ])('names %s before anything is sent', async (field, options) => {
    const { client, seen } = setUp([json([])]);
    expect((await refused(client.sync(options))).field).toBe(field);
    expect(seen).toHaveLength(0);
  });

  it.each([
    [{}, {}],
    [{ timeoutMs: 0 }, {}],
    [{ timeoutMs: Number.POSITIVE_INFINITY }, {}],
    [{}, { timeoutMs: 0 }],
  ])('always ends, whatever the limits say: %j, %j', async (clientOptions, callOptions) => {
    for (const method of ['sync', 'ack'] as const) {
      const { client, clock, settle } = setUp([silence], { retry: { maxRetries: 0 }, ...clientOptions });
      const call: Promise<unknown> =
        method === 'sync' ? client.sync(callOptions) : client.syncAck('del_1', callOptions);
      await expect(settle(call)).rejects.toMatchObject({ code: 'TIMEOUT' });
      expect(clock.now()).toBe(30_000);
    }
  });

  it('is repeated, and so is its acknowledgement', async () => {
    const { client, settle, seen } = setUp([networkFailure(), json([])]);
    expect(await settle(client.sync())).toEqual([]);
    expect(seen).toHaveLength(2);
    const acking = setUp([networkFailure(), refusal(502, 'X'), json({ acked: 3 })]);
    expect(await acking.settle(acking.client.syncAck('del_9'))).toEqual({ acked: 3 });
    expect(acking.bodies()).toEqual([1, 2, 3].map(() => ({ last_delivery_id: 'del_9' })));
  });

  it('takes an acknowledgement whose answer does not say how many', async () => {
    for (const step of [json({ ok: true }), json({ acked: -1 }), json([]), json(null, 204)]) {
      expect(await setUp([step]).client.syncAck('del_1')).toEqual({ acked: 0 });
    }
  });

  it.each(['', ' ', undefined, 7])('refuses to acknowledge %j', async (cursor) => {
    const { client, seen } = setUp([json({ acked: 0 })]);
    expect((await refused(client.syncAck(cursor as string))).field).toBe('lastDeliveryId');
    expect(seen).toHaveLength(0);
  });
});

describe('listConversations', () => {
  it('asks for a page', async () => {
    const { client, seen } = setUp([json([{ id: 'conv_1', new_field: 1 }])]);
    expect(await client.listConversations({ limit: 10, offset: 20 })).toEqual([
      { id: 'conv_1', new_field: 1 },
    ]);
    expect(seen[0]?.url).toBe('https://api.agentchat.me/v1/conversations?limit=10&offset=20');
    await expect(setUp([json({})]).client.listConversations()).rejects.toBeInstanceOf(ProtocolError);
    expect((await refused(client.listConversations({ page: 1 } as never))).field).toBe('page');
  });
});

describe('listMutes', () => {
  const mute = { target_kind: 'agent', target_id: 'agt_1', muted_until: null, new_field: 1 };

  it('asks for all, or for those of a kind', async () => {
    const { client, seen } = setUp([json({ mutes: [mute], next_cursor: null }), json({ mutes: [] })]);
    expect(await client.listMutes()).toEqual({ mutes: [mute], next_cursor: null });
    expect(await client.listMutes({ kind: 'conversation' })).toEqual({ mutes: [] });
    expect(seen.map(({ url }) => url)).toEqual([
      'https://api.agentchat.me/v1/mutes',
      'https://api.agentchat.me/v1/mutes?kind=conversation',
    ]);
    expect((await refused(client.listMutes({ type: 'agent' } as never))).field).toBe('type');
  });

  it('reads a list without its envelope', async () => {
    expect(await setUp([json([mute])]).client.listMutes()).toEqual({ mutes: [mute] });
  });

  it.each([null, {}, 'none', { mutes: null }, { mutes: {} }])(
    'never takes %j for "nothing is muted"',
    async (body) => {
      await expect(setUp([json(body)]).client.listMutes()).rejects.toBeInstanceOf(ProtocolError);
    },
  );
});

describe('listGroupInvites', () => {
  it('reads what waits for an answer', async () => {
    const invitation = { id: 'gri_1', group_id: 'grp_1', new_field: 1 };
    const { client, seen } = setUp([json([invitation])]);
    expect(await client.listGroupInvites({ timeoutMs: 5_000 })).toEqual([invitation]);
    expect(seen[0]).toMatchObject({ method: 'GET', url: 'https://api.agentchat.me/v1/groups/invites' });
  });

  it.each([null, {}, 'none'])('never takes %j for "nobody has invited you"', async (body) => {
    await expect(setUp([json(body)]).client.listGroupInvites()).rejects.toBeInstanceOf(ProtocolError);
  });

  it('is repeated after a failure that passes, and not where there is no such list', async () => {
    const { client, seen, settle } = setUp([
      refusal(503, 'INTERNAL_ERROR'),
      json([]),
      refusal(501, 'NOT_IMPLEMENTED'),
    ]);
    expect(await settle(client.listGroupInvites())).toEqual([]);
    await expect(settle(client.listGroupInvites())).rejects.toMatchObject({ status: 501 });
    expect(seen).toHaveLength(3);
  });
});

describe('register and verify', () => {
  const agent = { handle: 'my-agent', created_at: '2026-11-21T12:00:00.000Z' };

  it('need no key, and lead to a client that has one', async () => {
    vi.stubEnv('AGENTCHAT_API_KEY', 'ac_live_of_somebody_else');
    const { fetch, seen } = scriptedFetch(
      json({ pending_id: 'pnd_1', message: 'sent' }),
      json({ agent, api_key: 'ac_live_new_key' }, 201),
      json({ handle: 'my-agent' }),
    );
    const options = { baseUrl: 'ws://127.0.0.1:9/', fetch };
    const pending = await AgentChatClient.register({ email: 'a@b.c', handle: '@My-Agent', ...options });
    expect(pending).toEqual({ pending_id: 'pnd_1', message: 'sent' });
    const verified = await AgentChatClient.verify('pnd_1', ' 123456\n', options);
    expect(verified).toMatchObject({ agent, apiKey: 'ac_live_new_key' });
    await verified.client.getMe();
    expect(seen.map(({ url, body }) => [url, body === undefined ? undefined : JSON.parse(body)])).toEqual([
      ['http://127.0.0.1:9/v1/register', { email: 'a@b.c', handle: 'my-agent' }],
      ['http://127.0.0.1:9/v1/register/verify', { pending_id: 'pnd_1', code: '123456' }],
      ['http://127.0.0.1:9/v1/agents/me', undefined],
    ]);
    expect(seen.map(({ headers }) => headers.Authorization)).toEqual([
      undefined,
      undefined,
      'Bearer ac_live_new_key',
    ]);
  });

  it.each<[string, Step]>([
    ['a failure of the network', networkFailure()],
    ['500', refusal(500, 'INTERNAL_ERROR')],
    ['503 with a hint', refusal(503, 'INTERNAL_ERROR', { 'retry-after': '0' })],
    ['429', refusal(429, 'OTP_COOLDOWN', { 'retry-after': '1' })],
    ['a cut body', () => new Response('{', { headers: { 'content-type': 'application/json' } })],
  ])('are never repeated: %s', async (_, step) => {
    for (const idempotencyKey of [undefined, 'key-0001']) {
      const { fetch, seen } = scriptedFetch(step);
      const more = { fetch, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) };
      await expect(
        AgentChatClient.register({ email: 'a@b.c', handle: 'my-agent', ...more }),
      ).rejects.toBeInstanceOf(AgentChatClientError);
      await expect(AgentChatClient.verify('pnd_1', '123456', more)).rejects.toBeInstanceOf(
        AgentChatClientError,
      );
      expect(seen).toHaveLength(2);
    }
  });

  it.each<[string, object]>([
    ['email', { handle: 'my-agent' }],
    ['handle', { email: 'a@b.c', handle: 'x' }],
    ['handle', { email: 'a@b.c', handle: 'double--hyphen' }],
    ['handle', { email: 'a@b.c' }],
    ['display_name', { email: 'a@b.c', handle: 'my-agent', display_name: null }],
    ['apiKey', { email: 'a@b.c', handle: 'my-agent', apiKey: 'ac_live_test_key' }],
    ['displayName', { email: 'a@b.c', handle: 'my-agent', displayName: 'x' }],
  ])('name %s before anything is sent: %j', async (field, options) => {
    const { fetch, seen } = scriptedFetch(json({}));
    expect((await refused(AgentChatClient.register({ ...options, fetch } as never))).field).toBe(field);
    expect(seen).toHaveLength(0);
  });

  it.each<[string, unknown, unknown]>([
    ['pending_id', '', '123456'],
    ['code', 'pnd_1', '12345'],
    ['code', 'pnd_1', 'abcdef'],
    ['code', 'pnd_1', 123_456],
  ])('name %s of a verification: %j, %j', async (field, pendingId, code) => {
    const { fetch, seen } = scriptedFetch(json({}));
    expect(
      (await refused(AgentChatClient.verify(pendingId as string, code as string, { fetch }))).field,
    ).toBe(field);
    expect(seen).toHaveLength(0);
  });

  it('can be aborted', async () => {
    const signal = AbortSignal.abort('gone');
    const { fetch } = scriptedFetch(json({}));
    await expect(
      AgentChatClient.register({ email: 'a@b.c', handle: 'my-agent', fetch, signal }),
    ).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

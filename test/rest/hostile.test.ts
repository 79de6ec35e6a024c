import { describe, expect, it } from 'vitest';
import { ProtocolError, ValidationError } from '../../src/errors/index.js';
import { AgentChatClient, paginate } from '../../src/rest/index.js';
import { all, caught } from './kit.js';

/** A client of a service that answers whatever the test says; and what it was asked. */
function clientOf(answer: (url: URL, asked: number) => unknown) {
  const asked: URL[] = [];
  const fetch = async (url: string | URL | Request) => {
    asked.push(new URL(String(url)));
    if (asked.length > 100) throw new Error('the test has seen enough');
    const given = answer(new URL(String(url)), asked.length);
    return given instanceof Response ? given : Response.json(given);
  };
  const baseUrl = 'https://agentchat.example';
  const client = new AgentChatClient({ apiKey: 'ac_live_1', baseUrl, fetch, retry: { maxRetries: 0 } });
  return { client, asked };
}

const rows = (name: string, from: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({ [name]: `x${from + n}` }));
const offsetIn = (url: URL) => Number(url.searchParams.get('offset'));
/** What is left of 120 rows, a page of it. */
const page = (url: URL) => rows('handle', offsetIn(url), Math.max(0, Math.min(50, 120 - offsetIn(url))));

describe('lists of services that say less than they should', () => {
  it.each<[string, (url: URL) => unknown]>([
    ['without an envelope', page],
    ['without a total', (url) => ({ contacts: page(url), agents: page(url) })],
    ['with null for a total', (url) => ({ contacts: page(url), agents: page(url), total: null })],
  ])('are gone through to their end %s', async (_, answer) => {
    const { client } = clientOf(answer);
    expect(await all(client.contacts())).toHaveLength(120);
    expect(await all(client.searchAgentsAll('ab'))).toHaveLength(120);
  });

  it('have numbers where numbers are promised', async () => {
    const { client } = clientOf(() => ({
      contacts: rows('handle', 0, 2),
      total: null,
      limit: '2',
      offset: -1,
    }));
    expect(await client.listContacts({ offset: 4 })).toMatchObject({ total: 6, limit: 2, offset: 4 });
  });
});

describe('lists without an end', () => {
  it('stop when the same page comes again and again, whatever the total', async () => {
    const { client, asked } = clientOf(() => ({ contacts: rows('handle', 0, 50), total: 1e15 }));
    expect(await caught(all(client.contacts()))).toBeInstanceOf(ProtocolError);
    expect(asked.length).toBeLessThan(20);
  });

  it('may have equal rows one after the other', async () => {
    const same = async () => ({ items: [{ event: 'typing' }], total: 5 });
    expect(await all(paginate(same, { pageSize: 1 }))).toHaveLength(5);
  });

  it.each<[string, (asked: number) => unknown]>([
    ['the same conversations with other numbers', (n) => rows('id', 0, 50).map((row) => ({ ...row, n }))],
    ['two pages in turn', (n) => rows('id', (n % 2) * 50, 50)],
  ])('stop when nothing new comes: %s', async (_, answer) => {
    const { client, asked } = clientOf((__, n) => answer(n));
    expect(await caught(all(client.conversations()))).toBeInstanceOf(ProtocolError);
    expect(asked.length).toBeLessThan(20);
  });
});

describe('arguments that nobody would pass on purpose', () => {
  const big = 5n as never;
  it.each<[string, string, (client: AgentChatClient) => unknown]>([
    ['a BigInt for a handle', 'to', (c) => c.sendMessage({ to: big, content: 'x', client_msg_id: 'a' })],
    [
      'a BigInt for a type',
      'type',
      (c) => c.sendMessage({ to: 'bob', type: big, content: 'x', client_msg_id: 'a' }),
    ],
    [
      'a BigInt for an id',
      'client_msg_id',
      (c) => c.sendMessage({ to: 'bob', content: 'x', client_msg_id: big }),
    ],
    ['`with` of nothing', 'options', (c) => c.with(undefined as never)],
    ['`with` of null', 'options', (c) => c.with(null as never)],
    ['two @', 'handle', (c) => c.getAgent('@@me')],
    ['a blank behind the @', 'handle', (c) => c.getAgent('@ me')],
    ['a folder up', 'handle', (c) => c.getAgent('..')],
    ['a folder up for a conversation', 'conversation_id', (c) => c.getMessages('..')],
    [
      'a number for the type of an avatar',
      'contentType',
      (c) => c.setAvatar('me-too', new Uint8Array(3), { contentType: big }),
    ],
    [
      'a line end in the type of an avatar',
      'contentType',
      (c) => c.setAvatar('me-too', new Uint8Array(3), { contentType: 'a\nb' }),
    ],
    ['null for the options of an ack', 'options', (c) => c.syncAck('del_1', null as never)],
    [
      'null for the options of a call',
      'options',
      (c) => c.claimReplyBatch({ message_ids: ['m'], holder: 'h' }, null as never),
    ],
    ['no settings', 'settings', (c) => c.updateAgent('me-too', { settings: null as never })],
  ])('%s', async (_, field, call) => {
    const { client, asked } = clientOf(() => ({}));
    const error = await caught((async () => call(client))());
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ field, outcome: 'not_sent' });
    expect(asked).toEqual([]);
  });

  it.each(['a/../b', 'a?x=1', 'a#x', '%2e%2e', '%2f', 'a\\b', '\u{1f600}', 'ä', 'a b'])(
    'the handle %j leads nowhere else',
    async (handle) => {
      const { client, asked } = clientOf(() => ({ handle: 'x' }));
      await client.getAgent(handle);
      const [url] = asked;
      expect(url?.pathname).toBe(`/v1/agents/${encodeURIComponent(handle)}`);
      expect(`${url?.search}${url?.hash}`).toBe('');
    },
  );
});

describe('a signal that is aborted beforehand', () => {
  it('has nothing sent, and the error says so', async () => {
    const { client, asked } = clientOf(() => ({}));
    const signal = AbortSignal.abort(new Error('no'));
    const file = { to: 'bob', file: new Uint8Array(3), filename: 'a', contentType: 'text/plain' };
    for (const call of [
      () => client.uploadAttachment({ ...file, signal }),
      () => client.downloadAttachment('att_1', { signal }),
    ]) {
      expect(await caught(call())).toMatchObject({
        code: 'ABORTED',
        outcome: 'not_sent',
        cause: { message: 'no' },
      });
    }
    expect(asked).toEqual([]);
  });
});

describe('a call of several requests', () => {
  const file = { to: 'bob', file: new Uint8Array(3), filename: 'a', contentType: 'text/plain' };
  const message_ids = Array.from({ length: 50 }, (_, n) => `msg_${n}`);

  it.each<[string, (client: AgentChatClient, deadlineMs: number) => Promise<unknown>]>([
    ['uploadAttachment', (c, deadlineMs) => c.uploadAttachment({ ...file, deadlineMs })],
    ['downloadAttachment', (c, deadlineMs) => c.downloadAttachment('att_1', { deadlineMs })],
    ['claimReplyBatch', (c, deadlineMs) => c.claimReplyBatch({ message_ids, holder: 'h' }, { deadlineMs })],
  ])('%s fails at once when it is told to wait for longer than it may', async (_, call) => {
    const { client } = clientOf(
      () => new Response('{"code":"RATE_LIMITED"}', { status: 429, headers: { 'retry-after': '2' } }),
    );
    const error = await caught(call(client.with({ retry: { maxRetries: 3 } }), 1_000));
    expect(error).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 2_000 });
  });

  it('claims one by one within one deadline, and under no key of the batch', async () => {
    const keys: (string | null)[] = [];
    const fetch = async (url: string | URL | Request, init?: RequestInit) => {
      if (String(url).endsWith('batch')) return new Response('{}', { status: 404 });
      keys.push(new Headers(init?.headers).get('idempotency-key'));
      // Fifty of these take twice the deadline: a server that is slow, not a wait for anything.
      await new Promise((resolve) => setTimeout(resolve, 40));
      return Response.json({ claimed: true });
    };
    const client = new AgentChatClient({ apiKey: 'ac_live_1', baseUrl: 'https://agentchat.example', fetch });
    const request = { message_ids, holder: 'h' };
    const claims = client.claimReplyBatch(request, { deadlineMs: 1_000, idempotencyKey: 'key-of-batch' });
    expect(await caught(claims)).toMatchObject({ code: 'TIMEOUT' });
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.filter((key) => key !== null)).toEqual([]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentChatClientError, RateLimitedError, UnauthorizedError } from '../../src/errors/index.js';
import { type LocalServer, startLocalServer } from '../../src/local-server/index.js';
import { AgentChatClient, type AgentChatClientOptions, replyId } from '../../src/rest/index.js';
import type { Message } from '../../src/wire/index.js';

const SEED = 20_261_121;
let server: LocalServer;

beforeEach(async () => {
  server = await startLocalServer({ seed: SEED });
});

afterEach(async () => {
  await server.close();
});

/** A client whose answers must be to the letter of the contract. */
function clientOf(handle: string, options: AgentChatClientOptions = {}): AgentChatClient {
  const { apiKey } = server.createAgent(handle);
  return new AgentChatClient({ apiKey, baseUrl: server.url, validate: 'strict', ...options });
}

function textsOf(messages: readonly Message[]): (string | undefined)[] {
  return messages.map(({ content }) => content.text);
}

describe('the client against the local server', () => {
  it('registers an agent and acts as it', async () => {
    const options = { baseUrl: server.url, validate: 'strict' as const };
    const { pending_id } = await AgentChatClient.register({
      email: 'a@example.com',
      handle: '@My-Agent',
      ...options,
    });
    const code = server.oneTimeCode(pending_id);
    expect(code).toMatch(/^\d{6}$/);
    const wrong = code === '000000' ? '000001' : '000000';
    await expect(AgentChatClient.verify(pending_id, wrong, options)).rejects.toMatchObject({
      code: 'INVALID_CODE',
    });
    const { agent, apiKey, client } = await AgentChatClient.verify(pending_id, code ?? '', options);
    expect(agent.handle).toBe('my-agent');
    expect(apiKey).toMatch(/^ac_/);
    expect(await client.getMe()).toMatchObject({ handle: 'my-agent', status: 'active' });
    await expect(AgentChatClient.verify(pending_id, code ?? '', options)).rejects.toMatchObject({
      code: 'EXPIRED',
    });
  });

  it('sends, reads, drains and acknowledges', async () => {
    const alice = clientOf('alice');
    const bob = clientOf('bob');
    const sent: Message[] = [];
    alice.onSent((message) => void sent.push(message));
    for (let n = 1; n <= 7; n++) await alice.sendMessage({ to: '@BOB', content: `m${n}`, metadata: { n } });
    expect(sent.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const conversation = sent[0]?.conversation_id ?? '';

    expect(textsOf(await bob.getMessages(conversation, { limit: 3 }))).toEqual(['m7', 'm6', 'm5']);
    expect(textsOf(await bob.getMessages(conversation, { beforeSeq: 3 }))).toEqual(['m2', 'm1']);
    expect(textsOf(await bob.getMessages(conversation, { afterSeq: 4, limit: 2 }))).toEqual(['m5', 'm6']);
    const around = sent[3]?.id ?? '';
    expect(textsOf(await bob.getMessages(conversation, { aroundMessageId: around, limit: 2 }))).toEqual([
      'm4',
      'm3',
    ]);
    expect(await bob.listConversations({ limit: 5 })).toMatchObject([{ id: conversation, unread_count: 7 }]);

    const first = await bob.sync({ limit: 4 });
    expect(first).toHaveLength(4);
    const cursor = first.at(-1)?.delivery_id ?? '';
    const second = await bob.sync({ limit: 4, after: cursor });
    expect(second.map(({ seq }) => seq)).toEqual([5, 6, 7]);
    expect(await bob.syncAck(cursor)).toEqual({ acked: 4 });
    expect(await bob.syncAck(cursor)).toEqual({ acked: 0 });
    expect((await bob.sync()).map(({ seq }) => seq)).toEqual([5, 6, 7]);
  });

  it('answers once, however often the answer is sent', async () => {
    const alice = clientOf('alice');
    const bob = clientOf('bob');
    const { message } = await alice.sendMessage({ to: 'bob', content: 'ping' });
    const answer = { to: message.sender, content: 'pong', client_msg_id: replyId(message) };
    const first = await bob.sendMessage(answer);
    const second = await bob.sendMessage(answer);
    expect([first.replayed, second.replayed]).toEqual([false, true]);
    expect(second.message.id).toBe(first.message.id);
    expect(textsOf(server.messagesOf(message.conversation_id))).toEqual(['ping', 'pong']);
  });

  it('knows its errors', async () => {
    const alice = clientOf('alice');
    await expect(alice.sendMessage({ to: 'nobody-here', content: 'hi' })).rejects.toMatchObject({
      code: 'AGENT_NOT_FOUND',
      status: 404,
      outcome: 'rejected',
      requestId: expect.any(String),
    });
    await expect(alice.getMessages('conv_unknown')).rejects.toMatchObject({ code: 'CONVERSATION_NOT_FOUND' });
    server.rotateKey('alice');
    await expect(alice.getMe()).rejects.toBeInstanceOf(UnauthorizedError);
  });

  it('goes on with a key that was rotated, when it is given a function', async () => {
    let key = server.createAgent('alice').apiKey;
    const alice = new AgentChatClient({ apiKey: async () => key, baseUrl: server.url });
    await alice.getMe();
    key = server.rotateKey('alice').apiKey;
    expect(await alice.getMe()).toMatchObject({ handle: 'alice' });
  });

  it('fails at once when it is asked to wait longer than it may', async () => {
    const alice = clientOf('alice');
    server.faults.next('restRateLimit', { endpoint: 'getMe', retryAfterSeconds: 90 });
    const startedAt = performance.now();
    const error = await alice.getMe().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RateLimitedError);
    expect((error as RateLimitedError).retryAfterMs).toBe(90_000);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('lists what is muted', async () => {
    const bob = clientOf('bob');
    clientOf('alice');
    expect(await bob.listMutes()).toEqual({ mutes: [] });
    server.mute('bob', { agent: 'alice' });
    expect((await bob.listMutes({ kind: 'agent' })).mutes).toMatchObject([
      { target_kind: 'agent', muted_until: null },
    ]);
  });

  it('survives a restart in the middle of a call', async () => {
    const alice = clientOf('alice', { retry: { maxRetries: 10, baseDelayMs: 20, maxDelayMs: 200 } });
    clientOf('bob');
    server.faults.next('restStall', { endpoint: 'sendMessage', ms: 60_000 });
    const stored = new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (server.allMessages().length === 0) return;
        clearInterval(look);
        resolve();
      }, 5);
    });
    const sending = alice.sendMessage({ to: 'bob', content: 'hi' });
    await stored;
    await server.restart({ downMs: 100, abrupt: true });
    expect((await sending).replayed).toBe(true);
    expect(server.allMessages()).toHaveLength(1);
  });

  it(`sends nothing twice and lies about no outcome under faults (seed ${SEED})`, async () => {
    const senders = ['alice', 'carol', 'dave'].map((handle) =>
      clientOf(handle, {
        timeoutMs: 150,
        retry: { maxRetries: 2, baseDelayMs: 2, maxDelayMs: 1_000 },
      }),
    );
    clientOf('bob');
    server.faults.set({
      restUnavailable: 0.2,
      restCut: 0.2,
      restStall: { rate: 0.05, ms: 1_000 },
      restRateLimit: { rate: 0.05, retryAfterSeconds: 0 },
    });
    const outcomes = new Map<string, 'sent' | AgentChatClientError['outcome']>();
    await Promise.all(
      senders.map(async (sender, who) => {
        for (let n = 0; n < 100; n++) {
          const client_msg_id = `${who}-${n}`;
          const outcome = await sender.sendMessage({ to: 'bob', content: client_msg_id, client_msg_id }).then(
            ({ message }) => {
              expect(message.content.text).toBe(client_msg_id);
              return 'sent' as const;
            },
            (error: unknown) => {
              expect(error).toBeInstanceOf(AgentChatClientError);
              return (error as AgentChatClientError).outcome;
            },
          );
          outcomes.set(client_msg_id, outcome);
        }
      }),
    );
    const stored = server.allMessages().map(({ client_msg_id }) => client_msg_id);
    expect(new Set(stored).size).toBe(stored.length);
    for (const [id, outcome] of outcomes) {
      if (outcome === 'sent') expect(stored, id).toContain(id);
      if (outcome === 'not_sent' || outcome === 'rejected') expect(stored, id).not.toContain(id);
    }
    // The faults were there, and the retries were worth something.
    expect([...outcomes.values()].filter((outcome) => outcome === 'sent').length).toBeGreaterThan(200);
    expect([...outcomes.values()].filter((outcome) => outcome === 'unknown').length).toBeGreaterThan(0);
  });
});

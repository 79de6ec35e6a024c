import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ValidationError } from '../../src/errors/index.js';
import { AgentChatClient } from '../../src/rest/index.js';
import type { Message } from '../../src/wire/index.js';
import { onStage } from './kit.js';

const KEY = 'ac_live_a_key_that_nobody_may_see';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('with', () => {
  it('changes the defaults that it names, and no other', () =>
    onStage({}, async ({ client }) => {
      const urls: string[] = [];
      const alice = client('alice', {
        hooks: { onRequest: ({ url }) => void urls.push(url) },
        timeoutMs: 1_234,
      });
      const patient = alice.with({ timeoutMs: 60_000 });
      expect(patient).toBeInstanceOf(AgentChatClient);
      expect([alice.transport.timeoutMs, patient.transport.timeoutMs]).toEqual([1_234, 60_000]);
      // What is undefined is not named.
      expect(patient.with({ timeoutMs: undefined }).transport.timeoutMs).toBe(60_000);
      expect((await patient.getMe()).handle).toBe('alice');
      expect(urls).toHaveLength(1);
      await patient.with({ hooks: {} }).getMe();
      expect(urls).toHaveLength(1);
    }));

  it('keeps the key, wherever it came from', () =>
    onStage({}, async ({ server }) => {
      vi.stubEnv('AGENTCHAT_API_KEY', server.createAgent('alice').apiKey);
      vi.stubEnv('AGENTCHAT_BASE_URL', server.url);
      const alice = new AgentChatClient();
      vi.stubEnv('AGENTCHAT_API_KEY', server.createAgent('bob').apiKey);
      expect((await alice.with({ timeoutMs: 5_000 }).getMe()).handle).toBe('alice');
    }));

  it('has the sends of both told to the listeners of both', () =>
    onStage({}, async ({ client }) => {
      client('bob');
      const alice = client('alice');
      const heard: [string, string | undefined][] = [];
      const listen = (name: string) => (message: Message) => void heard.push([name, message.content.text]);
      alice.onSent(listen('alice'));
      const derived = alice.with({ timeoutMs: 5_000 });
      const off = derived.onSent(listen('derived'));
      await derived.sendMessage({ to: 'bob', content: 'one' });
      off();
      await alice.sendMessage({ to: 'bob', content: 'two' });
      expect(heard).toEqual([
        ['alice', 'one'],
        ['derived', 'one'],
        ['alice', 'two'],
      ]);
    }));

  it.each<[string, object, string]>([
    ['another key', { apiKey: 'ac_live_other_key' }, 'apiKey'],
    ['a misspelt option', { timeout: 5 }, 'timeout'],
    ['an odd value', { timeoutMs: -1 }, 'timeoutMs'],
  ])('refuses %s', (_, options, field) => {
    const client = new AgentChatClient({ apiKey: KEY });
    expect(() => client.with(options)).toThrow(ValidationError);
    expect(() => client.with(options)).toThrow(expect.objectContaining({ field }));
  });

  it('shows the key nowhere', () => {
    const client = new AgentChatClient({ apiKey: KEY, clientIdentity: { name: 'x' } }).with({
      deadlineMs: 1,
    });
    const shown = [
      inspect(client, { depth: 10, showHidden: true }),
      JSON.stringify(client),
      String(client),
      Object.getOwnPropertyNames(client).join(),
    ];
    for (const text of shown) expect(text).not.toContain(KEY);
    expect(Object.keys(client)).toEqual([]);
    expect(JSON.parse(JSON.stringify(client))).toEqual({ baseUrl: client.baseUrl });
  });
});

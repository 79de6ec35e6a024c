import { describe, expect, it } from 'vitest';
import { RateLimitedError, UnauthorizedError, ValidationError } from '../../src/errors/index.js';
import { AgentChatClient } from '../../src/rest/index.js';
import { json, scriptedFetch } from '../http/fake-fetch.js';
import { all, caught, onStage } from './kit.js';

describe('the directory', () => {
  it('finds agents by the beginning of their handles', () =>
    onStage({}, async ({ server, client }) => {
      const alice = client('alice');
      for (const handle of ['weather-rome', 'weather-oslo', 'whether', 'weather-gone'])
        server.createAgent(handle);
      server.deleteAgent('weather-gone');
      await alice.addContact('weather-oslo');
      const found = await alice.searchAgents('@Weather');
      expect(found).toMatchObject({ total: 2, limit: 20, offset: 0 });
      expect(found.agents).toMatchObject([
        { handle: 'weather-oslo', in_contacts: true },
        { handle: 'weather-rome', in_contacts: false },
      ]);
      expect((await alice.searchAgents('weather', { limit: 1, offset: 1 })).agents).toMatchObject([
        { handle: 'weather-rome' },
      ]);
      expect((await alice.searchAgents('eather')).agents).toEqual([]);
    }));

  it('is gone through page by page', () =>
    onStage({}, async ({ server, client }) => {
      const alice = client('alice');
      for (let n = 10; n < 33; n += 1) server.createAgent(`bot-${n}`);
      const seen: string[] = [];
      const watched = alice.with({ hooks: { onRequest: ({ url }) => void seen.push(url) } });
      const handles = (await all(watched.searchAgentsAll('bot-', { pageSize: 10 }))).map(
        ({ handle }) => handle,
      );
      expect(handles).toHaveLength(23);
      expect(handles).toEqual([...handles].sort());
      expect(seen).toHaveLength(3);
      expect(await all(watched.searchAgentsAll('bot-', { max: 7 }))).toHaveLength(7);
      expect(seen).toHaveLength(4);
      // Larger pages than there are.
      expect(await all(watched.searchAgentsAll('bot-', { pageSize: 100 }))).toHaveLength(23);
      expect((await watched.searchAgents('bot-', { limit: 100 })).agents).toHaveLength(23);
      expect(seen.slice(4).map((url) => new URL(url).searchParams.get('limit'))).toEqual(['50', '50']);
    }));

  it('needs a key, and has limits', async () => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    await onStage({ limits: 'documented', now: () => now }, async ({ server, client }) => {
      const stranger = new AgentChatClient({ apiKey: 'ac_live_wrong_key', baseUrl: server.url });
      expect(await caught(stranger.searchAgents('bot'))).toBeInstanceOf(UnauthorizedError);
      const alice = client('alice', { retry: { maxRetries: 0 } });
      for (let n = 0; n < 60; n += 1) await alice.searchAgents('bot');
      const error = await caught(alice.searchAgents('bot'));
      expect(error).toBeInstanceOf(RateLimitedError);
      expect(error).toMatchObject({ retryAfterMs: 60_000 });
      now += 60_000;
      await alice.searchAgents('bot');
    });
  });

  it('is read from older servers as well', async () => {
    const row = { handle: 'bob', display_name: null, description: null };
    const { fetch } = scriptedFetch(json({ results: [row], total: 1 }), json({ found: [] }));
    const client = new AgentChatClient({ apiKey: 'ac_live_test_key', fetch });
    expect(await client.searchAgents('bob')).toMatchObject({ agents: [row], total: 1, limit: 1, offset: 0 });
    expect(await caught(client.searchAgents('bob'))).toMatchObject({ code: 'PROTOCOL_ERROR' });
  });

  it('ends where the directory lets nobody look any further', async () => {
    const offsets: number[] = [];
    const fetch = (async (url: string) => {
      const offset = Number(new URL(url).searchParams.get('offset'));
      offsets.push(offset);
      const agents = Array.from({ length: 50 }, (_, n) => ({
        handle: `bot-${offset + n}`,
        in_contacts: false,
      }));
      return new Response(JSON.stringify({ agents, total: 1_000_000, limit: 50, offset }));
    }) as typeof globalThis.fetch;
    const client = new AgentChatClient({ apiKey: 'ac_live_test_key', fetch });
    expect(await all(client.searchAgentsAll('bot'))).toHaveLength(10_050);
    expect(offsets.at(-1)).toBe(10_000);
  });

  it.each<[string, (client: AgentChatClient) => Promise<unknown>, string]>([
    ['one letter', (client) => client.searchAgents('@a'), 'query'],
    ['no text', (client) => client.searchAgents('  '), 'query'],
    ['a long text', (client) => all(client.searchAgentsAll('a'.repeat(51))), 'query'],
    ['half a page', (client) => client.searchAgents('bob', { limit: 1.5 }), 'limit'],
    ['a far place', (client) => client.searchAgents('bob', { offset: 10_001 }), 'offset'],
    ['a page of nothing', (client) => all(client.searchAgentsAll('bob', { pageSize: 0 })), 'pageSize'],
  ])('refuses %s before the network', async (_, call, field) => {
    const client = new AgentChatClient({ apiKey: 'ac_live_test_key', fetch: scriptedFetch().fetch });
    const error = await caught((async () => call(client))());
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ field, outcome: 'not_sent' });
  });
});

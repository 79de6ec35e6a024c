import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { accountOf } from '../../src/http/index.js';
import { RealtimeClient, type RealtimeOptions } from '../../src/realtime/index.js';
import { realtimeSettings } from '../../src/realtime/settings.js';
import { AgentChatClient } from '../../src/rest/index.js';
import { FakeSource, message } from './catchup/engine-rig.js';
import { ClientRig } from './client-rig.js';

const apiKey = 'ac_live_of_the_client';
const baseUrl = 'http://127.0.0.1:9/prefix';
const client = new AgentChatClient({ apiKey, baseUrl });

/** The key and the address that these options lead to. */
function used(options: RealtimeOptions) {
  const { connection } = realtimeSettings(options);
  return { apiKey: connection.apiKey, url: connection.url };
}

afterEach(() => vi.unstubAllEnvs());

describe('ACC-1: the socket is for the same agent, at the same place, as `client`', () => {
  it('takes both from the client, whatever the environment says', () => {
    vi.stubEnv('AGENTCHAT_API_KEY', 'ac_live_of_another');
    vi.stubEnv('AGENTCHAT_BASE_URL', 'https://elsewhere.example');
    expect(used({ client })).toEqual({ apiKey, url: 'ws://127.0.0.1:9/prefix/v1/ws' });
    expect(used({ client: client.with({ timeoutMs: 1 }) })).toMatchObject({ apiKey });
  });

  it('takes both from the environment that the client was made in', () => {
    vi.stubEnv('AGENTCHAT_API_KEY', apiKey);
    const made = new AgentChatClient({ baseUrl });
    vi.stubEnv('AGENTCHAT_API_KEY', 'ac_live_of_another');
    expect(used({ client: made })).toMatchObject({ apiKey });
  });

  it('takes the function of a client whose key is one', () => {
    const ask = () => apiKey;
    expect(used({ client: new AgentChatClient({ apiKey: ask, baseUrl }) }).apiKey).toBe(ask);
  });

  it.each<[string, RealtimeOptions]>([
    ['the same key', { apiKey: ` ${apiKey}\n` }],
    ['the same address', { baseUrl: 'ws://127.0.0.1:9/prefix/' }],
    ['a function, which cannot be compared', { apiKey: () => 'ac_live_another' }],
  ])('takes %s beside it', (_, options) => {
    expect(used({ client, ...options }).url).toBe('ws://127.0.0.1:9/prefix/v1/ws');
  });

  it.each<[string, RealtimeOptions]>([
    ['apiKey', { apiKey: 'ac_live_of_another' }],
    ['baseUrl', { baseUrl: 'https://elsewhere.example' }],
    ['baseUrl', { baseUrl: 'https://127.0.0.1:9/prefix' }],
  ])('refuses another %s than the client has, and shows no key', (field, options) => {
    const make = () => new RealtimeClient({ client, ...options });
    expect(make).toThrow(expect.objectContaining({ name: 'ValidationError', field }));
    expect(make).toThrow(/leave it out, and the client's is used/);
    expect(make).not.toThrow(/of_the_client|of_another/);
  });

  it('takes a source of your own for what it is: without an account', () => {
    expect(used({ client: new FakeSource(), apiKey: 'ac_live_mine', baseUrl })).toMatchObject({
      apiKey: 'ac_live_mine',
    });
    expect(accountOf(new FakeSource())).toBeUndefined();
  });

  it.each([
    ['inspect', inspect(client, { showHidden: true, depth: 9 })],
    ['console.dir', inspect(client, { customInspect: false, showHidden: true, depth: 9 })],
    ['JSON', JSON.stringify(client)],
    ['a spread', inspect({ ...client }, { showHidden: true })],
  ])('the key that a client lends is not in %s', (_, shown) => {
    expect(shown).not.toContain('of_the_client');
  });

  it('refuses a client in the place of the options, with the line that is meant', () => {
    expect(() => new RealtimeClient(client as object)).toThrow('new RealtimeClient({ client })');
  });
});

describe('GAP-3: what is missing is named, also where nobody listens to gaps', () => {
  it.each([
    ['without a client', { client: undefined }, /Missing in conv_a: 2 to 3, because there is no `client`/],
    ['with one', { gapGiveUpMs: 0 }, /Missing in conv_a: 2 to 3, because history did not return them/],
  ])('%s', async (_, options, said) => {
    const written = vi.spyOn(console, 'error').mockImplementation(() => {});
    const rig = new ClientRig(options, false);
    rig.source.next('getMessages', () => Promise.reject(Object.assign(new Error('no'), { status: 403 })), 9);
    rig.client.on('message.new', () => {});
    await rig.connected();
    await rig.frame(message(1), message(4));
    await rig.clock.advance(10_000);
    expect(written.mock.calls).toEqual([[expect.stringMatching(said)]]);
    expect(rig.client.explain().recentErrors).toMatchObject([{ code: 'MESSAGES_MISSING' }]);
    written.mockRestore();
  });

  it('and onSequenceGap is told instead, once', async () => {
    const gaps: unknown[] = [];
    const rig = new ClientRig({ client: undefined, onSequenceGap: (gap) => void gaps.push(gap) });
    rig.client.on('message.new', () => {});
    await rig.connected();
    await rig.frame(message(1), message(4));
    await rig.clock.advance(10_000);
    expect(gaps).toMatchObject([{ recovered: false }]);
    expect(rig.errors).toEqual([]);
  });
});

describe('explain() says who we are, and what cannot be fetched', () => {
  it('by the handle that getMe() gave', async () => {
    const rig = new ClientRig({ handle: undefined });
    Object.assign(rig.source, { getMe: () => Promise.resolve({ handle: 'Orchard-Bot' }) });
    expect(rig.client.explain().handle).toBeNull();
    await rig.connected();
    expect(rig.client.explain()).toMatchObject({ handle: 'orchard-bot', canFetch: true });
  });

  it('without a `client`', async () => {
    const rig = new ClientRig({ client: undefined });
    rig.client.on('message.new', () => {});
    await rig.connected();
    expect(rig.client.explain()).toMatchObject({ canFetch: false });
    expect(rig.client.explain().summary).toMatch(
      /^Connected and receiving, but without a `client`, so missed messages cannot be fetched; the last data/,
    );
  });
});

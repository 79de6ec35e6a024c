import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { RealtimeClient } from '../../src/realtime/index.js';
import { AgentChatClient } from '../../src/rest/index.js';

const SECRET = 'SECRETSECRETSECRETSECRETSECRETSECRET';

const VIEWS: Record<string, (client: RealtimeClient) => string> = {
  'util.inspect': (client) => inspect(client),
  'util.inspect of everything hidden': (client) => inspect(client, { showHidden: true, depth: 20 }),
  'util.inspect of its spread': (client) => inspect({ ...client }),
  'console.dir': (client) => inspect(client, { customInspect: false, showHidden: true, depth: 10 }),
  'console.dir of its spread': (client) => inspect({ ...client }, { customInspect: false, depth: 10 }),
  'JSON.stringify': (client) => JSON.stringify(client),
  'JSON.stringify of its spread': (client) => JSON.stringify({ ...client }),
  'Object.entries': (client) => inspect(Object.entries(client), { customInspect: false, depth: 10 }),
  'every property name': (client) => Reflect.ownKeys(client).map(String).join(),
  explain: (client) => inspect(client.explain(), { customInspect: false, showHidden: true, depth: 20 }),
  String: (client) => String(client),
};

describe.each([
  ['as a string', () => `ac_live_${SECRET}`],
  ['by a function', () => () => `ac_live_${SECRET}`],
])('an API key given %s', (_, source) => {
  const apiKey = source();
  const baseUrl = 'http://127.0.0.1:9';
  const own = new RealtimeClient({ apiKey, baseUrl });
  const beside = new RealtimeClient({ apiKey, baseUrl, client: new AgentChatClient({ apiKey, baseUrl }) });

  it.each(Object.entries(VIEWS))('is not in %s', (_name, view) => {
    expect(view(own)).not.toContain('SECRET');
    expect(view(beside)).not.toContain('SECRET');
  });
});

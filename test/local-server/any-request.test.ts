import { describe, expect, it } from 'vitest';
import { type EndpointKey, endpoints, pathOf } from '../../src/wire/index.js';
import { mulberry32 } from '../support/mulberry32.js';
import { agent, withServer } from './kit.js';

const REQUESTS = 700;
const HANDLES = ['anna', 'bert', 'cleo'];
const SHA = 'a'.repeat(64);

/** For each endpoint with a body, one that may be right. `$` stands for a handle, `#` for an id that came up, `!` for a new one. */
const BODIES: Partial<Record<EndpointKey, object>> = {
  register: { email: 'new@example.com', handle: 'new-agent', display_name: 'N', description: 'D' },
  verify: { pending_id: '#', code: '123456' },
  recover: { email: 'new@example.com', handle: '$' },
  recoverVerify: { pending_id: '#', code: '123456' },
  rotateKeyVerify: { pending_id: '#', code: '123456' },
  updateAgent: {
    display_name: 'N',
    description: null,
    settings: { inbox_mode: 'open', group_invite_policy: 'contacts_only' },
  },
  sendMessage: {
    to: '$',
    client_msg_id: '!',
    type: 'text',
    content: { text: 'hi @bert' },
    metadata: { reply_to: '#' },
  },
  syncAck: { last_delivery_id: '#' },
  createGroup: {
    name: 'G',
    description: 'D',
    member_handles: ['$', '$'],
    avatar_url: 'https://example.com/x',
    settings: { who_can_invite: 'admin' },
  },
  updateGroup: { name: 'H', description: null, settings: { who_can_invite: 'admin' } },
  addGroupMember: { handle: '$' },
  addContact: { handle: '$' },
  updateContactNotes: { notes: 'x' },
  reportAgent: { reason: 'x' },
  createMute: {
    target_kind: 'agent',
    target_handle: '$',
    target_id: '#',
    muted_until: '2099-01-01T00:00:00Z',
  },
  updatePresence: { status: 'busy', custom_message: 'x' },
  getPresenceBatch: { handles: ['$', '$'] },
  createUpload: { to: '$', filename: 'a.txt', content_type: 'text/plain', size: 3, sha256: SHA },
  createWebhook: {
    url: 'http://127.0.0.1:9/x',
    events: ['message.new'],
    secret: 'whsec_0123456789abcdef0123',
  },
  setWakeWebhook: { url: 'https://example.com/x', secret: 'whsec_0123456789abcdef0123' },
  setReplyActive: { session_id: 's', ttl_seconds: 5 },
  clearReplyActive: { session_id: 's' },
  claimReply: { message_id: '#', holder: 'h', defer_if_active: true },
  claimReplyBatch: { message_ids: ['#', '#'], holder: 'h' },
};

/** Values that no field expects, and some that several do. */
const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  2 ** 53,
  0.5,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '..',
  'me',
  '@@anna',
  '__proto__',
  'constructor',
  'x'.repeat(5_000),
  '2026-13-45',
  '-271821-04-20T00:00:00Z',
  '+275760-09-13T00:00:00.000Z',
  [],
  {},
  [null],
  [[]],
  { text: null },
  { __proto__: null, toString: 1 },
];
const SEARCHES = [
  '',
  '?limit=1',
  '?limit=0',
  '?limit=-1',
  '?limit=1e9',
  '?limit=99999999999999999999',
  '?offset=3',
  '?offset=9007199254740993',
  '?q=an',
  '?q=%00',
  '?q=',
  '?after=x',
  '?after=0',
  '?before_seq=1',
  '?after_seq=0&limit=1',
  '?after_seq=1&before_seq=2',
  '?around_message_id=x',
  '?kind=agent',
  '?kind=__proto__',
  '?kind=toString',
  '?__proto__=1',
  '?limit=1&limit=2',
  '?%zz',
];

/** How ids begin, by the field that holds them. */
const BEGINNINGS: Readonly<Record<string, readonly string[]>> = {
  conversation_id: ['conv_', 'grp_'],
  group_id: ['grp_'],
  invite_id: ['gri_'],
  message_id: ['msg_'],
  message_ids: ['msg_'],
  reply_to: ['msg_'],
  attachment_id: ['att_'],
  webhook_id: ['whk_'],
  pending_id: ['pnd_'],
};

class Requests {
  readonly ids: string[] = ['__proto__', 'grp_x', 'msg_x', 'conv_x'];

  constructor(readonly random: () => number) {}

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.random() * choices.length)] as T;
  }

  /** An id that came up, mostly of the kind that the field wants. */
  id(field: string): string {
    const beginnings = BEGINNINGS[field] ?? [''];
    const fitting = this.ids.filter((id) => beginnings.some((beginning) => id.startsWith(beginning)));
    return this.pick(fitting.length === 0 || this.random() < 0.05 ? this.ids : fitting.slice(-6));
  }

  /** Some of the fields left out, some made odd, the others filled in. */
  value(template: unknown, field = ''): unknown {
    if (this.random() < 0.03) return this.pick(ODD);
    if (template === '$') return this.pick([...HANDLES, 'nobody', '@Anna']);
    if (template === '#') return this.id(field);
    if (template === '!') return `new-${this.random()}`;
    if (Array.isArray(template)) return template.map((each) => this.value(each, field));
    if (typeof template !== 'object' || template === null) return template;
    const kept = Object.entries(template).filter(() => this.random() < 0.85);
    return Object.fromEntries(kept.map(([name, value]) => [name, this.value(value, name)]));
  }

  body(key: EndpointKey): string {
    if (endpoints[key].body.kind === 'bytes') return this.pick(['', 'x', 'GIF89a', 'GIF89a and more']);
    const template = BODIES[key] ?? {};
    // Into a conversation instead of to an agent.
    const { to, ...others } = template as { to?: unknown };
    const other = to === undefined || this.random() < 0.5 ? template : { ...others, conversation_id: '#' };
    return this.random() < 0.02
      ? this.pick(['', '{', '[]', 'null', '"x"'])
      : JSON.stringify(this.value(other));
  }

  path(key: EndpointKey): string {
    const params = Object.fromEntries(
      [...endpoints[key].path.matchAll(/\{([a-z_]+)\}/g)].map(([, name = '']) => [
        name,
        this.random() < 0.05
          ? this.pick(['%', '\u0000', '...', '\u{1f600}', 'x'.repeat(3_000), '__proto__', 'a/b'])
          : name === 'handle'
            ? this.pick([...HANDLES, 'nobody'])
            : this.id(name),
      ]),
    );
    return (
      pathOf(endpoints[key] as { path: string }, params) + (this.random() < 0.4 ? this.pick(SEARCHES) : '')
    );
  }

  /** Remembers the ids in an answer, the latest ones mostly. */
  learn(value: unknown): void {
    if (typeof value === 'string' && /^[a-z]{2,4}_\w+$/.test(value)) {
      this.ids.push(value);
      if (this.ids.length > 400) this.ids.shift();
    } else if (typeof value === 'object' && value !== null)
      for (const each of Object.values(value)) this.learn(each);
  }
}

describe('whatever is asked', () => {
  it.each(['', 'null', '[]', '0', '"x"', '{}', '{"__proto__":1}'])(
    'is answered where the body is %j',
    (body) =>
      withServer({}, async (server) => {
        const { apiKey } = agent(server, 'anna');
        for (const endpoint of Object.values(endpoints)) {
          if (endpoint.method === 'GET') continue;
          const path = endpoint.path.replace(/\{[a-z_]+\}/g, 'bert');
          const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
          const response = await fetch(server.url + path, { method: endpoint.method, headers, body });
          expect(response.status, `${endpoint.method} ${path}`).toBeLessThan(500);
          await response.text();
        }
      }),
  );

  it.each([
    [1, 'off'],
    [2, 'off'],
    [3, 'documented'],
  ] as const)(
    'is answered with JSON and never with a fault (seed %i, limits %s)',
    { timeout: 60_000 },
    (seed, limits) =>
      withServer({ limits }, async (server) => {
        const requests = new Requests(mulberry32(seed));
        const callers = HANDLES.map((handle) => agent(server, handle));
        const keys = (Object.keys(endpoints) as EndpointKey[]).filter((key) => key !== 'deleteAgent');
        const seen = new Map<string, number>();
        await callers[0]?.call('POST', '/v1/groups', { name: 'G', member_handles: ['bert'] });
        for (let n = 0; n < REQUESTS; n += 1) {
          const key = requests.pick(keys);
          const { method } = endpoints[key];
          const path = requests.path(key);
          const body = method === 'GET' ? undefined : requests.body(key);
          const headers = {
            authorization: `Bearer ${requests.pick(callers).apiKey}`,
            'content-type': 'application/json',
            ...(requests.random() < 0.2
              ? { 'idempotency-key': requests.pick(['key-key-1', 'key-key-2', 'x', '__proto__']) }
              : {}),
          };
          const response = await fetch(server.url + path, {
            method,
            headers,
            redirect: 'manual',
            ...(body === undefined ? {} : { body }),
          });
          const text = await response.text();
          const said = `seed ${seed}, request ${n}: ${method} ${path.slice(0, 200)} ${body?.slice(0, 300)} -> ${response.status} ${text.slice(0, 200)}`;
          expect(response.status, said).toBeLessThan(500);
          if (text !== '') requests.learn(JSON.parse(text));
          else expect([204, 302], said).toContain(response.status);
          seen.set(`${key} ${Math.floor(response.status / 100)}`, n);
        }
        if (limits === 'off') expect(keys.filter((key) => seen.has(`${key} 2`)).length).toBeGreaterThan(30);
        expect((await callers[0]?.call('GET', '/v1/agents/me'))?.status).toBe(200);
      }),
  );
});

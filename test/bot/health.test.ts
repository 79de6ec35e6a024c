import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { BotHealth } from '../../src/bot/health/health.js';
import { healthEndpoint, nodeHealthHandler } from '../../src/bot/health/health-endpoint.js';

const well: BotHealth = {
  ready: true,
  notReadyBecause: null,
  connection: 'ready',
  lagMs: null,
  waiting: 0,
  runningTurns: 1,
  parked: 0,
  lastHandledAt: 1_767_225_600_000,
  stopping: false,
  store: { ok: true, error: null },
  replicas: { held: 3, live: 2, confirmedAgoMs: 40 },
  ended: null,
};
const unready: BotHealth = { ...well, ready: false, notReadyBecause: 'The store cannot be reached.' };
const ended: BotHealth = { ...unready, ended: 'The key was revoked.' };
const botOf = (health: unknown) => ({ health: () => health as BotHealth });

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

type Ask = (health: () => BotHealth, path: string, method?: string) => Promise<Response>;

const asWeb: Ask = async (health, path, method = 'GET') =>
  healthEndpoint({ health })(new Request(`http://localhost${path}`, { method }));

const onNode: Ask = async (health, path, method = 'GET') => {
  const server = createServer(nodeHealthHandler({ health }));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return fetch(`http://127.0.0.1:${port}${path}`, { method });
};

describe.each<[string, Ask]>([
  ['healthEndpoint', asWeb],
  ['nodeHealthHandler', onNode],
])('%s', (_, ask) => {
  it.each<[string, BotHealth, number, number]>([
    ['well', well, 200, 200],
    ['not ready', unready, 200, 503],
    ['stopping', { ...unready, stopping: true }, 200, 503],
    ['ended', ended, 503, 503],
  ])('a bot that is %s', async (_, health, healthz, readyz) => {
    for (const [path, status] of [
      ['/healthz', healthz],
      ['/readyz', readyz],
    ] as const) {
      const answer = await ask(() => health, path);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('content-type')).toContain('application/json');
      expect(await answer.json()).toEqual(health);
    }
  });

  it('looks at the path only', async () => {
    expect((await ask(() => well, '/healthz?from=kubelet')).status).toBe(200);
    for (const path of ['/', '/healthz/', '/x/healthz', '/Healthz', '/?/healthz']) {
      expect((await ask(() => well, path)).status).toBe(404);
    }
  });

  it('HEAD has no body, and other methods are refused', async () => {
    const head = await ask(() => unready, '/readyz', 'HEAD');
    expect(head.status).toBe(503);
    expect(await head.text()).toBe('');
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await ask(() => well, '/healthz', method);
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('GET, HEAD');
    }
  });

  it('shows no secrets, and nothing that is not known', async () => {
    const leaky = {
      ...ended,
      apiKey: 'ac_live_0123456789abcdef',
      ended: 'the key ac_live_0123456789abcdef was revoked',
      store: { ok: false, error: 'connect postgres://bot:pa/ss@w@db:5432/bot failed', password: 'hunter2' },
      notReadyBecause: 'redis://:hunter2@cache:6379 is away',
    };
    const text = await (await ask(() => leaky, '/healthz')).text();
    expect(text).not.toMatch(/0123456789|hunter2|ss@w|apiKey|password/);
    expect(text).toContain('***@db:5432');
  });

  it('a health that cannot be asked is a 503 that says why', async () => {
    const answer = await ask(() => {
      throw new Error('with ac_live_0123456789abcdef');
    }, '/healthz');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ error: 'Error: with ac_***' });
  });

  it('a bot without replicas', async () => {
    const answer = await ask(() => ({ ...well, replicas: null }), '/readyz');
    expect(await answer.json()).toMatchObject({ replicas: null });
  });
});

describe('nodeHealthHandler', () => {
  it('understands an absolute address, and a request without one', () => {
    const statusOf = (url: string | undefined) => {
      let seen = 0;
      const response = {
        writeHead: (status: number) => {
          seen = status;
        },
        end: () => {},
      };
      nodeHealthHandler(botOf(well))({ method: 'GET', url }, response);
      return seen;
    };
    expect(statusOf('http://bot.example/readyz?x')).toBe(200);
    expect(statusOf('//readyz')).toBe(404);
    expect(statusOf(undefined)).toBe(404);
  });
});

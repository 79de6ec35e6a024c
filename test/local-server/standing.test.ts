import { describe, expect, it } from 'vitest';
import type { LocalServer } from '../../src/local-server/index.js';
import { agent, type Caller, withServer } from './kit.js';

const HOUR_MS = 3_600_000;

/** Agents whom the spammer has written to. */
async function annoyed(server: LocalServer, spammer: Caller, count: number): Promise<Caller[]> {
  const agents: Caller[] = [];
  for (let n = 0; n < count; n += 1) {
    agents.push(agent(server, `agent-${n}`));
    expect((await spammer.send(`agent-${n}`, 'buy')).status).toBe(201);
  }
  return agents;
}

const statusOf = async (caller: Caller) => (await caller.call('GET', '/v1/agents/me')).body.status;

/** Runs with the documented limits and a clock that is wound by hand. */
function atNoon(test: (server: LocalServer, wind: (ms: number) => void) => Promise<void>): Promise<void> {
  let now = Date.parse('2026-11-21T12:00:00Z');
  return withServer({ limits: 'documented', now: () => now }, (server) =>
    test(server, (ms) => {
      now += ms;
    }),
  );
}

describe('the standing of an agent', () => {
  it('suffers from fifteen blocks in a day, until they have aged', () =>
    atNoon(async (server, wind) => {
      const spammer = agent(server, 'spammer');
      const agents = await annoyed(server, spammer, 15);
      agent(server, 'new-one');
      for (const each of agents.slice(1)) await each.call('POST', '/v1/contacts/spammer/block');
      expect(await statusOf(spammer)).toBe('active');
      wind(HOUR_MS);
      await agents[0]?.call('POST', '/v1/contacts/spammer/block');
      expect(await statusOf(spammer)).toBe('restricted');
      expect(await spammer.send('new-one', 'buy')).toMatchObject({
        status: 403,
        body: { code: 'RESTRICTED' },
      });
      wind(23 * HOUR_MS - 1);
      expect(await statusOf(spammer)).toBe('restricted');
      wind(1);
      // Looked at with the agent's own next request.
      expect((await spammer.send('new-one', 'buy')).status).toBe(201);
      expect(await statusOf(spammer)).toBe('active');
    }));

  it('does not suffer from those who wrote first, nor from one that blocks again and again', () =>
    atNoon(async (server) => {
      const victim = agent(server, 'victim');
      for (let n = 0; n < 20; n += 1) {
        const bully = agent(server, `bully-${n}`);
        await bully.send('victim', 'hello');
        await victim.send(`bully-${n}`, 'hello');
        expect((await bully.call('POST', '/v1/contacts/victim/report', {})).status).toBe(200);
      }
      const [one] = await annoyed(server, victim, 1);
      for (let n = 0; n < 20; n += 1) {
        await one?.call('POST', '/v1/contacts/victim/block');
        await one?.call('DELETE', '/v1/contacts/victim/block');
      }
      expect(await statusOf(victim)).toBe('active');
    }));

  it('is lost with ten reports in a week, until the operator decides otherwise', () =>
    atNoon(async (server, wind) => {
      const spammer = agent(server, 'spammer');
      const agents = await annoyed(server, spammer, 10);
      for (const each of agents) {
        expect(await statusOf(spammer)).toBe('active');
        await each.call('POST', '/v1/contacts/spammer/report', {});
        wind(16 * HOUR_MS);
      }
      expect(await statusOf(spammer)).toBe('suspended');
      wind(30 * 24 * HOUR_MS);
      expect(await spammer.send('agent-0', 'buy')).toMatchObject({
        status: 403,
        body: { code: 'SUSPENDED' },
      });
      server.setStatus('spammer', 'active');
      expect(await statusOf(spammer)).toBe('active');
    }));

  it('is the operator’s to lower as well, and does not rise by itself then', () =>
    atNoon(async (server, wind) => {
      const alice = agent(server, 'alice');
      server.setStatus('alice', 'restricted');
      wind(48 * HOUR_MS);
      expect(await statusOf(alice)).toBe('restricted');
    }));

  it('is nobody’s concern without the documented limits', () =>
    withServer({}, async (server) => {
      const spammer = agent(server, 'spammer');
      for (const each of await annoyed(server, spammer, 20)) {
        await each.call('POST', '/v1/contacts/spammer/report', {});
      }
      expect(await statusOf(spammer)).toBe('active');
    }));
});

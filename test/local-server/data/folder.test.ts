import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../src/errors/index.js';
import { TABLES } from '../../../src/local-server/data/rows/index.js';
import {
  type LocalServer,
  type LocalServerOptions,
  startLocalServer,
} from '../../../src/local-server/index.js';
import { lmdbStore } from '../../../src/stores/lmdb/index.js';
import { openLmdbDriver } from '../../../src/stores/lmdb/lmdb-driver.js';
import { ACK, Caller, connect } from '../kit.js';
import { withFolder } from './folders.js';
import { eventfulLife } from './life.js';

/** Runs a server on a folder and closes it. */
async function onFolder<T>(
  options: LocalServerOptions,
  use: (server: LocalServer) => Promise<T>,
): Promise<T> {
  const server = await startLocalServer(options);
  try {
    return await use(server);
  } finally {
    await server.close();
  }
}

/** Everything that a server knows. */
async function rowsOf(server: LocalServer, path: string): Promise<{ table: string }[]> {
  await server.exportTo(path);
  const [, ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as { table: string });
}

/** An hour until the first attempt: webhooks stay as they are while they are looked at. */
const LATER = { webhookScheduleMs: [3_600_000] };

/** The fault that a start fails with, and its message. */
async function refusal(options: LocalServerOptions): Promise<[string, string]> {
  try {
    await (await startLocalServer(options)).close();
    return ['none', ''];
  } catch (error) {
    if (error instanceof StoreError) return [error.fault, error.message];
    return [(error as Error).name, (error as Error).message];
  }
}

describe('a data folder', () => {
  it('brings everything back as it was', () =>
    withFolder(async (folder) => {
      const dataDir = join(folder, 'data');
      const file = join(folder, 'export.jsonl');
      const options = { ...LATER, dataDir, limits: 'documented' } as const;
      const { before, keys } = await onFolder(options, async (server) => {
        const keys = await eventfulLife(server);
        return { keys, before: await rowsOf(server, file) };
      });
      // Every table has something in it, or the comparison says little.
      expect([...new Set(before.map(({ table }) => table))]).toEqual(Object.keys(TABLES));
      await onFolder(options, async (server) => {
        expect(await rowsOf(server, file)).toEqual(before);
        const bob = new Caller(server, keys.bob ?? '');
        const rows = (await bob.call<{ id: string }[]>('GET', '/v1/conversations')).body;
        expect(rows.length).toBeGreaterThan(1);
      });
    }));

  it('goes on with webhooks that waited for their next attempt', () =>
    withFolder(async (dataDir) => {
      const options = { ...LATER, dataDir };
      await onFolder(options, async (server) => {
        await eventfulLife(server);
        expect(server.webhooks.trigger('alice', 'group.deleted', { number: 1 })).toHaveLength(1);
      });
      // An hour later.
      await onFolder({ ...options, now: () => Date.now() + 3_600_000 }, async (server) => {
        await server.webhooks.whenIdle();
        expect(server.webhooks.attempts().map(({ event }) => event)).toContain('group.deleted');
      });
    }));

  it('belongs to one server at a time, and to servers only', () =>
    withFolder(async (folder) => {
      const dataDir = join(folder, 'data');
      await onFolder({ dataDir }, async () => {
        const [fault, message] = await refusal({ dataDir });
        expect(fault).toBe('owned');
        expect(message).toContain('give this one another dataDir');
      });
      const path = join(folder, 'bot');
      await (await lmdbStore({ path })).close();
      expect(await refusal({ dataDir: path })).toEqual([
        'refused',
        expect.stringContaining('store of a bot'),
      ]);
    }));

  it.each([
    ['a newer version', 'local-service', '{"version":2,"secret":"s","launches":1}', 'newer', 'version 2'],
    ['a header that is none', 'local-service', 'null', 'corrupt', 'Its header'],
    [
      'a row that is none',
      'agents/alice',
      '1 {"handle":"alice","keyDigest":"secret"}',
      'corrupt',
      '"agents"',
    ],
    ['a row that is no JSON', 'blocks/alice', '1 {{', 'corrupt', '"blocks" is not JSON'],
    [
      'a row that refers to nothing',
      'memberships/x',
      `1 ${JSON.stringify({
        conversation: 'conv_1',
        agent: 'alice',
        joinedSeq: 0,
        joinedAt: '',
        role: 'member',
        hiddenThroughSeq: null,
      })}`,
      'corrupt',
      'refers to a conversation that is not there',
    ],
  ])('is refused with %s in it', (_, key, text, fault, words) =>
    withFolder(async (dataDir) => {
      await onFolder({ dataDir }, async () => undefined);
      const driver = await openLmdbDriver({ path: dataDir });
      await driver.write([{ do: 'put', key, text }]);
      await driver.close();
      const [found, message] = await refusal({ dataDir });
      expect(found).toBe(fault);
      expect(message).toContain(words);
      expect(message).not.toContain('secret');
      // It is let go: the next try finds the same.
      expect((await refusal({ dataDir }))[0]).toBe(fault);
    }),
  );

  it('is let go when the port is in use', () =>
    withFolder(async (dataDir) => {
      await onFolder({}, async ({ port }) => {
        expect((await refusal({ dataDir, port }))[1]).toContain('EADDRINUSE');
      });
      expect(await refusal({ dataDir })).toEqual(['none', '']);
    }));

  it('keeps what was done through the server object', () =>
    withFolder(async (dataDir) => {
      const apiKey = await onFolder({ dataDir }, async (server) => {
        const created = server.createAgent('dora');
        server.pause('dora', 'send');
        await server.whenSaved();
        return created.apiKey;
      });
      await onFolder({ dataDir }, async (server) => {
        const { body } = await new Caller(server, apiKey).call('GET', '/v1/agents/me');
        expect(body).toMatchObject({ handle: 'dora', paused_by_owner: 'send' });
      });
    }));

  it('pushes a message once to a socket that opens while it is being written', () =>
    withFolder(async (dataDir) => {
      await onFolder({ dataDir, agents: ['alice', 'bob'] }, async (server) => {
        const [alice, bob] = server.seeded.map(({ apiKey }) => new Caller(server, apiKey ?? ''));
        if (alice === undefined || bob === undefined) throw new Error('not seeded');
        for (let round = 0; round < 10; round += 1) {
          const sent = alice.send('bob', `round ${round}`, `round-${round}`);
          const socket = await connect(bob, ACK);
          await sent;
          await alice.send('bob', 'and another', `other-${round}`);
          const [last] = server.undelivered('bob').slice(-1);
          const ids: unknown[] = [];
          while (ids.at(-1) !== last?.id) ids.push((await socket.next()).payload?.id);
          expect(new Set(ids).size).toBe(ids.length);
          for (const id of ids) socket.send({ type: 'ack', message_id: id });
          await socket.settled();
          socket.close();
        }
      });
    }));
});

describe('an export', () => {
  it('begins another server with everything, in memory or with a folder', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'export.jsonl');
      const again = join(folder, 'again.jsonl');
      const { before, keys } = await onFolder({ ...LATER, limits: 'documented' }, async (server) => {
        const keys = await eventfulLife(server);
        return { keys, before: await rowsOf(server, file) };
      });
      const dataDir = join(folder, 'data');
      for (const options of [{ importFrom: file }, { importFrom: file, dataDir }, { dataDir }]) {
        await onFolder({ ...LATER, ...options }, async (server) => {
          expect(await rowsOf(server, again)).toEqual(before);
          const me = await new Caller(server, keys.bob ?? '').call('GET', '/v1/agents/me');
          expect(me.body.handle).toBe('bob');
        });
      }
      const [kind, message] = await refusal({ importFrom: file, dataDir });
      expect([kind, message]).toEqual([
        'ValidationError',
        expect.stringContaining('needs an empty data folder'),
      ]);
    }));

  it('with one row twice is refused, whatever row it is', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'export.jsonl');
      await onFolder(LATER, async (server) => {
        await eventfulLife(server);
        await server.exportTo(file);
      });
      const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
      // Of these the server would go on with half of each.
      for (const table of ['agents', 'conversations', 'memberships', 'messages', 'envelopes']) {
        const at = lines.findIndex((line) => line.startsWith(`{"table":"${table}"`));
        const twice = join(folder, `${table}.jsonl`);
        await writeFile(twice, [...lines.slice(0, at + 1), ...lines.slice(at)].join('\n'));
        const [kind, message] = await refusal({ importFrom: twice });
        expect([table, kind, message]).toEqual([
          table,
          'ValidationError',
          expect.stringContaining(`bad line ${at + 2}`),
        ]);
      }
    }));

  it('that is a folder is refused', () =>
    withFolder(async (folder) => {
      expect(await refusal({ importFrom: folder })).toEqual([
        'ValidationError',
        expect.stringContaining('cannot be read: EISDIR'),
      ]);
    }));

  const header = '{"format":"agentchat-local-service","version":1}';
  it.each([
    ['', 'is an empty file'],
    ['hello', 'bad line 1: it is not JSON'],
    ['{"format":"other"}', 'bad line 1: this is no export'],
    ['{"format":"agentchat-local-service","version":7}', 'bad line 1: it has version 7'],
    [`${header}\n\n{"table":"agents"`, 'bad line 3: it is not JSON'],
    [`${header}\n{"table":"toString","row":{}}`, 'bad line 2: there is no table "toString"'],
    [
      `${header}\n{"table":"blocks","row":{"blocker":"a","blocked":1,"at":""}}`,
      'bad line 2: "blocked" should be string',
    ],
    [
      `${header}\n{"table":"messages","row":{"message":{"id":"m","conversation_id":"c","sender":"a","client_msg_id":"i","seq":1,"type":"text","content":{},"created_at":""},"hiddenFor":[]}}`,
      'bad line 2: refers to a conversation that is not there',
    ],
  ])('that is %j is refused, and the line is named', (text, problem) =>
    withFolder(async (folder) => {
      const file = join(folder, 'bad.jsonl');
      await writeFile(file, text);
      const dataDir = join(folder, 'data');
      expect(await refusal({ importFrom: file, dataDir })).toEqual([
        'ValidationError',
        expect.stringContaining(problem),
      ]);
      // Nothing of it was kept.
      await onFolder({ dataDir }, async (server) => expect(server.agents).toEqual([]));
    }),
  );
});

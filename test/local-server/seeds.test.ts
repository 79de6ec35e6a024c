import { describe, expect, it } from 'vitest';
import { type LocalServerOptions, startLocalServer } from '../../src/local-server/index.js';
import { withFolder } from './data/folders.js';
import { Caller, withServer } from './kit.js';

describe('agents that are to be there', () => {
  it('are there, with their keys', () =>
    withServer(
      { agents: ['alice', { handle: '@Bob', displayName: 'Bob', apiKey: 'key-of-bob' }] },
      async (server) => {
        expect(server.seeded.map(({ handle }) => handle)).toEqual(['alice', 'bob']);
        expect(server.seeded[1]?.apiKey).toBe('key-of-bob');
        for (const { handle, apiKey } of server.seeded) {
          const { body } = await new Caller(server, apiKey ?? '').call('GET', '/v1/agents/me');
          expect(body.handle).toBe(handle);
        }
      },
    ));

  it('are created once in a data folder, and keep their keys until they change them', () =>
    withFolder(async (dataDir) => {
      const seeds = ['alice', 'bob', 'carol', { handle: 'dave', apiKey: 'key-of-dave' }];
      const keysAfter = async (use: (server: Awaited<ReturnType<typeof startLocalServer>>) => void) => {
        const server = await startLocalServer({ dataDir, agents: seeds });
        use(server);
        await server.close();
        return server.seeded.map(({ apiKey }) => apiKey);
      };
      const before = await keysAfter(() => undefined);
      expect(await keysAfter(() => undefined)).toEqual(before);
      await keysAfter((server) => {
        server.rotateKey('bob');
        server.deleteAgent('carol');
        server.rotateKey('dave');
      });
      // Who is asked for with a key has it again.
      expect(await keysAfter(() => undefined)).toEqual([before[0], null, null, 'key-of-dave']);
    }));

  it.each([
    [{ agents: 'alice' }, 'must be a list'],
    [{ agents: ['No Handle'] }, '"handle" must be a handle'],
    [{ agents: [{ handle: 'alice', key: 'x' }] }, '"key" is not known'],
    [{ agents: [{ handle: 'alice', apiKey: 'short' }] }, '"apiKey" must be 8 to 200'],
    [
      {
        agents: [
          { handle: 'alice', apiKey: 'the-same-key' },
          { handle: 'bob', apiKey: 'the-same-key' },
        ],
      },
      'is the key of another agent',
    ],
  ])('are refused as %j', async (options, problem) => {
    await expect(startLocalServer(options as unknown as LocalServerOptions)).rejects.toThrow(problem);
  });
});

describe('ids', () => {
  const ids = (options: LocalServerOptions) => {
    const run = async (server: Awaited<ReturnType<typeof startLocalServer>>) => {
      const { apiKey } = server.createAgent('alice');
      const { body } = await new Caller(server, apiKey).send('bob', 'hi');
      return [apiKey, body.id, body.conversation_id, server.seeded[0]?.apiKey];
    };
    return startLocalServer({ ...options, agents: ['bob'] }).then((server) =>
      run(server).finally(() => server.close()),
    );
  };

  it('are different in each run', async () => {
    const [one, other] = [await ids({}), await ids({})];
    for (const [at, id] of one.entries()) expect(id).not.toBe(other[at]);
  });

  it('follow from the seed on request', async () => {
    const one = await ids({ ids: 'seeded', seed: 7 });
    expect(await ids({ ids: 'seeded', seed: 7 })).toEqual(one);
    const other = await ids({ ids: 'seeded', seed: 8 });
    for (const [at, id] of one.entries()) expect(id).not.toBe(other[at]);
  });

  it('are never given out twice in a data folder', () =>
    withFolder(async (dataDir) => {
      const made = new Set<unknown>();
      for (let launch = 0; launch < 3; launch += 1) {
        const server = await startLocalServer({ dataDir, ids: 'seeded', agents: ['alice', 'bob'] });
        const alice = new Caller(server, server.seeded[0]?.apiKey ?? '');
        made.add((await alice.send('bob', 'hi', `launch-${launch}`)).body.id);
        await server.close();
      }
      expect(made.size).toBe(3);
    }));
});

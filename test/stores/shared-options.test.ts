import { describe, expect, it } from 'vitest';
import { ValidationError } from '../../src/errors/index.js';
import { loadPeer } from '../../src/stores/peer.js';
import { plainCause, secretsOf } from '../../src/stores/plain-cause.js';
import { changesByKey } from '../../src/stores/postgres/changes-by-key.js';
import { type PostgresStoreOptions, postgresStore } from '../../src/stores/postgres/index.js';
import { type RedisStoreOptions, redisStore } from '../../src/stores/redis/index.js';

const NOWHERE = 'postgres://bot:s3cret@127.0.0.1:1/db';
const pool = {
  connect: () => Promise.reject(new Error('no')),
  end: async () => {},
  on() {},
  removeListener() {},
};
const client = { isCluster: false, duplicate: () => expect.fail('not to be used') };

describe('postgresStore refuses', () => {
  it.each<[string, unknown, string]>([
    ['no options', undefined, 'postgresStore options must be an object'],
    [
      'an unknown name',
      { agent: 'a', pool, skema: 'x' },
      'unknown postgresStore option "skema"; did you mean "schema"?',
    ],
    ['no agent', { pool }, '"agent" must say whose memory it is'],
    ['an empty agent', { pool, agent: ' ' }, '"agent" must say whose memory it is'],
    ['a long agent', { pool, agent: 'x'.repeat(201) }, 'in 1 to 200 characters'],
    ['an agent with a NUL', { pool, agent: 'a\0b' }, '"agent" must say whose memory it is'],
    ['neither pool nor address', { agent: 'a' }, 'needs a "pool" of pg, or a "connectionString"'],
    ['both', { agent: 'a', pool, connectionString: NOWHERE }, 'give "pool" or "connectionString", not both'],
    ['a Client', { agent: 'a', pool: { ...pool, processID: null } }, '"pool" must be a Pool of pg'],
    ['what is no pool', { agent: 'a', pool: {} }, '"pool" must be a Pool of pg'],
    [
      'an empty address',
      { agent: 'a', connectionString: '' },
      '"connectionString" must be a non-empty string',
    ],
    [
      'a schema that is no identifier',
      { agent: 'a', pool, schema: 'x"; DROP' },
      '"schema" must be a plain identifier',
    ],
    ['an empty schema', { agent: 'a', pool, schema: '' }, '"schema" must be a plain identifier'],
    ['no way to listen', { agent: 'a', pool, listen: {} }, '"listen.connectionString" must be'],
    ['claims that cannot be', { agent: 'a', pool, claims: { leaseMs: 1 } }, '"claims.leaseMs" must be'],
  ])('%s', async (_, options, words) => {
    const opening = postgresStore(options as PostgresStoreOptions);
    await expect(opening).rejects.toBeInstanceOf(ValidationError);
    await expect(opening).rejects.toThrow(words);
    await expect(opening).rejects.not.toThrow('s3cret');
  });
});

describe('redisStore refuses', () => {
  it.each<[string, unknown, string]>([
    ['no options', undefined, 'redisStore options must be an object'],
    [
      'an unknown name',
      { agent: 'a', client, prefx: 'x' },
      'unknown redisStore option "prefx"; did you mean "prefix"?',
    ],
    ['no agent', { client }, '"agent" must say whose memory it is'],
    ['neither client nor address', { agent: 'a' }, 'needs a "client" of ioredis, or a "url"'],
    ['both', { agent: 'a', client, url: 'redis://:s3cret@h' }, 'give "client" or "url", not both'],
    [
      'a client of node-redis',
      { agent: 'a', client: { duplicate() {} } },
      'a client of node-redis will not do',
    ],
    ['an empty address', { agent: 'a', url: ' ' }, '"url" must be a non-empty string'],
    ['a prefix with braces', { agent: 'a', client, prefix: '{x}' }, '"prefix" must be 1 to 100 letters'],
    [
      'claims that cannot be',
      { agent: 'a', client, claims: { rememberMs: 0 } },
      '"claims.rememberMs" must be',
    ],
  ])('%s', async (_, options, words) => {
    const opening = redisStore(options as RedisStoreOptions);
    await expect(opening).rejects.toBeInstanceOf(ValidationError);
    await expect(opening).rejects.toThrow(words);
    await expect(opening).rejects.not.toThrow('s3cret');
  });
});

describe('a peer', () => {
  it('that is not installed is named, with the command that installs it', async () => {
    const name: string = 'a-peer-that-nobody-has';
    const loading = loadPeer('Postgres', 'pg', () => import(/* @vite-ignore */ name));
    await expect(loading).rejects.toMatchObject({ name: 'StoreError', fault: 'refused', engine: 'Postgres' });
    await expect(loading).rejects.toThrow('npm install pg');
  });

  it('that fails while it loads is not said to be missing', async () => {
    const cause = new Error('boom');
    const loading = loadPeer('Postgres', 'pg', () => Promise.reject(cause));
    await expect(loading).rejects.toMatchObject({ fault: 'refused', cause });
    await expect(loading).rejects.not.toThrow('npm install');
  });
});

describe('a driver’s error', () => {
  it('is passed on without its fields and without what is secret', () => {
    const error = Object.assign(new Error('cannot log in with s3cret'), {
      code: '28P01',
      command: { name: 'auth', args: ['s3cret'] },
      input: 'postgres://bot:s3cret@db',
    });
    const copy = plainCause(error, ['s3cret']);
    expect(copy).toMatchObject({ message: 'cannot log in with ***', code: '28P01' });
    expect(Object.getOwnPropertyNames(copy).sort()).toEqual(['code', 'message', 'name', 'stack']);
    expect(copy.stack).not.toContain('s3cret');
    expect(plainCause('thrown as it is').message).toBe('thrown as it is');
    expect(plainCause(new AggregateError([new Error('connect ECONNREFUSED ::1')], '')).message).toBe(
      'connect ECONNREFUSED ::1',
    );
  });

  it.each([
    ['postgres://bot:s3cret@db/x', ['s3cret']],
    ['postgres://bot:p%40ss@db/x', ['p%40ss', 'p@ss']],
    ['redis://:a@b:c@db', ['a@b:c']],
    ['postgres://db/x?user=bot&password=s3%20cret', ['s3%20cret', 's3 cret']],
    ['postgres://bot:100%@db', ['100%']],
    ['postgres://bot@db/x', []],
    [undefined, []],
  ])('has its secrets from the address %s', (address, secrets) => {
    expect(secretsOf(address)).toEqual(secrets);
  });
});

describe('the changes of a write, by key', () => {
  const put = (key: string, text: string, more = {}) => ({ do: 'put', key, text, ...more }) as const;

  it('come in the order of the keys, each once, and the last of a key wins', () => {
    expect(changesByKey([put('b', '1'), put('a', '1'), put('b', '2'), { do: 'delete', key: 'a' }])).toEqual([
      { do: 'delete', key: 'a' },
      put('b', '2'),
    ]);
  });

  it('keep a condition, whichever of them has it', () => {
    const check = { do: 'check', key: 'a', ifVersion: 3 } as const;
    const expected = [put('a', '1', { ifVersion: 3 })];
    expect(changesByKey([check, put('a', '1')])).toEqual(expected);
    expect(changesByKey([put('a', '1'), check])).toEqual(expected);
    expect(changesByKey([check, check])).toEqual([check]);
  });

  it('are impossible when a key would have to have two versions', () => {
    expect(changesByKey([put('a', '1', { ifVersion: null }), put('a', '2', { ifVersion: 3 })])).toBeNull();
  });

  it('extend what is put beside it', () => {
    const extend = { do: 'extend', key: 'a', ifVersion: 3, expiresInMs: 7 } as const;
    expect(changesByKey([put('a', '1'), extend])).toEqual([put('a', '1', { ifVersion: 3, expiresInMs: 7 })]);
    expect(changesByKey([{ do: 'delete', key: 'a' }, extend])).toEqual([
      { do: 'delete', key: 'a', ifVersion: 3 },
    ]);
  });
});

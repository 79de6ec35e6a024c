import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentChatClient, type CursorStore, MemoryStore, RealtimeClient, StoreError } from 'agentchat-client';
import { startLocalServer } from 'agentchat-client/local-server';
import { lmdbStore } from 'agentchat-client/stores/lmdb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Claims, type DedupeStore } from '../../src/stores/index.js';
import { storeErrorOf } from '../../src/stores/lmdb/faults.js';
import { loadPeer } from '../../src/stores/peer.js';
import { page, rowsBelow } from './pages.js';

const TROUBLE = rowsBelow(page('docs/stores.md'), '## When the store is in trouble');
const quoted = new Map(TROUBLE.flatMap((cells) => (cells.length === 4 ? [[cells[0], cells]] : [])));

async function newFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'agentchat-readme-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function failureOf(work: () => Promise<unknown>): Promise<Error & { fault?: string }> {
  try {
    await work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing failed');
}

const errno = (code: string) => storeErrorOf(Object.assign(new Error(code), { code }));

/** What happens to a store, and the error that a user sees then. */
const CASES: Record<string, () => Promise<Error & { fault?: string }>> = {
  slow: async () => new StoreError({ engine: 'Postgres', fault: 'timeout' }),
  down: async () => new StoreError({ engine: 'Redis', fault: 'unreachable' }),
  full: async () => errno('ENOSPC'),
  'read only': async () => errno('EROFS'),
  async damaged() {
    const path = await newFolder();
    await writeFile(join(path, 'data.mdb'), 'x'.repeat(10_000));
    return failureOf(() => lmdbStore({ path }));
  },
  'from a newer version': async () => new StoreError({ engine: 'LMDB', fault: 'newer' }),
  async 'owned by another process'() {
    const path = await newFolder();
    const owner = await lmdbStore({ path });
    const failure = await failureOf(() => lmdbStore({ path }));
    await owner.close();
    return Object.assign(failure, { message: failure.message.replace(path, './bot-data') });
  },
  'without its package': () =>
    failureOf(() =>
      loadPeer('LMDB', 'lmdb', () =>
        Promise.reject(Object.assign(new Error(), { code: 'ERR_MODULE_NOT_FOUND' })),
      ),
    ),
  async 'closed too early'() {
    const store = await lmdbStore({ path: await newFolder() });
    await store.close();
    return failureOf(() => store.values.get('k'));
  },
};

describe('docs/stores.md quotes what a store in trouble says', () => {
  it('has a row for each case, and no other', () => {
    expect([...quoted.keys()].filter((name) => name !== 'the store is')).toEqual(Object.keys(CASES));
  });

  it.each(Object.entries(CASES))('%s', async (name, happen) => {
    const { fault, message } = await happen();
    expect(quoted.get(name)?.slice(1, 3)).toEqual([`\`${fault}\``, message]);
  });

  const down = () => Promise.reject(new Error('down'));
  const says = (what: string) => TROUBLE.find((cells) => cells.length === 2 && cells[0] === what)?.[1];

  it.each<[string, Partial<CursorStore>]>([
    ['saving cursors', { save: down }],
    ['loading a cursor', { load: down }],
    ['listing what is unfinished', { unfinished: down }],
  ])('to onError: %s', async (what, broken) => {
    const server = await startLocalServer();
    const client = (handle: string) =>
      new AgentChatClient({ apiKey: server.createAgent(handle).apiKey, baseUrl: server.url });
    const store = Object.assign(new MemoryStore(), broken);
    const realtime = new RealtimeClient({ client: client('bot'), store });
    onTestFinished(async () => {
      await realtime.disconnect({ deadlineMs: 0 });
      await server.close();
    });
    realtime.on('message.new', () => {});
    const error = new Promise<Error>((resolve) => void realtime.onError(resolve));
    await realtime.connect();
    await client('alice').sendMessage({ to: 'bot', content: 'hi' });
    expect((await error).message).toBe(says(what));
  });

  it.each<[string, (claims: Claims) => Promise<unknown>]>([
    ['a claim', (claims) => claims.claim('k')],
    ['the commit of a claim', (claims) => claims.commit('k', '1')],
  ])('to onError: %s', async (what, ask) => {
    const broken: DedupeStore = { claim: down, commit: down, release: down };
    expect((await failureOf(() => ask(new Claims(broken)))).message).toBe(says(what));
  });
});

import { chmodSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KEYS } from '../../src/stores/keys.js';
import { type LmdbStoreOptions, lmdbStore } from '../../src/stores/lmdb/index.js';
import { openLmdbDriver } from '../../src/stores/lmdb/lmdb-driver.js';
import { Child } from '../e2e/child.js';
import { mulberry32 } from '../support/mulberry32.js';
import type { LmdbWriterSetup, LmdbWriterTold } from './programs/lmdb-writer.js';

const WRITER = new URL('./programs/lmdb-writer.ts', import.meta.url);
const KILLS = 12;

function newFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'agentchat-lmdb-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function openStore(options: LmdbStoreOptions) {
  const store = await lmdbStore(options);
  onTestFinished(() => store.close());
  return store;
}

async function writer(setup: LmdbWriterSetup, before?: string): Promise<Child<LmdbWriterTold>> {
  const child = await Child.start<LmdbWriterTold>(WRITER, setup, [], before);
  onTestFinished(() => child.end());
  return child;
}

const lastWritten = ({ told }: Child<LmdbWriterTold>) =>
  Math.max(-1, ...told.map((one) => (one.kind === 'written' ? one.n : -1)));

describe('a folder of LMDB that another process has open', () => {
  it('is refused with what to do, while that process lives, works or is stopped', async () => {
    const path = newFolder();
    const other = await writer({ path, count: 1, padding: 0 });
    await other.when(({ kind }) => kind === 'written');
    const refused = { name: 'StoreError', code: 'STORE_FAILED', fault: 'owned', retryable: false };
    await expect(lmdbStore({ path })).rejects.toMatchObject(refused);
    other.signal('SIGSTOP');
    await expect(lmdbStore({ path })).rejects.toThrow(
      `The LMDB store is open in another process. Stop the process that uses ${path}, open it with readOnly, or use a store that several processes may share (Postgres, Redis).`,
    );
    other.signal('SIGCONT');
    await other.end();
    // A killed one blocks nothing.
    const store = await openStore({ path });
    expect((await store.values.get('newest'))?.value).toBe(0);
  });

  it('can be looked into, sees what is written, and refuses to write', async () => {
    const path = newFolder();
    const owner = await openStore({ path });
    const looker = await openStore({ path, readOnly: true });
    expect(await looker.values.get('k')).toBeNull();
    await owner.values.set('k', 1);
    expect((await looker.values.get('k'))?.value).toBe(1);
    await expect(looker.values.set('k', 2)).rejects.toMatchObject({ fault: 'read_only' });
    await expect(looker.values.set('k', 2)).rejects.toThrow('It was opened with readOnly.');
    expect((await owner.values.get('k'))?.value).toBe(1);
  });

  it('is refused within one process, too, and the first goes on', async () => {
    const path = newFolder();
    const store = await openStore({ path });
    await expect(lmdbStore({ path })).rejects.toMatchObject({ fault: 'owned' });
    await store.values.set('k', 1);
    expect((await store.values.get('k'))?.value).toBe(1);
    await store.close();
    const again = await openStore({ path });
    expect((await again.values.get('k'))?.value).toBe(1);
  });

  it('is had by one of many that open it at once, and leaves no sockets behind', async () => {
    const path = newFolder();
    const opened = await Promise.allSettled(Array.from({ length: 8 }, () => lmdbStore({ path })));
    const stores = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(stores).toHaveLength(1);
    await stores[0]?.close();
    expect(readdirSync(path).filter((name) => name.endsWith('.sock'))).toEqual([]);
  });

  it('is not written to any more by an owner that was robbed of its socket', async () => {
    const path = newFolder();
    const robbed = await openStore({ path });
    for (const name of readdirSync(path)) if (name.endsWith('.sock')) rmSync(join(path, name));
    const store = await openStore({ path });
    await store.values.set('k', 'new');
    await expect(robbed.values.set('k', 'old')).rejects.toThrow('Restart this process.');
    expect((await store.values.get('k'))?.value).toBe('new');
  });

  it('may have a path longer than a socket’s name', async () => {
    const path = join(newFolder(), 'd'.repeat(120), 'e'.repeat(60));
    const store = await openStore({ path });
    await store.values.set('k', 1);
    await expect(lmdbStore({ path })).rejects.toMatchObject({ fault: 'owned' });
  });
});

describe('LMDB after kill -9', () => {
  it(`is readable, and has all that was confirmed, ${KILLS} times at random moments`, async () => {
    const path = newFolder();
    const random = mulberry32(20261129);
    let newest = -1;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const child = await writer({ path, count: 1_000_000, padding: 2_000 });
      const after = Math.floor(random() * 200);
      await child.until(() => lastWritten(child) >= after);
      await child.end();
      const confirmed = lastWritten(child);
      const store = await lmdbStore({ path });
      newest = Number((await store.values.get('newest'))?.value);
      expect(newest).toBeGreaterThanOrEqual(confirmed);
      for (let n = 0; n <= confirmed; n += 1) {
        expect((await store.values.get(`number/${n}`))?.value, `number ${n}`).toMatchObject({ n });
      }
      await store.close();
    }
    expect(newest).toBeGreaterThanOrEqual(0);
  }, 120_000);

  it('frees the claims that were under way, and keeps what was done', async () => {
    const path = newFolder();
    const before = await lmdbStore({ path, claims: { leaseMs: 3_600_000 } });
    await before.claims.claim('under way');
    const done = await before.claims.claim('done');
    if (done.state === 'claimed') await before.claims.commit('done', done.token);
    await before.close();
    const store = await openStore({ path });
    expect(await store.claims.claim('done')).toEqual({ state: 'done' });
    expect((await store.claims.claim('under way')).state).toBe('claimed');
  });
});

describe('LMDB in trouble', () => {
  it('grows when its map is full', async () => {
    const driver = await openLmdbDriver({ path: newFolder(), mapSize: 1_048_576 });
    onTestFinished(() => driver.close());
    const text = 'x'.repeat(100_000);
    for (let n = 0; n < 100; n += 1) await driver.write([{ do: 'put', key: `k${n}`, text }]);
    const entries = await driver.get(Array.from({ length: 100 }, (_, n) => `k${n}`));
    expect(entries.every((entry) => entry?.text === text)).toBe(true);
  });

  it('says that the disk is full, keeps what was confirmed, and goes on when there is room', async () => {
    const path = newFolder();
    // The shell's limit for files, in blocks of 512 or 1,024 bytes, stands for the disk's.
    const child = await writer({ path, count: 10_000, padding: 20_000 }, "trap '' XFSZ; ulimit -f 4000");
    const failure = await child.when(({ kind }) => kind === 'failed');
    expect(failure).toMatchObject({ fault: 'full' });
    expect(failure.kind === 'failed' && failure.message).toContain(
      'The LMDB store has no room left. Free some disk space',
    );
    const confirmed = lastWritten(child);
    expect(confirmed).toBeGreaterThan(10);
    await child.end();
    const store = await openStore({ path });
    for (let n = 0; n <= confirmed; n += 1) {
      expect((await store.values.get(`number/${n}`))?.value, `number ${n}`).toMatchObject({ n });
    }
    await store.values.set('more', 1);
  }, 60_000);

  it('written by a newer version is left alone', async () => {
    const path = newFolder();
    const store = await lmdbStore({ path });
    await store.close();
    const driver = await openLmdbDriver({ path });
    await driver.write([{ do: 'put', key: KEYS.schema, text: '2' }]);
    await driver.close();
    await expect(lmdbStore({ path })).rejects.toMatchObject({ fault: 'newer', retryable: false });
    await expect(lmdbStore({ path })).rejects.toThrow('Update this package.');
  });

  it.each([
    ['is no store', (file: string) => writeFileSync(file, 'x'.repeat(20_000))],
    ['has lost its head', (file: string) => writeFileSync(file, Buffer.alloc(20_000))],
    ['has been cut', (file: string) => truncateSync(file, 40_000)],
  ])('says so when its file %s', async (_, spoil) => {
    const path = newFolder();
    const store = await lmdbStore({ path });
    for (let n = 0; n < 20; n += 1) await store.values.set(`k${n}`, 'x'.repeat(20_000));
    await store.close();
    spoil(join(path, 'data.mdb'));
    await expect(lmdbStore({ path })).rejects.toMatchObject({ fault: 'corrupt' });
    await expect(lmdbStore({ path })).rejects.toThrow('Restore it from a backup');
  });

  it('says that it may not write, and where', async () => {
    const path = newFolder();
    const child = await writer({ path, count: 1, padding: 0 });
    await child.when(({ kind }) => kind === 'written');
    await child.end();
    for (const name of readdirSync(path)) chmodSync(join(path, name), 0o444);
    chmodSync(path, 0o555);
    const nobody = await writer({ path, count: 1, padding: 0, asNobody: true });
    const failure = await nobody.when(({ kind }) => kind === 'failed');
    expect(failure).toMatchObject({ fault: 'read_only' });
    expect(failure.kind === 'failed' && failure.message).toContain(
      'Give this process the right to write to the folder.',
    );
  });

  it.each([
    [{}, 'lmdbStore needs path, the folder of the store'],
    [{ path: '' }, 'lmdbStore needs path'],
    [{ path: 'x', pth: 'y' }, 'pth'],
    [{ path: 'x', claims: { leaseMs: 0 } }, 'claims.leaseMs'],
    [{ path: 'x', claims: { lease: 5 } }, 'lease'],
  ])('%j is refused', async (options, message) => {
    await expect(lmdbStore(options as LmdbStoreOptions)).rejects.toThrow(message);
  });
});

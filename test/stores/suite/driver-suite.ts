import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Change, StoreDriver } from '../../../src/stores/driver.js';

/** Where drivers of one engine come from. What two of them share is one store. */
export interface DriverSource {
  /** A driver on the store of this suite; a second call gives a second one where the engine is shared. */
  open(): Promise<StoreDriver>;
  /** Removes the store. */
  end?(): Promise<void>;
}

/** 1 MB, and longer than any page or packet. */
const LARGE = 'x'.repeat(1_000_000);
const MANY = 100_000;
const CLAIMERS = 200;
const SHORT_MS = 60;

const put = (key: string, text: string, more: { ifVersion?: number | null; expiresInMs?: number } = {}) =>
  ({ do: 'put', key, text, ...more }) as const;

/** What every driver keeps (see `StoreDriver`). */
export function describeDriver(name: string, isShared: boolean, make: () => Promise<DriverSource>): void {
  describe(`${name}: a driver`, () => {
    let source: DriverSource;
    let driver: StoreDriver;
    let names = 0;
    /** Tests share a store, and have a prefix each. */
    const space = () => {
      names += 1;
      return `test/${names}/`;
    };
    const textAt = async (key: string) => (await driver.get([key]))[0]?.text ?? null;

    beforeAll(async () => {
      source = await make();
      driver = await source.open();
    });
    afterAll(async () => {
      await driver.close();
      await source.end?.();
    });

    it('gives what was put, and null for what was not, in the order that was asked for', async () => {
      const at = space();
      await driver.write([put(`${at}a`, '1'), put(`${at}b`, '2')]);
      const entries = await driver.get([`${at}b`, `${at}none`, `${at}a`, `${at}b`]);
      expect(entries.map((entry) => entry?.text ?? null)).toEqual(['2', null, '1', '2']);
      expect(await driver.get([])).toEqual([]);
    });

    it('gives each write a version of its own that only grows, also past deletes and expiry', async () => {
      const key = `${space()}k`;
      const versions: number[] = [];
      for (const change of [
        put(key, '1'),
        put(key, '2'),
        { do: 'delete', key } as const,
        put(key, '3', { expiresInMs: SHORT_MS }),
      ]) {
        versions.push((await driver.write([change])) as number);
      }
      await vi.waitFor(async () => expect(await textAt(key)).toBeNull());
      versions.push((await driver.write([put(key, '4')])) as number);
      expect(versions).toEqual([...versions].sort((a, b) => a - b));
      expect(new Set(versions).size).toBe(versions.length);
      expect((await driver.get([key]))[0]?.version).toBe(versions.at(-1));
    });

    it('gives all that one write puts the same version', async () => {
      const at = space();
      const version = await driver.write([put(`${at}a`, '1'), put(`${at}b`, '2')]);
      const entries = await driver.get([`${at}a`, `${at}b`]);
      expect(entries.map((entry) => entry?.version)).toEqual([version, version]);
    });

    it('writes on conditions that hold', async () => {
      const key = `${space()}k`;
      const first = await driver.write([put(key, '1', { ifVersion: null })]);
      const second = await driver.write([put(key, '2', { ifVersion: first })]);
      expect(await textAt(key)).toBe('2');
      expect(await driver.write([{ do: 'delete', key, ifVersion: second }])).not.toBeNull();
      expect(await textAt(key)).toBeNull();
    });

    it('makes all changes or none', async () => {
      const at = space();
      const version = (await driver.write([put(`${at}a`, 'old')])) as number;
      const changes: readonly Change[] = [
        put(`${at}a`, 'new'),
        put(`${at}b`, 'new'),
        { do: 'delete', key: `${at}a` },
      ];
      const failing: readonly Change[] = [
        put(`${at}c`, 'new', { ifVersion: version }),
        put(`${at}a`, 'new', { ifVersion: null }),
        put(`${at}a`, 'new', { ifVersion: version + 1 }),
        { do: 'delete', key: `${at}a`, ifVersion: version - 1 },
        { do: 'delete', key: `${at}none`, ifVersion: version },
        { do: 'extend', key: `${at}none`, ifVersion: version, expiresInMs: 1_000 },
        { do: 'extend', key: `${at}a`, ifVersion: version + 1, expiresInMs: 1_000 },
        { do: 'check', key: `${at}a`, ifVersion: null },
        { do: 'check', key: `${at}none`, ifVersion: version },
      ];
      for (const fails of failing) {
        expect(await driver.write([fails, ...changes]), JSON.stringify(fails)).toBeNull();
        expect(await driver.write([changes[1] as Change, fails]), JSON.stringify(fails)).toBeNull();
      }
      expect(await textAt(`${at}a`)).toBe('old');
      expect(await textAt(`${at}b`)).toBeNull();
    });

    it('checks without changing: what is checked keeps its version', async () => {
      const at = space();
      const version = (await driver.write([put(`${at}lease`, 'me')])) as number;
      const check = { do: 'check', key: `${at}lease`, ifVersion: version } as const;
      expect(await driver.write([check])).not.toBeNull();
      expect(
        await driver.write([check, { do: 'check', key: `${at}none`, ifVersion: null }, put(`${at}x`, '1')]),
      ).not.toBeNull();
      expect((await driver.get([`${at}lease`]))[0]).toEqual({ text: 'me', version });
    });

    it('forgets what has expired: to reads, to lists and to conditions', async () => {
      const at = space();
      const version = (await driver.write([put(`${at}k`, '1', { expiresInMs: SHORT_MS })])) as number;
      await vi.waitFor(async () => expect(await textAt(`${at}k`)).toBeNull());
      expect(await driver.list(at, null, 10)).toEqual([]);
      expect(await driver.write([{ do: 'check', key: `${at}k`, ifVersion: version }])).toBeNull();
      expect(
        await driver.write([{ do: 'extend', key: `${at}k`, ifVersion: version, expiresInMs: 1_000 }]),
      ).toBeNull();
      expect(await driver.write([put(`${at}k`, '2', { ifVersion: null })])).not.toBeNull();
      expect(await textAt(`${at}k`)).toBe('2');
    });

    it('extends without a new version, and a put without a time ends the expiry', async () => {
      const at = space();
      const version = (await driver.write([
        put(`${at}a`, '1', { expiresInMs: 1_000 }),
        put(`${at}b`, '1', { expiresInMs: 1_000 }),
      ])) as number;
      const extend = { do: 'extend', key: `${at}a`, ifVersion: version, expiresInMs: 60_000 } as const;
      await driver.write([extend]);
      await driver.write([put(`${at}b`, '2')]);
      await driver.write([put(`${at}c`, '1', { expiresInMs: 1_000 })]);
      await vi.waitFor(async () => expect(await textAt(`${at}c`)).toBeNull(), { timeout: 10_000 });
      expect((await driver.get([`${at}a`]))[0]).toEqual({ text: '1', version });
      expect(await textAt(`${at}b`)).toBe('2');
    });

    it('lists by prefix in the order of the bytes, page by page', async () => {
      const at = space();
      const keys = ['-', '.', '0', 'A', 'B', 'Z', '_', 'a', 'a/', 'a/1', 'a0', 'b', '~'].map(
        (key) => at + key,
      );
      await driver.write([...keys].reverse().map((key) => put(key, key)));
      await driver.write([
        put(`${at.slice(0, -1)}0`, 'behind the prefix'),
        put(at.slice(0, -1), 'before it'),
      ]);
      const found: string[] = [];
      for (let after: string | null = null; ; ) {
        const page = await driver.list(at, after, 5);
        found.push(...page.map(({ key }) => key));
        expect(page.every(({ key, text, version }) => key === text && version > 0)).toBe(true);
        if (page.length < 5) break;
        after = page.at(-1)?.key ?? null;
      }
      expect(found).toEqual(keys);
      const inside = await driver.list(`${at}a/`, null, 10);
      expect(inside.map(({ text }) => text)).toEqual([`${at}a/`, `${at}a/1`]);
      expect(await driver.list(`${at}none`, null, 10)).toEqual([]);
      expect(await driver.list(at, `${at}~~`, 10)).toEqual([]);
    });

    it('takes every printable character in keys of a thousand characters, and any text of a megabyte', async () => {
      const at = space();
      const printable = Array.from({ length: 95 }, (_, place) => String.fromCharCode(32 + place)).join('');
      const long = at.padEnd(1_000, printable);
      const texts = ['', LARGE, '{"nul":"\\u0000","half":"\\ud800","emoji":"😀","quote":"\'\\\\"}'];
      for (const text of texts) {
        await driver.write([put(long, text), put(`${at}${printable}`, text)]);
        expect(await textAt(long)).toBe(text);
        expect(await textAt(`${at}${printable}`)).toBe(text);
      }
    });

    it(`lets one of ${CLAIMERS} have a key that all want at once`, async () => {
      const key = `${space()}k`;
      const claims = Array.from({ length: CLAIMERS }, (_, n) =>
        driver.write([put(key, String(n), { ifVersion: null })]),
      );
      const versions = await Promise.all(claims);
      const winners = versions.flatMap((version, n) => (version === null ? [] : [n]));
      expect(winners).toHaveLength(1);
      expect(await textAt(key)).toBe(String(winners[0]));
    });

    it('loses no update when many count by compare-and-set', async () => {
      const key = `${space()}k`;
      const count = async () => {
        for (;;) {
          const [entry] = await driver.get([key]);
          const next = String(Number(entry?.text ?? 0) + 1);
          if ((await driver.write([put(key, next, { ifVersion: entry?.version ?? null })])) !== null) return;
        }
      };
      await Promise.all(Array.from({ length: 20 }, count));
      expect(await textAt(key)).toBe('20');
    });

    it(`holds ${MANY.toLocaleString('en')} keys`, async () => {
      const at = space();
      const nameOf = (n: number) => `${at}${String(n).padStart(6, '0')}`;
      const size = 1_000;
      for (let from = 0; from < MANY; from += size) {
        await driver.write(Array.from({ length: size }, (_, n) => put(nameOf(from + n), String(from + n))));
      }
      let count = 0;
      for (let after: string | null = null; ; ) {
        const page = await driver.list(at, after, size);
        for (const { text } of page) {
          expect(Number(text)).toBe(count);
          count += 1;
        }
        if (page.length < size) break;
        after = page.at(-1)?.key ?? null;
      }
      expect(count).toBe(MANY);
      expect(await textAt(nameOf(MANY / 2))).toBe(String(MANY / 2));
    }, 120_000);

    if (isShared) {
      it('hears what another driver on the same store tells', async () => {
        const other = await source.open();
        const heard: string[] = [];
        const end = await driver.listen?.('seqs', (text) => heard.push(text));
        const endOther = await driver.listen?.('other topic', (text) => heard.push(`other ${text}`));
        await other.notify?.('seqs', 'é "1"');
        await vi.waitFor(() => expect(heard).toEqual(['é "1"']));
        await end?.();
        await other.notify?.('seqs', 'nobody hears this');
        await other.notify?.('other topic', '2');
        await vi.waitFor(() => expect(heard).toEqual(['é "1"', 'other 2']));
        await endOther?.();
        await other.close();
      });

      it('sees at once what another driver on the same store wrote, and shares versions with it', async ({
        skip,
      }) => {
        if (!driver.isShared) skip('one process has this engine to itself');
        const other = await source.open();
        const key = `${space()}k`;
        const version = await other.write([put(key, 'theirs')]);
        expect((await driver.get([key]))[0]).toEqual({ text: 'theirs', version });
        const next = (await driver.write([put(key, 'ours', { ifVersion: version })])) as number;
        expect(next).toBeGreaterThan(version as number);
        await other.close();
      });
    }

    it('closes twice, and refuses what comes behind', async () => {
      const own = await make();
      const closing = await own.open();
      await closing.write([put('k', '1')]);
      await Promise.all([closing.close(), closing.close()]);
      await closing.close();
      const closed = { name: 'StoreError', fault: 'closed', engine: closing.engine };
      await expect(closing.get(['k'])).rejects.toMatchObject(closed);
      await expect(closing.write([put('k', '1')])).rejects.toMatchObject(closed);
      await expect(closing.list('', null, 1)).rejects.toMatchObject(closed);
      await own.end?.();
    });
  });
}

import { describe, expect, it } from 'vitest';
import { AbortedError, ProtocolError, ValidationError } from '../../src/errors/index.js';
import { type PaginateOptions, paginate } from '../../src/rest/index.js';
import { paginateByCursor } from '../../src/rest/paginate.js';
import { all, caught } from './kit.js';

/** Pages of the numbers from 0 on, at most `most` at a time, and what was asked for. */
function numbers(count: number, most = Number.POSITIVE_INFINITY) {
  const asked: [number, number][] = [];
  const page = async (offset: number, limit: number) => {
    asked.push([offset, limit]);
    const size = Math.max(0, Math.min(limit, most, count - offset));
    return { items: Array.from({ length: size }, (_, n) => ({ n: offset + n })), total: count };
  };
  return { page, asked };
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));

describe('paginate', () => {
  it.each([0, 1, 2, 3, 7, 10])('gives each of %i once, in order', async (count) => {
    for (const pageSize of [1, 2, 3, 10]) {
      for (const most of [1, 2, 100]) {
        const { page } = numbers(count, most);
        expect(await all(paginate(page, { pageSize }))).toEqual(upTo(count));
        const withoutTotal = async (offset: number, limit: number) => ({
          items: (await page(offset, limit)).items,
        });
        expect(await all(paginate(withoutTotal, { pageSize }))).toEqual(upTo(count));
      }
    }
  });

  it('asks for no larger page than any list gives', async () => {
    const { page, asked } = numbers(10);
    expect(await all(paginate(page, { pageSize: 5_000 }))).toEqual(upTo(10));
    expect(asked).toEqual([[0, 1_000]]);
  });

  it('begins and ends where it is told', async () => {
    const { page, asked } = numbers(10);
    expect(await all(paginate(page, { pageSize: 3, start: 4, max: 4 }))).toEqual(upTo(8).slice(4));
    expect(asked).toEqual([
      [4, 3],
      [7, 1],
    ]);
    expect(await all(paginate(page, { max: 0 }))).toEqual([]);
    expect(await all(paginate(page, { max: Number.POSITIVE_INFINITY }))).toEqual(upTo(10));
    expect(asked.length).toBe(3);
  });

  it('fetches nothing before the first step, and nothing after a break', async () => {
    const { page, asked } = numbers(10);
    const items = paginate(page, { pageSize: 2 });
    expect(asked).toEqual([]);
    for await (const { n } of items) if (n === 2) break;
    expect(asked).toHaveLength(2);
  });

  it('ends with an empty page, whatever total says', async () => {
    const page = async (offset: number) => ({ items: offset === 0 ? [1, 2] : [], total: 99 });
    expect(await all(paginate(page))).toEqual([1, 2]);
  });

  it('goes in no circle', async () => {
    let fetched = 0;
    const stuck = async () => {
      fetched += 1;
      return { items: [{ id: 'conv_1' }, { id: 'conv_2' }] };
    };
    const given: unknown[] = [];
    const error = await caught(
      (async () => {
        for await (const item of paginate(stuck)) given.push(item);
      })(),
    );
    expect(error).toBeInstanceOf(ProtocolError);
    expect([fetched, given.length]).toEqual([2, 2]);
  });

  it('takes equal pages of plain values for what they are', async () => {
    const page = async (offset: number) => ({ items: offset < 3 ? ['x'] : [] });
    expect(await all(paginate(page))).toEqual(['x', 'x', 'x']);
  });

  it('ends with its signal, between items and before pages', async () => {
    const { page, asked } = numbers(10);
    const controller = new AbortController();
    const given: number[] = [];
    const error = await caught(
      (async () => {
        for await (const { n } of paginate(page, { pageSize: 4, signal: controller.signal })) {
          given.push(n);
          if (n === 1) controller.abort('enough');
        }
      })(),
    );
    expect(error).toBeInstanceOf(AbortedError);
    expect(error).toMatchObject({ cause: 'enough', outcome: 'not_sent' });
    expect([given, asked.length]).toEqual([[0, 1], 1]);
    const aborted = paginate(page, { signal: AbortSignal.abort() });
    expect(await caught(all(aborted))).toBeInstanceOf(AbortedError);
    expect(asked).toHaveLength(1);
  });

  it('lets through what the page was rejected with, and refuses what is no page', async () => {
    const fault = new Error('fault');
    const failing = async (offset: number) => {
      if (offset > 0) throw fault;
      return { items: [1], total: 2 };
    };
    expect(await caught(all(paginate(failing)))).toBe(fault);
    const odd = async () => ({}) as { items: number[] };
    expect(await caught(all(paginate(odd)))).toBeInstanceOf(ProtocolError);
  });

  it.each<[string, PaginateOptions, string]>([
    ['a page of 0', { pageSize: 0 }, 'pageSize'],
    ['half a page', { pageSize: 1.5 }, 'pageSize'],
    ['less than nothing', { max: -1 }, 'max'],
    ['a start before the beginning', { start: -1 }, 'start'],
    ['a controller for a signal', { signal: new AbortController() as never }, 'signal'],
  ])('refuses %s', async (_, options, field) => {
    const { page, asked } = numbers(3);
    const error = await caught(all(paginate(page, options)));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ field });
    expect(asked).toEqual([]);
  });
});

describe('paginating by cursors', () => {
  it('passes over empty pages, and ends where there is no next one', async () => {
    const pages = [
      { items: [1], next: 'a' },
      { items: [], next: 'b' },
      { items: [2, 3], next: null },
    ];
    const asked: (string | undefined)[] = [];
    const page = async (cursor: string | undefined) => {
      asked.push(cursor);
      return pages[asked.length - 1] ?? { items: [] };
    };
    expect(await all(paginateByCursor(page))).toEqual([1, 2, 3]);
    expect(asked).toEqual([undefined, 'a', 'b']);
  });

  it('refuses a cursor that has been there before', async () => {
    let fetched = 0;
    const page = async (cursor: string | undefined) => {
      fetched += 1;
      return { items: [fetched], next: cursor === 'a' ? 'b' : 'a' };
    };
    expect(await caught(all(paginateByCursor(page)))).toBeInstanceOf(ProtocolError);
    expect(fetched).toBe(3);
  });
});

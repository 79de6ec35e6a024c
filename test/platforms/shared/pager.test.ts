import { describe, expect, it } from 'vitest';
import { type Page, Pager } from '../../../src/platforms/shared/pager.js';
import { TestDialect } from './test-dialect.js';

function pagerOf(pages: Readonly<Record<string, Page<number>>>) {
  const asked: (string | undefined)[] = [];
  const pager = new Pager<number>(new TestDialect(), 'things.list', async (cursor) => {
    asked.push(cursor);
    return pages[cursor ?? 'first'] as Page<number>;
  });
  return { pager, asked };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('Pager', () => {
  const pages = {
    first: { items: [1, 2], next: 'b' },
    b: { items: [], next: 'c' },
    c: { items: [3], next: undefined },
  };

  it('gives items over all pages, and the pages themselves', async () => {
    const { pager } = pagerOf(pages);
    expect(await all(pager)).toEqual([1, 2, 3]);
    expect(await all(pager.pages())).toEqual([pages.first, pages.b, pages.c]);
  });

  it('asks for a page only when it is needed', async () => {
    const { pager, asked } = pagerOf(pages);
    expect(asked).toEqual([]);
    for await (const item of pager) if (item === 2) break;
    expect(asked).toEqual([undefined]);
  });

  it('ends with an error when a cursor comes again', async () => {
    const { pager, asked } = pagerOf({
      first: { items: [1], next: 'b' },
      b: { items: [2], next: 'c' },
      c: { items: [3], next: 'b' },
    });
    const found: number[] = [];
    const reading = (async () => {
      for await (const item of pager) found.push(item);
    })();
    await expect(reading).rejects.toMatchObject({
      kind: 'protocol',
      message: expect.stringContaining('a cursor that it had given before'),
    });
    expect(found).toEqual([1, 2, 3]);
    expect(asked).toEqual([undefined, 'b', 'c']);
  });
});

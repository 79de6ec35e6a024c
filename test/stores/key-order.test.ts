import { describe, expect, it } from 'vitest';
import { KeyOrder } from '../../src/stores/memory/key-order.js';

/** A map whose order is kept, as the memory driver does. */
function kept() {
  const entries = new Map<string, number>();
  const order = new KeyOrder(entries);
  return {
    entries,
    order,
    put(key: string) {
      const isNew = !entries.has(key);
      entries.set(key, 1);
      if (isNew) order.came(key);
    },
    drop(key: string) {
      if (entries.delete(key)) order.went(key);
    },
  };
}

describe('the order of keys', () => {
  it('holds no keys that have come and gone while nobody asked: a bot runs for years', () => {
    const { order, put, drop } = kept();
    put('stays');
    for (let n = 0; n < 10_000; n += 1) {
      put(`turn/${n}`);
      drop(`turn/${n}`);
    }
    expect(order.held).toBe(1);
  });

  it('lets go of what has gone since it was asked', () => {
    const { entries, order, put, drop } = kept();
    for (let n = 0; n < 1_000; n += 1) put(`turn/${n}`);
    expect(order.sorted()).toHaveLength(1_000);
    for (let n = 0; n < 990; n += 1) drop(`turn/${n}`);
    expect(order.held).toBeLessThanOrEqual(2 * entries.size);
    for (let n = 990; n < 1_000; n += 1) drop(`turn/${n}`);
    expect(order.held).toBe(0);
  });

  it('has a key once that went and came again', () => {
    const { order, put, drop } = kept();
    for (const key of ['b', 'a', 'c']) put(key);
    expect(order.sorted()).toEqual(['a', 'b', 'c']);
    drop('b');
    put('b');
    expect(order.sorted()).toEqual(['a', 'b', 'c']);
  });
});

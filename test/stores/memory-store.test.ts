import { describe, expect, it } from 'vitest';
import { MemoryStore, type StoredCursor } from '../../src/stores/index.js';

const cursor: StoredCursor = {
  conversationId: 'conv_a',
  expected: 7,
  floor: 2,
  missing: [{ from: 3, to: 4 }],
  parked: [{ seq: 5, id: 'm5', times: 2 }],
};

describe('MemoryStore', () => {
  it('gives back what was saved, and null for what was not', async () => {
    const store = new MemoryStore();
    await store.save([cursor, { ...cursor, conversationId: 'conv_b', expected: 9 }]);
    expect(await store.load('conv_a')).toEqual(cursor);
    expect(await store.load('conv_b')).toMatchObject({ expected: 9 });
    expect(await store.load('conv_c')).toBeNull();
    expect(store.size).toBe(2);
  });

  it('keeps the latest', async () => {
    const store = new MemoryStore();
    await store.save([cursor]);
    await store.save([{ ...cursor, expected: 8, missing: [] }]);
    expect(await store.load('conv_a')).toMatchObject({ expected: 8, missing: [] });
    expect(store.size).toBe(1);
  });

  it('takes ids that look like members of an object', async () => {
    const store = new MemoryStore();
    expect(await store.load('__proto__')).toBeNull();
    await store.save([{ ...cursor, conversationId: '__proto__' }]);
    expect(await store.load('__proto__')).toMatchObject({ expected: 7 });
    expect(await store.load('constructor')).toBeNull();
  });

  it('lists the cursors that owe something, and no others', async () => {
    const store = new MemoryStore();
    const settled = { ...cursor, missing: [], parked: [] };
    await store.save([
      cursor,
      { ...settled, conversationId: 'conv_b' },
      { ...settled, conversationId: 'conv_c', parked: cursor.parked },
      { ...settled, conversationId: '__proto__', missing: cursor.missing },
    ]);
    const ids = async () => (await store.unfinished()).map(({ conversationId }) => conversationId);
    expect(await ids()).toEqual(['conv_a', 'conv_c', '__proto__']);
    expect((await store.unfinished())[0]).toEqual(cursor);
    await store.save([settled, { ...settled, conversationId: '__proto__' }]);
    expect(await ids()).toEqual(['conv_c']);
    expect(store.size).toBe(4);
  });

  it('takes an empty write', async () => {
    const store = new MemoryStore();
    await store.save([]);
    expect(store.size).toBe(0);
  });

  it('holds plain JSON', async () => {
    const store = new MemoryStore();
    await store.save([cursor]);
    expect(JSON.parse(JSON.stringify(await store.load('conv_a')))).toEqual(cursor);
  });
});

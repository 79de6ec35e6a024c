import { memoryStore } from 'agentchat-client';
import { describe, expect, it } from 'vitest';
import { SharedValues } from '../../src/bot/util/shared-values.js';
import type { Json, ValueStore } from '../../src/stores/index.js';

/** The values of a store, and how often they were read and written. */
function counted() {
  const { values } = memoryStore();
  const counts = { reads: 0, writes: 0 };
  const counting: ValueStore = {
    get: (key) => {
      counts.reads += 1;
      return values.get(key);
    },
    set: (key, value, options) => {
      counts.writes += 1;
      return values.set(key, value, options);
    },
    delete: (key, options) => values.delete(key, options),
    list: (prefix, options) => values.list(prefix, options),
    update: (key, change) => values.update(key, change),
  };
  return { values, counting, counts };
}

const oneMore = (value: Json) => {
  const result = ((value as number | null) ?? 0) + 1;
  return { result, write: { value: result, expiresInMs: 60_000 } };
};
const look = (value: Json) => ({ result: value, write: null });

describe('values that several change', () => {
  it('are not read again by who wrote them last', async () => {
    const { counting, counts } = counted();
    const shared = new SharedValues(counting);
    for (let n = 1; n <= 5; n += 1) expect(await shared.change('n', oneMore)).toBe(n);
    expect(counts).toEqual({ reads: 1, writes: 5 });
  });

  it('count what others have done, whoever wrote last', async () => {
    const { counting } = counted();
    const processes = [new SharedValues(counting), new SharedValues(counting)] as const;
    for (let n = 1; n <= 20; n += 1) {
      const one = processes[n % 3 === 0 ? 0 : 1];
      expect(await one.change('n', oneMore)).toBe(n);
    }
    await Promise.all(processes.flatMap((one) => [one.change('n', oneMore), one.change('n', oneMore)]));
    expect((await counting.get('n'))?.value).toBe(24);
  });

  it('are read where nothing is written: nobody would say that they have changed', async () => {
    const { counting } = counted();
    const [one, other] = [new SharedValues(counting), new SharedValues(counting)];
    await one.change('n', oneMore);
    await other.change('n', oneMore);
    expect(await one.change('n', look)).toBe(2);
  });

  it('begin anew when they have expired or were deleted', async () => {
    const { counting, values } = counted();
    const shared = new SharedValues(counting);
    await shared.change('n', oneMore);
    await values.delete('n');
    expect(await shared.change('n', oneMore)).toBe(1);
  });

  it('are read again after a write of which nobody knows what came', async () => {
    const { counting, values } = counted();
    let fails = false;
    const shared = new SharedValues({
      ...counting,
      async set(key, value, options) {
        const version = await values.set(key, value, options);
        if (fails) throw new Error('the answer was lost');
        return version;
      },
    });
    await shared.change('n', oneMore);
    fails = true;
    await expect(shared.change('n', oneMore)).rejects.toThrow('the answer was lost');
    fails = false;
    expect(await shared.change('n', oneMore)).toBe(3);
  });
});

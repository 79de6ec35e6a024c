import { describe, expect, it } from 'vitest';
import { MemoryStore, memoryStore, RealtimeClient } from '../../src/index.js';
import { EngineRig, message } from './catchup/engine-rig.js';

const account = { baseUrl: 'http://127.0.0.1:1', apiKey: 'ac_test' };

describe('the option `store`', () => {
  it('takes a cursor store, or a whole store, whose cursors are used', async () => {
    for (const store of [new MemoryStore(), memoryStore()]) {
      const rig = new EngineRig({ store });
      await rig.hello();
      await rig.frame(message(1), message(2));
      await rig.clock.advance(1_000);
      const cursors = 'load' in store ? store : store.cursors;
      expect(await cursors.load(message(1).conversation_id)).toMatchObject({ expected: 3 });
      expect(rig.acked).toEqual(['a1', 'a2']);
    }
  });

  it.each([
    [{}, 'must be a store such as memoryStore()'],
    [{ cursors: {} }, 'must be a store such as memoryStore()'],
    [Promise.resolve(memoryStore()), 'is a promise. Write: await lmdbStore(...)'],
  ])('refuses what is none, and says what to do', (store, problem) => {
    expect(() => new RealtimeClient({ ...account, store: store as never })).toThrow(problem);
  });
});

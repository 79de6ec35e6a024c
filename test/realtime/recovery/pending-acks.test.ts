import { describe, expect, it } from 'vitest';
import type { CursorStore } from '../../../src/stores/index.js';
import { EngineRig, message } from './engine-rig.js';

/** A store that can be written only when `works`. */
function downStore(): CursorStore & { works: boolean } {
  return {
    works: false,
    load: () => Promise.resolve(null),
    save(): Promise<void> {
      return this.works ? Promise.resolve() : Promise.reject(new Error('disk full'));
    },
  };
}

describe('ACK-1: while the store is down', () => {
  it('at most `bounds.pendingAcks` acknowledgements wait, the newest; what is forgotten is acked when it comes again', async () => {
    const store = downStore();
    const rig = new EngineRig({ store, bounds: { pendingAcks: 10 } });
    await rig.hello();
    for (let seq = 1; seq <= 100; seq += 1) await rig.frame(message(seq));
    expect(rig.handled).toHaveLength(100);
    expect(rig.acked).toEqual([]);
    store.works = true;
    await rig.clock.advance(60_000);
    expect(rig.acked).toEqual(Array.from({ length: 10 }, (_, i) => `a${91 + i}`));
    await rig.frame(message(1));
    expect(rig.acked.at(-1)).toBe('a1');
    expect(rig.handled).toHaveLength(100);
  });

  it('a message that comes again and again waits once', async () => {
    const store = downStore();
    const rig = new EngineRig({ store, bounds: { pendingAcks: 10 } });
    await rig.hello();
    await rig.frame(message(1), message(2), message(3));
    for (let times = 0; times < 50; times += 1) await rig.frame(message(3));
    store.works = true;
    await rig.clock.advance(60_000);
    expect(rig.acked.toSorted()).toEqual(['a1', 'a2', 'a3']);
  });

  it('a new hour of failing writes lets nothing pile up', async () => {
    const store = downStore();
    const rig = new EngineRig({ store, bounds: { pendingAcks: 10 } });
    await rig.hello();
    for (let seq = 1; seq <= 60; seq += 1) {
      await rig.frame(message(seq));
      // In between a write fails, and what it was to acknowledge waits on.
      await rig.clock.advance(60_000);
    }
    store.works = true;
    await rig.clock.advance(60_000);
    expect(rig.acked).toEqual(Array.from({ length: 10 }, (_, i) => `a${51 + i}`));
  });
});

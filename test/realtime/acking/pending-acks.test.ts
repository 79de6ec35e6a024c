import { describe, expect, it } from 'vitest';
import type { CursorStore } from '../../../src/stores/index.js';
import { EngineRig, message } from '../catchup/engine-rig.js';

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
  it('at most `bounds.unsavedAcks` acknowledgements wait, the newest; what is forgotten is acked when it comes again', async () => {
    const store = downStore();
    const rig = new EngineRig({ store, bounds: { unsavedAcks: 10 } });
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
    const rig = new EngineRig({ store, bounds: { unsavedAcks: 10 } });
    await rig.hello();
    await rig.frame(message(1), message(2), message(3));
    for (let times = 0; times < 50; times += 1) await rig.frame(message(3));
    store.works = true;
    await rig.clock.advance(60_000);
    expect(rig.acked.toSorted()).toEqual(['a1', 'a2', 'a3']);
  });

  it('also those count that came while a write was failing', async () => {
    const store = downStore();
    const failing: ((error: Error) => void)[] = [];
    store.save = () => new Promise((_, reject) => failing.push(reject));
    const rig = new EngineRig({ store, bounds: { unsavedAcks: 10 } });
    await rig.hello();
    for (let seq = 1; seq <= 8; seq += 1)
      rig.engine.inbox.frame({ type: 'message.new', payload: message(seq) });
    await rig.clock.settle();
    for (let seq = 9; seq <= 16; seq += 1)
      rig.engine.inbox.frame({ type: 'message.new', payload: message(seq) });
    await rig.clock.settle();
    expect([failing.length, rig.handled.length]).toEqual([1, 16]);
    store.save = () => Promise.resolve();
    failing[0]?.(new Error('disk full'));
    await rig.clock.advance(60_000);
    expect(rig.acked).toEqual(Array.from({ length: 10 }, (_, i) => `a${7 + i}`));
  });

  it('a burst of 30,000 messages in 1,000 conversations waits for the store, and none is dropped', async () => {
    const store = downStore();
    const rig = new EngineRig({ store });
    await rig.hello();
    const count = 30_000;
    for (let n = 0; n < count; n += 1) {
      const payload = {
        ...message(Math.floor(n / 1_000) + 1),
        conversation_id: `conv_${n % 1_000}`,
        id: `m${n}`,
      };
      rig.engine.inbox.frame({ type: 'message.new', payload });
      if (n % 1_000 === 999) await rig.clock.settle();
    }
    await rig.clock.advance(1_000);
    expect(rig.handled).toHaveLength(count);
    expect(rig.acked).toEqual([]);
    store.works = true;
    await rig.clock.advance(60_000);
    expect(new Set(rig.acked).size).toBe(count);
  });
});

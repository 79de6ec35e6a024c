import { describe, expect, it } from 'vitest';
import { EngineRig, message, row } from './engine-rig.js';

const MINUTE = 60_000;
const bad = (seq: number) => message(seq, 'conv_a', { content: 'a plain string' as never });

/** 1 and `next` have come; history has what is between them in an unusable form. */
async function gap(next: number, ...unusable: number[]): Promise<EngineRig> {
  const rig = new EngineRig();
  await rig.hello();
  rig.source.history = Array.from({ length: next }, (_, i) =>
    unusable.includes(i + 1) ? bad(i + 1) : message(i + 1),
  );
  await rig.frame(message(1), message(next));
  await rig.clock.advance(10_000);
  return rig;
}

describe('GAP-3: a row of history that has a seq and cannot be used is no hole', () => {
  it('the conversation goes on, the report names the seq, and the row is reported once', async () => {
    const rig = await gap(3, 2);
    expect(rig.handled).toEqual(['a1', 'a3']);
    expect(rig.gaps).toMatchObject([
      { recovered: false, reason: 'gap_fill_failed', missing: [{ from: 2, to: 2 }] },
    ]);
    expect(rig.errors).toMatchObject([{ name: 'ProtocolError' }]);
    expect(rig.errors[0]?.message).toContain('conv_a');
    expect(rig.engine.counters).toMatchObject({ holes: 0, missing: 1, gapsUnfilled: 1 });
    // The same row again, in a read for a later gap.
    rig.source.history = [bad(2), message(3), message(4), message(5)];
    await rig.frame(message(5));
    await rig.clock.advance(5 * MINUTE);
    expect(rig.handled).toEqual(['a1', 'a3', 'a4', 'a5']);
    expect(rig.errors).toHaveLength(1);
  });

  it.each(['a frame', 'a drained row'])(
    'a good copy that comes later as %s is delivered late',
    async (way) => {
      const rig = await gap(3, 2);
      if (way === 'a frame') await rig.frame(message(2));
      else {
        rig.source.rows = [row(2)];
        await rig.clock.advance(MINUTE + 2_000);
      }
      expect(rig.handled).toEqual(['a1', 'a3', 'a2']);
      expect(rig.contexts.get('a2')).toMatchObject({ late: true });
      await rig.frame(message(2));
      expect(rig.handled).toHaveLength(3);
    },
  );

  it('good rows around it keep their order, and every unusable seq is named', async () => {
    const rig = await gap(8, 2, 4, 7);
    expect(rig.handled).toEqual(['a1', 'a3', 'a5', 'a6', 'a8']);
    expect(rig.gaps.filter(({ recovered }) => recovered)).toEqual([]);
    const missing = rig.gaps.flatMap((report) => report.missing).flatMap(({ from, to }) => [from, to]);
    expect(new Set(missing)).toEqual(new Set([2, 4, 7]));
    expect(rig.errors).toHaveLength(3);
  });

  it('a usable copy that arrives before the place is reached wins over it', async () => {
    const rig = new EngineRig({ gapFillWindowMs: 0 });
    await rig.hello();
    rig.source.history = [message(1), bad(3), message(4)];
    // Asked at once: history does not show 2 yet, and that is not believed so soon.
    await rig.frame(message(1), message(4));
    expect(rig.errors).toHaveLength(1);
    expect(rig.handled).toEqual(['a1']);
    await rig.frame(message(3), message(2));
    await rig.clock.advance(10_000);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3', 'a4']);
    expect(rig.gaps.filter(({ recovered }) => !recovered)).toEqual([]);
  });

  it('is reported once, however often it is read', async () => {
    const rig = new EngineRig({ gapFillWindowMs: 0 });
    await rig.hello();
    // 2 is not shown yet, so the page is asked for again and again.
    rig.source.history = [message(1), bad(3), message(4)];
    await rig.frame(message(1), message(4));
    await rig.clock.advance(10_000);
    expect(rig.source.count('getMessages')).toBeGreaterThan(1);
    expect(rig.errors).toHaveLength(1);
  });

  it('a row without a usable seq is left out', async () => {
    const rig = new EngineRig();
    await rig.hello();
    rig.source.history = [message(1), message(2), message(3)];
    rig.source.next('getMessages', () =>
      Promise.resolve([null, 7, { seq: '2' }, { seq: -1 }, message(2), message(3)]),
    );
    await rig.frame(message(1), message(3));
    await rig.clock.advance(10_000);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
    expect(rig.gaps).toMatchObject([{ recovered: true, missing: [] }]);
  });
});

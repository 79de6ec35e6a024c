import { describe, expect, it } from 'vitest';
import { answer } from '../catchup/answers.js';
import { EngineRig, message } from '../catchup/engine-rig.js';

const WINDOW = 2_000;

describe('GAP-1: gapFillWindowMs', () => {
  it.each([0, 300, 10_000])('of %i ms is how long a gap waits, and not longer', async (gapFillWindowMs) => {
    const rig = new EngineRig({ gapFillWindowMs });
    rig.source.history = [message(1), message(2), message(3)];
    await rig.hello();
    await rig.frame(message(1), message(3));
    if (gapFillWindowMs > 0) {
      await rig.clock.advance(gapFillWindowMs - 1);
      expect(rig.source.count('getMessages')).toBe(0);
      await rig.clock.advance(1);
    }
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
    expect(rig.gaps).toMatchObject([{ gapMs: gapFillWindowMs, reason: 'gap_filled', recovered: true }]);
  });

  it("of 'adaptive' is two seconds at first, and nothing once it has seen that waiting is pointless", async () => {
    const rig = new EngineRig({ gapFillWindowMs: 'adaptive' });
    await rig.hello();
    const waits: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      const id = `conv_${n}`;
      rig.source.history = [1, 2, 3].map((seq) => message(seq, id));
      await rig.frame(message(1, id), message(3, id));
      await rig.clock.advance(WINDOW + 10);
      waits.push(rig.gaps.at(-1)?.gapMs ?? -1);
    }
    expect(waits).toEqual([...Array(8).fill(WINDOW), 0, 0]);
  });
});

describe('GAP-2: several gaps at once', () => {
  it('in one conversation close one after the other, from a single run through history', async () => {
    const rig = new EngineRig();
    rig.source.history = Array.from({ length: 20 }, (_, i) => message(i + 1));
    await rig.hello();
    await rig.frame(...[1, 3, 6, 10, 15, 20].map((seq) => message(seq)));
    await rig.clock.advance(WINDOW + 10);
    expect(rig.handled).toEqual(rig.source.history.map(({ id }) => id));
    expect(rig.source.count('getMessages')).toBe(1);
    expect(rig.gaps.map(({ expectedSeq, bufferedSeq }) => [expectedSeq, bufferedSeq])).toEqual([
      [2, 3],
      [4, 6],
      [7, 10],
      [11, 15],
      [16, 20],
    ]);
    expect(rig.gaps.every(({ recovered }) => recovered)).toBe(true);
  });

  it('some lost for good, some holes, some filled: each is reported for what it is', async () => {
    const rig = new EngineRig();
    // 2 can be had, 4 was hidden, 6 is shown in a form that cannot be used.
    rig.source.history = [1, 2, 3, 5, 7].map((seq) => message(seq));
    rig.source.history.splice(4, 0, { ...message(6), id: 7 as unknown as string });
    await rig.hello();
    await rig.frame(...[1, 3, 5, 7].map((seq) => message(seq)));
    await rig.clock.advance(WINDOW + 10);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3', 'a5', 'a7']);
    expect(
      rig.gaps.map(({ expectedSeq, recovered, missing }) => ({ expectedSeq, recovered, missing })),
    ).toEqual([
      { expectedSeq: 2, recovered: true, missing: [] },
      { expectedSeq: 4, recovered: true, missing: [] },
      { expectedSeq: 6, recovered: false, missing: [{ from: 6, to: 6 }] },
    ]);
    expect(rig.engine.counters).toMatchObject({ holes: 1, missing: 1 });
  });
});

describe('GAP-2: a gap that is wider than any page', () => {
  const LAST = 1_001;

  async function wide(): Promise<EngineRig> {
    const rig = new EngineRig();
    rig.source.history = Array.from({ length: LAST }, (_, i) => message(i + 1));
    await rig.hello();
    await rig.frame(message(1), message(LAST));
    return rig;
  }

  it('is read to its end', async () => {
    const rig = await wide();
    await rig.clock.advance(WINDOW + 1_000);
    expect(rig.handled).toEqual(rig.source.history.map(({ id }) => id));
    expect(rig.source.count('getMessages')).toBe(5);
    expect(rig.gaps).toMatchObject([{ recovered: true, expectedSeq: 2, bufferedSeq: LAST }]);
  });

  it.each([403, 404, 410])(
    'and answers %i in the middle: what was read is kept, the rest is named',
    async (status) => {
      const rig = await wide();
      const usual = rig.source.getMessages.bind(rig.source);
      rig.source.getMessages = (id, options) =>
        (options?.afterSeq ?? 0) >= 401 ? Promise.reject(answer(status)) : usual(id, options);
      await rig.clock.advance(WINDOW + 1_000);
      expect(rig.handled).toHaveLength(402);
      expect(rig.gaps).toMatchObject([
        { recovered: false, reason: 'gap_fill_failed', missing: [{ from: 402, to: LAST - 1 }] },
      ]);
    },
  );

  it.each([429, 500, 502, 503])('and answers %i in the middle: it goes on where it was', async (status) => {
    const rig = await wide();
    const usual = rig.source.getMessages.bind(rig.source);
    let failures = 3;
    const asked: number[] = [];
    rig.source.getMessages = (id, options) => {
      asked.push(options?.afterSeq ?? 0);
      if ((options?.afterSeq ?? 0) < 401 || failures === 0) return usual(id, options);
      failures -= 1;
      return Promise.reject(answer(status, { retryAfterMs: status === 429 ? 2_000 : 0 }));
    };
    await rig.clock.advance(WINDOW + 10_000);
    expect(rig.handled).toEqual(rig.source.history.map(({ id }) => id));
    expect(asked).toEqual([1, 201, 401, 401, 401, 401, 601, 801]);
    expect(rig.gaps).toMatchObject([{ recovered: true, missing: [] }]);
  });

  it('and answers 504 in the middle: it goes on where it was, in smaller pages (CATCH-2)', async () => {
    const rig = await wide();
    const usual = rig.source.getMessages.bind(rig.source);
    const limits: (number | undefined)[] = [];
    rig.source.getMessages = (id, options) => {
      if ((options?.afterSeq ?? 0) < 401) return usual(id, options);
      limits.push(options?.limit);
      return limits.length <= 3 ? Promise.reject(answer(504)) : usual(id, options);
    };
    await rig.clock.advance(WINDOW + 10_000);
    expect(rig.handled).toEqual(rig.source.history.map(({ id }) => id));
    expect(limits.slice(0, 6)).toEqual([200, 50, 13, 5, 10, 20]);
    expect(rig.gaps).toMatchObject([{ recovered: true, missing: [] }]);
  });
});

describe('GAP-2: holes and lag', () => {
  it('a replica that is behind is asked again until it shows what has arrived, and nothing is called a hole', async () => {
    const rig = new EngineRig();
    await rig.hello();
    rig.source.history = [message(1)];
    await rig.frame(message(1), message(5));
    await rig.clock.advance(WINDOW + 3_000);
    rig.source.history.push(message(2));
    await rig.clock.advance(5_000);
    expect(rig.handled).toEqual(['a1', 'a2']);
    rig.source.history.push(message(3), message(4), message(5));
    await rig.clock.advance(15_000);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3', 'a4', 'a5']);
    expect(rig.engine.counters).toMatchObject({ holes: 0, missing: 0 });
  });

  it('one that shows a later row first is believed about the earlier one only when the gap is a second old', async () => {
    const rig = new EngineRig({ gapFillWindowMs: 0 });
    await rig.hello();
    rig.source.history = [message(1), message(3)];
    await rig.frame(message(1), message(3));
    await rig.clock.advance(500);
    expect(rig.handled).toEqual(['a1']);
    rig.source.history = [message(1), message(2), message(3)];
    await rig.clock.advance(1_000);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
    expect(rig.engine.counters.holes).toBe(0);
  });

  it('a seq that was hidden is a hole: nobody waits for it, and the report says recovered', async () => {
    const rig = new EngineRig();
    await rig.hello();
    rig.source.history = [message(1), message(4)];
    await rig.frame(message(1), message(4));
    await rig.clock.advance(WINDOW + 10);
    expect(rig.handled).toEqual(['a1', 'a4']);
    expect(rig.engine.counters).toMatchObject({ holes: 2, missing: 0 });
    expect(rig.gaps).toMatchObject([{ recovered: true, missing: [] }]);
  });
});

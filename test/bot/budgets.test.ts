import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BudgetKeeper } from '../../src/bot/budgets/budget-keeper.js';
import { type BudgetOptions, budgetRulesOf } from '../../src/bot/budgets/options.js';
import { freeInMs, spent, usageOf, usedOf } from '../../src/bot/budgets/usage.js';
import { ValidationError } from '../../src/errors/index.js';
import { type Json, memoryStore } from '../../src/stores/index.js';
import { VirtualClock } from '../support/virtual-clock.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 1);

describe('usage', () => {
  const steps = fc.array(
    fc.record({ wait: fc.integer({ min: 0, max: 800 }), tokens: fc.integer({ min: 0, max: 50 }) }),
    { maxLength: 60 },
  );

  it('counts all that was used within the window, and nothing older than a tenth more', () => {
    fc.assert(
      fc.property(steps, (all) => {
        let now = START;
        let stored: Json = null;
        const log: { at: number; tokens: number }[] = [];
        for (const { wait, tokens } of all) {
          now += wait;
          stored = JSON.parse(JSON.stringify(spent(usageOf(stored, 1_000, now), { tokens }))) as Json;
          log.push({ at: now, tokens });
          const within = (ms: number) =>
            log.filter(({ at }) => now - at < ms).reduce((sum, entry) => sum + entry.tokens, 0);
          const used = usedOf(usageOf(stored, 1_000, now), 'tokens');
          expect(used).toBeGreaterThanOrEqual(within(1_000));
          expect(used).toBeLessThanOrEqual(within(1_100));
          expect(JSON.stringify(stored).length).toBeLessThan(1_000);
        }
      }),
    );
  });

  it('says when there is budget again, to the millisecond', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 200 }), (all, limit) => {
        let now = START;
        let usage = usageOf(null, 1_000, now);
        for (const { wait, tokens } of all) {
          now += wait;
          usage = spent(usageOf(usage as unknown as Json, 1_000, now), { tokens });
        }
        const wait = freeInMs(usage, 'tokens', limit, now);
        const usedAt = (at: number) => usedOf(usageOf(usage as unknown as Json, 1_000, at), 'tokens');
        expect(usedAt(now + wait)).toBeLessThan(limit);
        if (wait > 0) expect(usedAt(now + wait - 1)).toBeGreaterThanOrEqual(limit);
      }),
    );
  });

  it.each([
    null,
    1,
    'x',
    [],
    {},
    { slotMs: 100, newest: 'x', slots: [] },
    { slotMs: 100, newest: 0, slots: 1 },
  ])('begins anew from %j', (value) => {
    expect(usedOf(usageOf(value as Json, 1_000, START), 'turns')).toBe(0);
  });

  it('may have been written by anybody', () => {
    const slots = fc.array(fc.oneof(fc.jsonValue(), fc.record({ turns: fc.jsonValue() })));
    fc.assert(
      fc.property(slots, fc.integer(), (odd, newest) => {
        const usage = usageOf({ slotMs: 100, newest, slots: odd } as Json, 1_000, START);
        expect(usedOf(usage, 'turns')).toBeGreaterThanOrEqual(0);
        expect(freeInMs(usage, 'turns', 1, START)).toBeLessThanOrEqual(2_200);
      }),
    );
  });

  it('takes nothing that is no amount', () => {
    const usage = spent(usageOf(null, 1_000, START), {
      turns: Number.NaN,
      replies: -5,
      tokens: Number.POSITIVE_INFINITY,
    });
    for (const what of ['turns', 'replies', 'tokens'] as const) expect(usedOf(usage, what)).toBe(0);
  });

  it('survives a clock that is set back, and one that is a little behind', () => {
    const used = spent(usageOf(null, 1_000, START), { turns: 3 });
    for (const backMs of [90, 500, 10 * HOUR]) {
      const back = usageOf(used as unknown as Json, 1_000, START - backMs);
      expect(usedOf(back, 'turns')).toBe(3);
      expect(usedOf(usageOf(back as unknown as Json, 1_000, START - backMs + 2_200), 'turns')).toBe(0);
    }
    // Two hosts whose clocks differ, at the border of a slot: nothing grows old faster.
    let stored: Json = used as unknown as Json;
    for (let times = 0; times < 100; times += 1) {
      stored = spent(usageOf(stored, 1_000, START - (times % 2)), { turns: 1 }) as unknown as Json;
    }
    expect(usedOf(usageOf(stored, 1_000, START), 'turns')).toBe(103);
  });
});

const alice = { conversationId: 'conv_1', peer: '@Alice' };
const bob = { conversationId: 'conv_2', peer: 'bob' };

function keeper(options: BudgetOptions) {
  const clock = new VirtualClock();
  const { values } = memoryStore({ clock });
  return { clock, values, make: () => new BudgetKeeper(values, clock, options) };
}

describe('the keeper', () => {
  it('without budgets allows everything and writes nothing', async () => {
    const { make, values } = keeper({});
    const budgets = make();
    await budgets.spend(alice, { turns: 1_000_000 });
    expect(await budgets.check(alice)).toEqual({ allow: true });
    expect(await values.list('')).toEqual([]);
  });

  it.each<[string, BudgetOptions, boolean]>([
    ['conversation', { perConversation: { turns: 2, windowMs: HOUR } }, true],
    ['peer', { perPeer: { turns: 2, windowMs: HOUR } }, true],
    ['all', { total: { turns: 2, windowMs: HOUR } }, false],
  ])('counts per %s, and what was used is free again later', async (_, options, isOwn) => {
    const { make, clock } = keeper(options);
    const budgets = make();
    for (let times = 0; times < 2; times += 1) {
      expect(await budgets.check(alice)).toEqual({ allow: true });
      await budgets.spend(alice, { turns: 1, replies: 5 });
    }
    // Another process of the same bot.
    const verdict = await make().check(alice);
    if (verdict.allow) throw new Error('allowed');
    expect(verdict).toMatchObject({ action: 'skip', exceeded: { what: 'turns', limit: 2, used: 2 } });
    expect((await budgets.check(bob)).allow).toBe(isOwn);
    await clock.advance(verdict.exceeded.freeInMs - 1);
    expect((await budgets.check(alice)).allow).toBe(false);
    await clock.advance(1);
    expect((await budgets.check(alice)).allow).toBe(true);
  });

  it('counts replies and tokens', async () => {
    const { make } = keeper({
      perPeer: { replies: 3, windowMs: HOUR },
      total: { tokens: 1_000, windowMs: HOUR },
    });
    const budgets = make();
    await budgets.spend(alice, { tokens: 999, replies: 2 });
    expect((await budgets.check(alice)).allow).toBe(true);
    await budgets.spend(bob, { tokens: 1 });
    expect(await budgets.check(alice)).toMatchObject({
      exceeded: { scope: 'total', what: 'tokens', used: 1_000 },
    });
    await budgets.spend(alice, { replies: 1 });
    expect(await budgets.check(alice)).toMatchObject({ exceeded: { scope: 'perPeer', what: 'replies' } });
  });

  it('loses nothing that is spent at the same moment', async () => {
    const { make } = keeper({ total: { tokens: 50, windowMs: HOUR } });
    await Promise.all(Array.from({ length: 20 }, () => make().spend(alice, { tokens: 2 })));
    await make().spend(alice, { tokens: 10 });
    expect(await make().check(alice)).toMatchObject({ exceeded: { used: 50 } });
  });

  it('says it once per conversation, and again when there was budget meanwhile', async () => {
    const say = { say: 'Enough for today.' };
    const { make, clock } = keeper({ total: { turns: 1, windowMs: HOUR }, onExceeded: say });
    const budgets = make();
    const action = async (payer: typeof alice) => {
      const verdict = await budgets.check(payer);
      return verdict.allow ? 'allowed' : verdict.action;
    };
    await budgets.spend(alice, { turns: 1 });
    expect([await action(alice), await action(alice), await action(bob), await action(bob)]).toEqual([
      say,
      'skip',
      say,
      'skip',
    ]);
    await clock.advance(2 * HOUR);
    expect(await action(alice)).toBe('allowed');
    await budgets.spend(alice, { turns: 1 });
    expect(await action(alice)).toEqual(say);
  });

  it('parks when it is told to, each time', async () => {
    const { make } = keeper({ total: { turns: 0, windowMs: HOUR }, onExceeded: 'park' });
    for (let times = 0; times < 3; times += 1)
      expect(await make().check(alice)).toMatchObject({ action: 'park' });
  });

  it('forgets what does not matter any more', async () => {
    const { make, clock, values } = keeper({ perConversation: { turns: 5, windowMs: HOUR } });
    await make().spend(alice, { turns: 1 });
    await clock.advance(2 * HOUR);
    expect(await values.list('budget/')).toEqual([]);
  });

  it('takes ids of any length and kind', async () => {
    const { make } = keeper({
      perConversation: { turns: 1, windowMs: HOUR },
      perPeer: { turns: 1, windowMs: HOUR },
    });
    const odd = { conversationId: '漢/'.repeat(2_000), peer: '\u0000'.repeat(2_000) };
    await make().spend(odd, { turns: 1 });
    expect((await make().check(odd)).allow).toBe(false);
  });
});

describe('budgetRulesOf', () => {
  it.each<[object, RegExp]>([
    [{ perPeers: {} }, /did you mean "perPeer"\?/],
    [{ total: { turns: 1 } }, /"budgets.total.windowMs" is missing: say for how many milliseconds/],
    [{ total: { windowMs: HOUR } }, /"budgets.total" limits nothing: give it "turns", "replies" or "tokens"/],
    [{ total: { turn: 1, windowMs: HOUR } }, /unknown budgets.total option "turn"; did you mean "turns"\?/],
    [{ perPeer: { tokens: -1, windowMs: HOUR } }, /"budgets.perPeer.tokens" must be a whole number from 0/],
    [{ perPeer: { tokens: 1, windowMs: 5 } }, /"budgets.perPeer.windowMs" must be a whole number from 1000/],
    [{ perPeer: 5 }, /must be an object/],
    [{ onExceeded: 'say' }, /must be "skip", "park" or \{ say: "some text" \}/],
    [{ onExceeded: { say: ' ' } }, /must be "skip", "park"/],
  ])('refuses %j', (options, words) => {
    expect(() => budgetRulesOf(options as BudgetOptions)).toThrow(ValidationError);
    expect(() => budgetRulesOf(options as BudgetOptions)).toThrow(words);
  });

  it('takes null for what is not given', () => {
    const options = { perPeer: null, total: { turns: 1, tokens: null, windowMs: HOUR }, onExceeded: null };
    expect(budgetRulesOf(options as unknown as BudgetOptions)).toEqual({
      budgets: [['total', { turns: 1, windowMs: HOUR }]],
      onExceeded: 'skip',
    });
  });
});

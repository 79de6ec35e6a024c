import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { BotStore, StoredCursor, StoreOptions } from '../../../src/stores/index.js';

/** Where stores of one engine come from. */
export interface StoreSource {
  /** Opens the store; again after it was closed, or (an engine that is shared) beside the first. */
  open(options?: StoreOptions): Promise<BotStore>;
  end?(): Promise<void>;
}

export interface StoreKind {
  /** Whether what was written is there when it is opened again. */
  readonly isDurable: boolean;
  /** Whether several processes may have it open. */
  readonly isShared: boolean;
}

const SHORT_MS = 100;
const NASTY = [
  '',
  ' ',
  'a/b',
  '\u0000',
  '\ud800',
  '%0020',
  '😀',
  "';DROP",
  '{agent}',
  '__proto__',
  'x'.repeat(5_000),
];

function cursorOf(conversationId: string, expected: number, more: Partial<StoredCursor> = {}): StoredCursor {
  return { conversationId, expected, floor: 1, missing: [], parked: [], ...more };
}

/** What every store of a bot keeps, whatever its engine. */
export function describeStore(
  name: string,
  { isDurable, isShared }: StoreKind,
  make: () => Promise<StoreSource>,
): void {
  describe(`${name}: a bot's store`, () => {
    let source: StoreSource;
    let store: BotStore;

    beforeAll(async () => {
      source = await make();
      store = await source.open();
    });
    afterAll(async () => {
      await store.close();
      await source.end?.();
    });

    describe('cursors', () => {
      it('are given back as they were saved, whatever the conversation is called', async () => {
        const cursors = NASTY.map((id, n) =>
          cursorOf(`cursor${id}`, n + 1, {
            missing: [{ from: 2, to: 3 }],
            parked: [{ seq: 4, id: `msg${id}`, times: 1 }],
          }),
        );
        await store.cursors.save(cursors);
        expect(
          await Promise.all(cursors.map(({ conversationId }) => store.cursors.load(conversationId))),
        ).toEqual(cursors);
        expect(await store.cursors.load('nobody')).toBeNull();
      });

      it('that owe something are listed, until they do not', async () => {
        const owing = cursorOf('owing', 9, { missing: [{ from: 2, to: 2 }] });
        const parked = cursorOf('parked', 9, { parked: [{ seq: 3, id: 'm3', times: 2 }] });
        await store.cursors.save([owing, parked, cursorOf('owes nothing', 9)]);
        const listed = async () => {
          const cursors = (await store.cursors.unfinished?.()) ?? [];
          return cursors.map(({ conversationId }) => conversationId).filter((id) => /^ow|^parked/.test(id));
        };
        expect((await listed()).sort()).toEqual(['owing', 'parked']);
        await store.cursors.save([cursorOf('owing', 10)]);
        expect(await listed()).toEqual(['parked']);
      });

      it('of a thousand conversations are saved at once, and listed when they owe', async () => {
        const cursors = Array.from({ length: 1_000 }, (_, n) =>
          cursorOf(`many ${n}`, 5, { missing: [{ from: 1, to: 1 }] }),
        );
        await store.cursors.save(cursors);
        const listed = (await store.cursors.unfinished?.()) ?? [];
        expect(listed.filter(({ conversationId }) => conversationId.startsWith('many'))).toHaveLength(1_000);
      });
    });

    describe('claims', () => {
      it('belong to one of two hundred that ask at once, and are done when they are committed', async () => {
        const claims = await Promise.all(Array.from({ length: 200 }, () => store.claims.claim('wanted')));
        const [won] = claims.filter(({ state }) => state === 'claimed');
        expect(claims.filter(({ state }) => state === 'in_progress')).toHaveLength(199);
        await store.claims.commit('wanted', won?.state === 'claimed' ? won.token : '');
        expect(await store.claims.claim('wanted')).toEqual({ state: 'done' });
      });

      it('that are released are free', async () => {
        const claim = await store.claims.claim('released');
        if (claim.state !== 'claimed') throw new Error(claim.state);
        await store.claims.release('released', claim.token);
        expect((await store.claims.claim('released')).state).toBe('claimed');
      });

      it('hold whatever they are called', async () => {
        for (const id of NASTY) {
          expect((await store.claims.claim(`claim${id}`)).state).toBe('claimed');
          expect((await store.claims.claim(`claim${id}`)).state).toBe('in_progress');
        }
      });

      it('expire by the store’s clock when nobody renews them; an old token then settles nothing', async () => {
        const own = await make();
        const short = await own.open({ claims: { leaseMs: SHORT_MS } });
        const first = await short.claims.claim('k');
        if (first.state !== 'claimed') throw new Error(first.state);
        expect(first.leaseMs).toBe(SHORT_MS);
        const second = await vi.waitFor(async () => {
          const claim = await short.claims.claim('k');
          if (claim.state !== 'claimed') throw new Error(claim.state);
          return claim;
        });
        await short.claims.commit('k', first.token);
        await short.claims.release('k', first.token);
        await short.claims.commit('k', second.token);
        expect(await short.claims.claim('k')).toEqual({ state: 'done' });
        await short.close();
        await own.end?.();
      });

      it('that are renewed hold on, under the token they have', async () => {
        const own = await make();
        const short = await own.open({ claims: { leaseMs: 1_500 } });
        const claim = await short.claims.claim('kept');
        const other = await short.claims.claim('left alone');
        if (claim.state !== 'claimed' || other.state !== 'claimed') throw new Error('not claimed');
        await vi.waitFor(
          async () => {
            await short.claims.renew?.('kept', claim.token);
            expect((await short.claims.claim('left alone')).state).toBe('claimed');
          },
          { timeout: 15_000, interval: 50 },
        );
        expect(await short.claims.claim('kept')).toEqual({ state: 'in_progress' });
        await short.claims.commit('kept', claim.token);
        expect(await short.claims.claim('kept')).toEqual({ state: 'done' });
        await short.close();
        await own.end?.();
      });

      it('that have expired and that nobody took over commit all the same', async () => {
        const own = await make();
        const short = await own.open({ claims: { leaseMs: 100 } });
        const claim = await short.claims.claim('late');
        if (claim.state !== 'claimed') throw new Error(claim.state);
        const until = performance.now() + 150;
        await vi.waitFor(() => expect(performance.now()).toBeGreaterThan(until));
        await short.claims.commit('late', claim.token);
        expect(await short.claims.claim('late')).toEqual({ state: 'done' });
        await short.close();
        await own.end?.();
      });
    });

    describe('steps', () => {
      it('TURN-1 a turn that is frozen stays as it is until it is finished, beside others', async () => {
        const { steps } = store;
        expect(await steps.open('conv')).toEqual({ turns: [], finished: [], session: null });
        const turn = { key: 'turn 1', messages: ['m1'] };
        const other = { key: 'turn 2', messages: ['m2', 'm3'] };
        const batch = ['m1', { nested: null }];
        expect(await steps.freeze('conv', turn, batch)).toEqual(turn);
        expect(await steps.freeze('conv', { key: 'turn 1', messages: ['m1', 'm2'] }, 'wider')).toEqual(turn);
        expect(await steps.freeze('conv', other, 'other')).toEqual(other);
        expect(await steps.open('conv')).toEqual({ turns: [turn, other], finished: [], session: null });
        expect(await steps.load('conv', 'turn 1')).toEqual({ batch, results: new Map() });
        await steps.finish('conv', 'turn 3', { messages: ['m9'], session: 'of no turn' });
        await steps.finish('conv', 'turn 1', { messages: ['m1'] });
        expect(await steps.open('conv')).toEqual({ turns: [other], finished: ['m1'], session: null });
        expect(await steps.load('conv', 'turn 1')).toEqual({ batch: null, results: new Map() });
        await steps.finish('conv', 'turn 2', { messages: ['m2', 'm3'] });
        expect(await steps.open('conv')).toEqual({ turns: [], finished: ['m1', 'm2', 'm3'], session: null });
      });

      it('TURN-1 a turn that is widened holds more messages, and keeps its results', async () => {
        const { steps } = store;
        await steps.freeze('widen', { key: 'turn w', messages: ['m1'] }, 'narrow');
        await steps.record('widen', 'turn w', 'charge', 7);
        const wider = { key: 'turn w', messages: ['m1', 'm2'] };
        await steps.widen('widen', wider, 'wide');
        expect((await steps.open('widen')).turns).toEqual([wider]);
        expect(await steps.load('widen', 'turn w')).toEqual({
          batch: 'wide',
          results: new Map([['charge', 7]]),
        });
      });

      it('TURN-2 the messages of finished turns are remembered: the last hundred, and all of the last turn', async () => {
        const { steps } = store;
        const ids = (from: number, to: number) =>
          Array.from({ length: to - from + 1 }, (_, place) => `m${from + place}`);
        for (const [key, messages] of [
          ['t1', ids(1, 60)],
          ['t2', ids(61, 120)],
          ['t3', ids(121, 250)],
        ] as const) {
          await steps.freeze('long', { key, messages }, null);
          await steps.finish('long', key, { messages });
          const last = Number(messages.at(-1)?.slice(1));
          const first = Math.min(Math.max(1, last - 99), Number(messages[0]?.slice(1)));
          expect((await steps.open('long')).finished).toEqual(ids(first, last));
        }
      });

      it('a session is written when its turn is finished, stays, and is deleted with null', async () => {
        const { steps } = store;
        for (const [key, session, after] of [
          ['s1', { name: 'Ann' }, { name: 'Ann' }],
          ['s2', undefined, { name: 'Ann' }],
          ['s3', null, null],
        ] as const) {
          await steps.freeze('session', { key, messages: [] }, null);
          await steps.finish('session', key, { messages: [], session });
          expect((await steps.open('session')).session).toEqual(after);
        }
      });

      it('TURN-2 the first result of a step is the result, null too, until the turn is finished', async () => {
        const { steps } = store;
        await steps.freeze('conv', { key: 'turn', messages: [] }, null);
        for (const name of NASTY) {
          expect((await steps.load('conv', 'turn')).results.has(`step${name}`)).toBe(false);
          expect(await steps.record('conv', 'turn', `step${name}`, null)).toEqual({ value: null });
          expect(await steps.record('conv', 'turn', `step${name}`, 'again')).toEqual({ value: null });
          expect((await steps.load('conv', 'turn')).results.get(`step${name}`)).toBeNull();
        }
        await steps.record('conv', 'turn of another', 'step', { charged: true });
        await steps.finish('conv', 'turn', { messages: [] });
        expect((await steps.load('conv', 'turn')).results).toEqual(new Map());
        expect((await steps.load('conv', 'turn of another')).results).toEqual(
          new Map([['step', { charged: true }]]),
        );
      });

      it('TURN-2 forgets the steps that are named when a turn is finished, without looking for others', async () => {
        const { steps } = store;
        await steps.freeze('named', { key: 'turn n', messages: ['m1'] }, 'batch');
        await steps.record('named', 'turn n', 'known', 1);
        await steps.record('named', 'turn n', 'late', 2);
        await steps.finish('named', 'turn n', { messages: ['m1'], steps: ['known'] });
        expect(await steps.load('named', 'turn n')).toEqual({ batch: null, results: new Map([['late', 2]]) });
      });

      it('TURN-2 of many that record the same step at once, one wins and all are told', async () => {
        const { steps } = store;
        const results = await Promise.all(
          Array.from({ length: 50 }, (_, n) => steps.record('conv', 'race', 'step', n)),
        );
        expect(new Set(results.map(({ value }) => value)).size).toBe(1);
      });
    });

    describe('values', () => {
      it('are JSON by key, whatever the key is called', async () => {
        const { values } = store;
        const sessions = NASTY.filter((id) => id.length < 100);
        for (const id of sessions) {
          const value = { text: id, list: [1, null, { deep: true }] };
          const version = await values.set(`value${id}`, value);
          expect(await values.get(`value${id}`)).toEqual({ value, version });
        }
        expect((await values.list('value', { limit: 1_000 })).map(({ key }) => key).sort()).toEqual(
          sessions.map((id) => `value${id}`).sort(),
        );
      });

      it('change by compare-and-set', async () => {
        const { values } = store;
        const first = await values.set('cas', 1, { ifVersion: null });
        expect(await values.set('cas', 2, { ifVersion: null })).toBeNull();
        const second = await values.set('cas', 2, { ifVersion: first });
        expect(await values.set('cas', 3, { ifVersion: first })).toBeNull();
        expect(await values.delete('cas', { ifVersion: first ?? 0 })).toBe(false);
        expect(await values.get('cas')).toEqual({ value: 2, version: second });
        expect(await values.delete('cas', { ifVersion: second ?? 0 })).toBe(true);
        expect(await values.get('cas')).toBeNull();
        expect(await values.delete('cas')).toBe(true);
      });

      it('are updated by many at once without losing one', async () => {
        const { values } = store;
        const add = () => values.update('sum', (sum) => ((sum as number | null) ?? 0) + 1);
        await Promise.all(Array.from({ length: 25 }, add));
        expect((await values.get('sum'))?.value).toBe(25);
        expect(await values.update('sum', () => null)).toBeNull();
        expect(await values.get('sum')).toBeNull();
      });

      it('expire when they were told to', async () => {
        const { values } = store;
        await values.set('short', 'lived', { expiresInMs: SHORT_MS });
        await vi.waitFor(async () => expect(await values.get('short')).toBeNull());
      });

      it('are listed page by page', async () => {
        const { values } = store;
        for (let n = 0; n < 25; n += 1) await values.set(`page/${n}`, n);
        const found: unknown[] = [];
        for (let after: string | undefined; ; ) {
          const page = await values.list('page/', { after, limit: 10 });
          found.push(...page.map(({ value }) => value));
          if (page.length < 10) break;
          after = page.at(-1)?.key;
        }
        expect(found).toHaveLength(25);
        expect(new Set(found).size).toBe(25);
      });

      it('of a megabyte are kept', async () => {
        const { values } = store;
        await values.set('large', 'é'.repeat(500_000));
        expect((await values.get('large'))?.value).toHaveLength(500_000);
      });

      it('that cannot be stored are refused with the fix', async () => {
        const { values } = store;
        await expect(values.set('k', null)).rejects.toThrow('Use delete()');
        await expect(values.set('k', undefined as never)).rejects.toThrow('Use delete()');
        await expect(values.set('k'.repeat(2_000), 1)).rejects.toThrow('at most 900 are stored. Shorten it.');
        await expect(values.get(7 as never)).rejects.toThrow('must be a string');
        await expect(values.list('k', { limit: 0 })).rejects.toThrow(
          'limit must be a whole number from 1 to 1000',
        );
      });
    });

    if (isDurable) {
      it('is the same when it is opened again', async () => {
        const own = await make();
        const before = await own.open();
        await before.cursors.save([cursorOf('conv', 7, { missing: [{ from: 3, to: 3 }] })]);
        const done = await before.claims.claim('done');
        if (done.state === 'claimed') await before.claims.commit('done', done.token);
        await before.claims.claim('under way');
        await before.steps.freeze('conv', { key: 'turn', messages: ['m1'] }, null);
        await before.values.set('session', { a: 1 });
        await before.close();
        const after = await own.open();
        expect(await after.cursors.load('conv')).toMatchObject({ expected: 7 });
        expect(await after.cursors.unfinished?.()).toHaveLength(1);
        expect(await after.claims.claim('done')).toEqual({ state: 'done' });
        // A crash blocks nothing: an engine of one process frees what earlier lives had claimed.
        expect((await after.claims.claim('under way')).state).toBe(isShared ? 'in_progress' : 'claimed');
        expect((await after.steps.open('conv')).turns).toEqual([{ key: 'turn', messages: ['m1'] }]);
        expect((await after.values.get('session'))?.value).toEqual({ a: 1 });
        await after.close();
        await own.end?.();
      });
    }

    it('closes twice, and says so to whoever comes later', async () => {
      const own = await make();
      const closing = await own.open();
      await Promise.all([closing.close(), closing.close()]);
      const closed = { name: 'StoreError', code: 'STORE_FAILED', fault: 'closed' };
      await expect(closing.cursors.load('conv')).rejects.toMatchObject(closed);
      await expect(closing.cursors.save([cursorOf('conv', 1)])).rejects.toMatchObject(closed);
      await expect(closing.claims.claim('k')).rejects.toMatchObject(closed);
      await expect(closing.steps.open('conv')).rejects.toMatchObject(closed);
      await expect(closing.values.get('k')).rejects.toMatchObject(closed);
      await own.end?.();
    });
  });
}

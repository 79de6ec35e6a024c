import { describe, expect, it } from 'vitest';
import { ClientRig } from '../client-rig.js';
import { answer } from './answers.js';
import { EngineRig, message, row } from './engine-rig.js';

const MINUTE = 60_000;

/** A client whose sync answers with what `now` says, until it says nothing. */
async function troubled(first: () => Promise<unknown>) {
  const rig = new ClientRig();
  const got: string[] = [];
  rig.client.on('message.new', ({ payload }) => void got.push(payload.id));
  const state: { now: (() => Promise<unknown>) | null } = { now: first };
  const usual = rig.source.sync.bind(rig.source);
  rig.source.sync = (options) => (state.now === null ? usual(options) : (state.now() as never));
  await rig.connected();
  return { rig, got, state };
}

describe('CATCH-1: a sync that keeps failing', () => {
  it('is told once per kind, explained while it lasts, and told again when it comes back', async () => {
    const { rig, got, state } = await troubled(() => Promise.reject(answer(500)));
    await rig.clock.advance(10 * MINUTE);
    expect(rig.errors).toMatchObject([{ code: 'INTERNAL_ERROR' }]);
    expect(rig.client.explain()).toMatchObject({ state: 'connected', catchUpTrouble: 'INTERNAL_ERROR' });
    expect(rig.client.explain().summary).toContain('INTERNAL_ERROR');

    state.now = () => Promise.reject(answer(403));
    await rig.clock.advance(10 * MINUTE);
    expect(rig.errors).toMatchObject([{ code: 'INTERNAL_ERROR' }, { code: 'FORBIDDEN' }]);
    expect(rig.client.explain().summary).toContain('FORBIDDEN');

    rig.source.rows = [row(1)];
    state.now = null;
    await rig.clock.advance(2 * MINUTE);
    expect(got).toEqual(['a1']);
    expect(rig.client.explain().catchUpTrouble).toBeNull();
    expect(rig.client.explain().summary).toMatch(/^Connected and receiving; /);

    state.now = () => Promise.reject(answer(403));
    await rig.clock.advance(3 * MINUTE);
    expect(rig.errors).toHaveLength(3);
    expect(rig.client.explain().catchUpTrouble).toBe('FORBIDDEN');
  });

  it.each([
    ['an error of its own', () => Promise.reject(new TypeError('fetch failed'))],
    ['something that is no error', () => Promise.reject(Object.create(null))],
  ])('with %s: one ConnectionError that carries it', async (_name, now) => {
    const { rig } = await troubled(now);
    await rig.clock.advance(10 * MINUTE);
    expect(rig.errors).toMatchObject([{ name: 'ConnectionError' }]);
    expect(rig.errors[0]?.cause).toBeDefined();
    expect(rig.client.explain().catchUpTrouble).not.toBeNull();
  });

  it.each([[{ items: [] }], [null], ['rows']])(
    'with the answer %j: told once, and explained',
    async (body) => {
      const { rig, state } = await troubled(() => Promise.resolve(body));
      await rig.clock.advance(10 * MINUTE);
      expect(rig.errors).toMatchObject([{ name: 'ProtocolError' }]);
      expect(rig.client.explain().summary).toContain('sync()');
      expect(rig.client.explain().catchUpTrouble).toContain('sync()');
      state.now = null;
      await rig.clock.advance(MINUTE);
      expect(rig.client.explain().catchUpTrouble).toBeNull();
    },
  );

  it('is no news when it was the stop that cut it short', async () => {
    const { rig } = await troubled(() => new Promise(() => {}));
    rig.network.last.end({ code: 1000 });
    const stopped = rig.client.disconnect();
    await rig.clock.advance(MINUTE);
    await stopped;
    expect(rig.errors).toEqual([]);
    expect(rig.client.explain().catchUpTrouble).toBeNull();
  });
});

describe('ORD-3: a burst of new conversations shares its looks', () => {
  it('at most about two sync calls a second, and everything is handled', async () => {
    const rig = new EngineRig();
    await rig.hello();
    await rig.clock.advance(1_000);
    const before = rig.source.count('sync');
    for (let at = 0; at < 500; at += 1) {
      await rig.frame(message(7, `conv_${at}`, { id: `m${at}` }));
      await rig.clock.advance(20);
    }
    await rig.clock.advance(2_000);
    expect(rig.handled).toHaveLength(500);
    const looks = rig.source.count('sync') - rig.source.count('syncAck') - before;
    // 12 s; a minute's reconcile does not fall into it.
    expect(looks).toBeGreaterThan(5);
    expect(looks).toBeLessThanOrEqual(25);
  });

  it('the drain of a new session does not wait for that', async () => {
    const rig = new EngineRig();
    await rig.hello();
    await rig.lost();
    rig.source.rows = [row(1)];
    await rig.hello();
    expect(rig.clock.now()).toBe(0);
    expect(rig.handled).toEqual(['a1']);
  });
});

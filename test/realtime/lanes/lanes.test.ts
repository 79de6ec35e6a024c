import { describe, expect, it } from 'vitest';
import { arrivalOf, eventOf, LanesRig } from './lanes-rig.js';

describe('ORD-1: lanes', () => {
  it('start the next handler of a conversation only when the last has settled', async () => {
    const rig = new LanesRig();
    rig.handlers(rig.manual);
    rig.push('a1', 'a2', 'a3');
    await rig.clock.advance(30_000);
    expect(rig.started).toEqual(['a1']);
    await rig.finish('a1', 'a2', 'a3');
    expect(rig.log).toEqual([
      'starts a1',
      'handled a1',
      'starts a2',
      'handled a2',
      'starts a3',
      'handled a3',
      'empty a',
    ]);
  });

  it('run different conversations at the same time, up to the limit', async () => {
    const rig = new LanesRig({ bounds: { concurrency: 2 } });
    rig.handlers(rig.manual);
    rig.push('a1', 'b1', 'c1', 'd1');
    expect(rig.started).toEqual(['a1', 'b1']);
    expect(rig.lanes.slots.runningCount).toBe(2);
    await rig.finish('b1');
    expect(rig.started).toEqual(['a1', 'b1', 'c1']);
    await rig.finish('a1', 'c1', 'd1');
    expect(rig.handled).toEqual(['b1', 'a1', 'c1', 'd1']);
    expect(rig.lanes.slots.runningCount).toBe(0);
  });

  it('take turns when slots are scarce: a conversation with a long lane does not starve the others', async () => {
    const rig = new LanesRig({ bounds: { concurrency: 1 } });
    rig.handlers(rig.manual);
    rig.push('a1', 'a2', 'a3', 'b1', 'c1');
    await rig.finish('a1', 'b1', 'c1', 'a2', 'a3');
    expect(rig.handled).toEqual(['a1', 'b1', 'c1', 'a2', 'a3']);
  });

  it('need no slot and make no promise while handlers are synchronous', () => {
    const rig = new LanesRig({ bounds: { concurrency: 1 } });
    const seen: string[] = [];
    rig.handlers(({ payload }) => seen.push(payload.id));
    const promises = countPromises(() => rig.push('a1', 'a2', 'b1'));
    expect(seen).toEqual(['a1', 'a2', 'b1']);
    expect(rig.handled).toEqual(['a1', 'a2', 'b1']);
    expect(promises).toBe(0);
    expect(rig.lanes.slots.runningCount).toBe(0);
    expect(rig.clock.pendingTimers).toBe(0);
  });

  it('give an idle conversation’s message to synchronous handlers at once, and leave nothing behind', () => {
    const rig = new LanesRig();
    rig.handlers(() => 'done');
    let result: unknown = 'none';
    const promises = countPromises(() => {
      result = rig.lanes.runNow(eventOf('a1'), 'live');
    });
    expect(result).toBeNull();
    expect(promises).toBe(0);
    expect(rig.busy('a').lane).toBeNull();
  });

  it('take over what an idle conversation’s handlers could not finish at once', async () => {
    const rig = new LanesRig();
    rig.handlers(rig.manual);
    const call = rig.lanes.runNow(eventOf('a1'), 'live');
    if (call === null) throw new Error('it was over at once');
    rig.lanes.adopt(rig.busy('a'), arrivalOf('a1'), call);
    rig.push('a2');
    expect(rig.started).toEqual(['a1']);
    await rig.finish('a1', 'a2');
    expect(rig.handled).toEqual(['a1', 'a2']);
  });

  it('stay serial when a handler reaches back into its own lane', () => {
    const rig = new LanesRig();
    const seen: string[] = [];
    rig.handlers(({ payload }) => {
      seen.push(`begin ${payload.id}`);
      if (payload.id === 'a1') rig.push('a2');
      seen.push(`end ${payload.id}`);
    });
    rig.push('a1');
    expect(seen).toEqual(['begin a1', 'end a1', 'begin a2', 'end a2']);
  });

  it('let own messages take their place, and show them to no handler (GAP-5)', () => {
    const rig = new LanesRig();
    const seen: string[] = [];
    rig.handlers(({ payload }) => seen.push(payload.id));
    rig.push('a1');
    rig.lanes.push(rig.busy('a'), arrivalOf('a2', 'me'));
    rig.push('a3');
    expect(seen).toEqual(['a1', 'a3']);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
  });

  it('keep the order of every conversation for any mix of handlers, seeded', async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const rig = new LanesRig({ bounds: { concurrency: (seed % 4) + 1 } });
      let state = seed;
      const dice = (sides: number) => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        return (state >>> 8) % sides;
      };
      const atWork = new Set<string>();
      let most = 0;
      const ended: string[] = [];
      rig.handlers(({ payload }) => {
        const { conversation_id, id } = payload;
        if (atWork.has(conversation_id)) throw new Error(`seed ${seed}: two at once in ${conversation_id}`);
        if (dice(3) === 0) {
          ended.push(id);
          return undefined;
        }
        atWork.add(conversation_id);
        most = Math.max(most, atWork.size);
        return new Promise<void>((resolve) => {
          rig.clock.setTimer(() => {
            atWork.delete(conversation_id);
            ended.push(id);
            resolve();
          }, dice(50));
        });
      });
      for (let n = 1; n <= 30; n += 1) {
        rig.push(`a${n}`, `b${n}`, `c${n}`, `d${n}`);
        await rig.clock.advance(dice(40));
      }
      await rig.clock.advance(10_000);
      for (const lane of ['a', 'b', 'c', 'd']) {
        const order = ended.filter((id) => id.startsWith(lane)).map((id) => Number(id.slice(1)));
        expect(order, `seed ${seed}`).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
      }
      expect(most, `seed ${seed}`).toBeLessThanOrEqual((seed % 4) + 1);
      expect(rig.handled).toHaveLength(120);
    }
  });
});

describe('ORD-1: a handler that runs long', () => {
  it('gives its slot back after the warning, never its lane', async () => {
    const rig = new LanesRig({ bounds: { concurrency: 1 } });
    rig.handlers(rig.manual);
    rig.push('a1', 'a2', 'b1');
    await rig.clock.advance(59_000);
    expect(rig.started).toEqual(['a1']);
    await rig.clock.advance(20_000);
    expect(rig.started).toEqual(['a1', 'b1']);
    expect(rig.errors).toMatchObject([{ code: 'HANDLER_SLOW', messageId: 'a1' }]);
    await rig.clock.advance(600_000);
    expect(rig.started).toEqual(['a1', 'b1']);
    await rig.finish('a1');
    expect(rig.started).toEqual(['a1', 'b1', 'a2']);
  });

  it('is warned about once, and does not make slots out of nothing', async () => {
    const rig = new LanesRig({ bounds: { concurrency: 1 } });
    rig.handlers(rig.manual);
    rig.push('a1');
    await rig.clock.advance(600_000);
    expect(rig.errors).toHaveLength(1);
    await rig.finish('a1');
    rig.push('b1', 'c1');
    expect(rig.started).toEqual(['a1', 'b1']);
  });

  it('keeps no timer when nothing runs', async () => {
    const rig = new LanesRig();
    rig.handlers(rig.manual);
    rig.push('a1');
    await rig.finish('a1');
    await rig.clock.advance(60_000);
    expect(rig.clock.pendingTimers).toBe(0);
  });
});

describe('BP-1: the bound of a lane', () => {
  it('counts what waits, and tells when half of it is free again', async () => {
    const rig = new LanesRig({ bounds: { lane: 4 } });
    rig.handlers(rig.manual);
    rig.push('a1', 'a2', 'a3', 'a4', 'a5');
    const busy = rig.busy('a');
    expect(rig.lanes.roomOf(busy)).toBe(0);
    if (busy.lane !== null) busy.lane.owesRoom = true;
    await rig.finish('a1', 'a2');
    expect(rig.rooms).toEqual([]);
    await rig.finish('a3');
    expect(rig.rooms).toEqual(['a']);
    await rig.finish('a4', 'a5');
    expect(rig.rooms).toEqual(['a']);
    expect(rig.lanes.roomOf(busy)).toBe(4);
  });
});

/** How many promises a piece of synchronous code makes. */
function countPromises(code: () => void): number {
  const Original = globalThis.Promise;
  let made = 0;
  const counting = new Proxy(Original, {
    construct(target, args, newTarget) {
      made += 1;
      return Reflect.construct(target, args, newTarget) as object;
    },
    get(target, name) {
      if (name === 'resolve') made += 1;
      return Reflect.get(target, name, target) as unknown;
    },
  });
  globalThis.Promise = counting;
  try {
    code();
  } finally {
    globalThis.Promise = Original;
  }
  return made;
}

import { describe, expect, it } from 'vitest';
import { isMuted, type Muted, Mutes, readMutes, UNKNOWN } from '../../../src/realtime/catchup/deafness.js';
import { Life } from '../../../src/realtime/util/life.js';
import { VirtualClock } from '../../support/virtual-clock.js';
import { restPorts } from './rest-ports.js';

const NOW = Date.UTC(2026, 0, 1);
const agent = (target_id: unknown, muted_until: unknown = null) => ({
  target_kind: 'agent',
  target_id,
  muted_until,
});
const conversation = (target_id: unknown, muted_until: unknown = null) => ({
  target_kind: 'conversation',
  target_id,
  muted_until,
});
const from = (sender: string, conversationId = 'conv_a') => ({ sender, conversationId });

function read(answer: unknown): Muted {
  const muted = readMutes(answer, NOW);
  if (muted === null) throw new Error('this is a list');
  return muted;
}

describe('LIVE-2: what the list of mutes says', () => {
  it('a muted conversation, and an agent where its handle is named', () => {
    const muted = read({ mutes: [conversation('grp_1'), agent('@Alice')] });
    expect(isMuted(muted, from('bob', 'grp_1'))).toBe('yes');
    expect(isMuted(muted, from('alice'))).toBe('yes');
    expect(isMuted(muted, from('bob'))).toBe('no');
  });

  it('an agent under its internal id may be anybody', () => {
    const muted = read([agent('agt_1'), conversation('grp_1')]);
    expect(isMuted(muted, from('alice', 'grp_1'))).toBe('yes');
    expect(isMuted(muted, from('alice'))).toBe('perhaps');
  });

  it('nothing is muted when the list is empty', () => {
    expect(isMuted(read({ mutes: [] }), from('alice'))).toBe('no');
    expect(isMuted(read([]), from('alice'))).toBe('no');
  });

  it('what has run out is not muted, what cannot be read has not', () => {
    const until = (text: unknown) => isMuted(read([conversation('c', text)]), from('alice', 'c'));
    expect(until('2026-01-01T00:00:00.000Z')).toBe('no');
    expect(until('2025-12-31T23:59:59.000000+00:00')).toBe('no');
    expect(until('2026-01-01T00:00:01.000Z')).toBe('yes');
    expect(until('soon')).toBe('yes');
    expect(until({ toString: null })).toBe('yes');
  });

  it.each([
    [null],
    [7],
    ['x'],
    [[]],
    [{}],
    [{ target_kind: 'agent' }],
    [agent({ toString: null })],
    [agent('')],
  ])('a row like %j may mean anybody', (bad) => {
    expect(isMuted(read({ mutes: [bad] }), from('alice'))).toBe('perhaps');
  });

  it.each([null, undefined, 7, 'x', {}, { mutes: null }, { mutes: {} }])('%j says nothing', (answer) => {
    expect(readMutes(answer, NOW)).toBeNull();
    expect(isMuted(UNKNOWN, from('alice'))).toBe('perhaps');
  });
});

describe('LIVE-2: the list of mutes', () => {
  function rig(listMutes: (() => Promise<unknown>) | undefined) {
    const clock = new VirtualClock();
    let asked = 0;
    const source = {
      listMutes:
        listMutes === undefined
          ? undefined
          : () => {
              asked += 1;
              return listMutes();
            },
    };
    return {
      clock,
      mutes: new Mutes(restPorts(clock, source)),
      asked: () => asked,
    };
  }

  it('is asked for when somebody wants to know, and believed for five minutes', async () => {
    const { clock, mutes, asked } = rig(async () => ({ mutes: [agent('alice')] }));
    for (let n = 0; n < 10; n += 1) {
      expect(isMuted(await mutes.read(new Life()), from('alice'))).toBe('yes');
      await clock.advance(29_999);
    }
    expect(asked()).toBe(1);
    await clock.advance(10);
    await mutes.read(new Life());
    expect(asked()).toBe(2);
  });

  it.each([
    ['an error', () => Promise.reject(new TypeError('fetch failed'))],
    ['what is no error', () => Promise.reject(Object.create(null))],
    [
      'a throw',
      () => {
        throw new RangeError('at once');
      },
    ],
    ['junk', async () => ({ items: [] })],
  ])('when it fails with %s nobody knows, and it is asked again after a minute', async (_, listMutes) => {
    const { clock, mutes, asked } = rig(listMutes);
    for (let n = 0; n < 6; n += 1) {
      expect(await mutes.read(new Life())).toEqual(UNKNOWN);
      await clock.advance(20_000);
    }
    expect(asked()).toBe(2);
  });

  it('is asked again at once when the end of the session cut the question short', async () => {
    let answer: () => Promise<unknown> = () => new Promise(() => {});
    const { clock, mutes, asked } = rig(() => answer());
    const life = new Life();
    const cutShort = mutes.read(life);
    await clock.settle();
    life.end();
    expect(await cutShort).toEqual(UNKNOWN);
    answer = async () => ({ mutes: [agent('alice')] });
    expect(isMuted(await mutes.read(new Life()), from('alice'))).toBe('yes');
    expect(asked()).toBe(2);
  });

  it('where it does not name everybody, conversations that are marked as muted are muted', async () => {
    const clock = new VirtualClock();
    const asked: string[] = [];
    let list: unknown = [
      { id: 'conv_m', is_muted: true },
      { id: 'conv_a', is_muted: false },
      { id: 'conv_b', is_muted: 'yes' },
      { id: 7, is_muted: true },
      null,
    ];
    const source = {
      listMutes: async () => ({ mutes: [agent('agt_1')] }),
      listConversations: async ({ limit, offset }: { limit?: number; offset?: number }) => {
        asked.push(`${limit} from ${offset}`);
        if (list === null) throw new TypeError('fetch failed');
        return list;
      },
    };
    const mutes = new Mutes(restPorts(clock, source));
    const seen = await mutes.read(new Life());
    expect(isMuted(seen, from('mallory', 'conv_m'))).toBe('yes');
    expect(isMuted(seen, from('alice'))).toBe('perhaps');
    expect(isMuted(seen, from('alice', 'conv_b'))).toBe('perhaps');
    expect(asked).toEqual(['100 from 0']);
    for (list of [null, 7, { items: [] }]) {
      await clock.advance(300_000);
      expect(isMuted(await mutes.read(new Life()), from('mallory', 'conv_m'))).toBe('perhaps');
    }
    Object.assign(source, { listMutes: async () => [] });
    await clock.advance(300_000);
    expect(isMuted(await mutes.read(new Life()), from('mallory', 'conv_m'))).toBe('no');
    expect(asked).toHaveLength(4);
  });

  it('where the source has none, nobody knows', async () => {
    expect(await rig(undefined).mutes.read(new Life())).toEqual(UNKNOWN);
  });
});

import { describe, expect, it } from 'vitest';
import { depthOf, withDepth } from '../../src/bot/guard/depth.js';
import { GuardKeeper, groupKey, peerKey } from '../../src/bot/guard/guard-keeper.js';
import type { GuardOptions } from '../../src/bot/guard/options.js';
import { memoryStore } from '../../src/stores/index.js';
import { mulberry32 } from '../support/mulberry32.js';
import { VirtualClock } from '../support/virtual-clock.js';

interface Said {
  readonly from: string;
  readonly text: string;
  readonly metadata: Record<string, unknown>;
  readonly at: number;
}

/** Everybody hears everybody else. */
class Room {
  readonly clock = new VirtualClock({ seed: 7 });
  readonly said: Said[] = [];
  readonly bots: Bot[] = [];

  constructor(readonly isGroup = false) {}

  say(from: string, text: string, metadata: Record<string, unknown> = {}): void {
    const said = { from, text, metadata, at: this.clock.now() };
    this.said.push(said);
    if (this.said.length > 5_000) throw new Error('they talk for ever');
    for (const bot of this.bots) if (bot.name !== from) bot.hear(said);
  }

  get lastAt(): number {
    return this.said.at(-1)?.at ?? 0;
  }
}

interface Manner {
  readonly answerMs: number;
  readonly speak: (times: number) => string;
  readonly carriesDepth?: boolean;
  /** `false`: answers everything, like the bots of others. */
  readonly guard?: GuardOptions | false;
}

class Bot {
  private readonly keeper: GuardKeeper | null;
  private times = 0;
  readonly interventions: string[] = [];

  constructor(
    readonly name: string,
    private readonly room: Room,
    private readonly manner: Manner,
  ) {
    const { guard } = manner;
    const { values } = memoryStore({ clock: room.clock });
    this.keeper = guard === false ? null : new GuardKeeper(values, room.clock, guard);
    room.bots.push(this);
  }

  hear(heard: Said): void {
    this.room.clock.setTimer(() => void this.turn(heard), this.manner.answerMs);
  }

  private async turn({ from, text, metadata }: Said): Promise<void> {
    const depth = depthOf(metadata);
    const keys = [peerKey(from), ...(this.room.isGroup ? [groupKey('grp_1')] : [])];
    const verdict = await this.keeper?.check(keys, { texts: [text], depth });
    if (verdict !== undefined && !verdict.allow) {
      this.interventions.push(verdict.reason);
      return;
    }
    const answer = this.manner.speak(this.times++);
    await this.keeper?.replied(keys, answer);
    this.room.say(this.name, answer, this.manner.carriesDepth === true ? withDepth({}, depth) : {});
  }
}

const VOWELS = 'aeiou';
const CONSONANTS = 'bdfgklmnprstvz';
/** Words that nobody has said before. */
function chatter(seed: number) {
  const chance = mulberry32(seed);
  const one = (letters: string) => letters[Math.floor(chance() * letters.length)];
  const word = () => `${one(CONSONANTS)}${one(VOWELS)}${one(CONSONANTS)}${one(VOWELS)}${one(CONSONANTS)}`;
  return () => Array.from({ length: 8 }, word).join(' ');
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

async function loop(bots: number, manner: (place: number) => Manner): Promise<Room> {
  const room = new Room(bots > 2);
  for (let place = 0; place < bots; place += 1) new Bot(`bot-${place}`, room, manner(place));
  room.say('bot-0', 'Hello everybody');
  await room.clock.advance(6 * HOUR);
  return room;
}

const numbered = (times: number) => `This is answer number ${times}. How can I help?`;

describe('two bots that answer each other stop by themselves', () => {
  describe.each([0, 2_000])('within a minute when an answer takes %i ms', (answerMs) => {
    it.each<[string, (place: number) => Manner]>([
      ['default bots', (place) => ({ answerMs, speak: chatter(place), carriesDepth: true })],
      ['bots that carry no depth', (place) => ({ answerMs, speak: chatter(place) })],
      ['bots that say the same', () => ({ answerMs, speak: () => 'How can I help?' })],
      ['bots that vary a number', () => ({ answerMs, speak: numbered })],
      [
        'ours, and one that answers everything instantly',
        (place) =>
          place === 0 ? { answerMs: 0, speak: chatter(9), guard: false } : { answerMs, speak: chatter(1) },
      ],
      [
        'ours, and one that counts',
        (place) =>
          place === 0 ? { answerMs: 0, speak: numbered, guard: false } : { answerMs, speak: chatter(1) },
      ],
    ])('%s', async (_, manner) => {
      const room = await loop(2, manner);
      expect(room.lastAt).toBeLessThanOrEqual(MINUTE);
      expect(room.said.length).toBeLessThanOrEqual(42);
    });

    it.each<[string, (place: number) => Manner]>([
      ['three default bots in a group', (place) => ({ answerMs, speak: chatter(place), carriesDepth: true })],
      ['three in a group without depth', (place) => ({ answerMs, speak: chatter(place) })],
      [
        'three in a group, one of which counts',
        (place) => ({ answerMs, speak: place === 0 ? numbered : chatter(place) }),
      ],
    ])('%s', async (_, manner) => {
      const room = await loop(3, manner);
      expect(room.lastAt).toBeLessThanOrEqual(MINUTE);
      expect(room.said.length).toBeLessThanOrEqual(62);
    });
  });

  it.each<[number, string, number, (place: number) => Manner]>([
    [
      3_000,
      'default bots',
      MINUTE,
      (place) => ({ answerMs: 3_000, speak: chatter(place), carriesDepth: true }),
    ],
    [3_000, 'bots that carry no depth', 2 * MINUTE, (place) => ({ answerMs: 3_000, speak: chatter(place) })],
    [3_000, 'bots that vary a number', MINUTE, () => ({ answerMs: 3_000, speak: numbered })],
    [
      20_000,
      'default bots',
      3 * MINUTE,
      (place) => ({ answerMs: 20_000, speak: chatter(place), carriesDepth: true }),
    ],
    [20_000, 'bots that vary a number', 3 * MINUTE, () => ({ answerMs: 20_000, speak: numbered })],
  ])('when an answer takes %i ms: %s', async (_, __, withinMs, manner) => {
    const room = await loop(2, manner);
    expect(room.lastAt).toBeLessThanOrEqual(withinMs);
  });

  it('what no guard can tell from a conversation stays within its rate', async () => {
    const room = await loop(2, (place) => ({ answerMs: 20_000, speak: chatter(place) }));
    const ours = room.said.filter(({ from }) => from === 'bot-1');
    for (const { at } of ours) {
      expect(
        ours.filter((other) => other.at <= at && at - other.at < 10 * MINUTE).length,
      ).toBeLessThanOrEqual(20);
    }
  });

  it('one that asks again and again is answered less and less', async () => {
    const room = new Room();
    const ours = new Bot('ours', room, { answerMs: 0, speak: chatter(3) });
    const words = chatter(4);
    const from = () => room.said.filter((said) => said.from === 'ours').length;
    const counts: number[] = [];
    for (let hour = 0; hour < 4; hour += 1) {
      const before = from();
      for (let second = 0; second < 3_600; second += 1) {
        room.say('pest', words());
        room.said.splice(0, room.said.length, ...room.said.filter((said) => said.from === 'ours'));
        await room.clock.advance(1_000);
      }
      counts.push(from() - before);
    }
    // Ten answers, then silence: 1, 2, 4, 8, 16, 32 minutes, and an hour from then on.
    expect(counts[0]).toBeLessThanOrEqual(60);
    expect(counts[3]).toBeLessThanOrEqual(20);
    expect(ours.interventions).toContain('replies');
  });
});

describe('people are not disturbed', () => {
  async function interventions(seed: number, times: readonly number[]) {
    const room = new Room();
    const bot = new Bot('ours', room, { answerMs: 2_000, speak: chatter(seed), carriesDepth: true });
    const ask = chatter(seed + 1_000);
    for (const at of times) {
      await room.clock.advanceTo(at);
      room.say('alice', ask());
    }
    await room.clock.advance(MINUTE);
    expect(room.said.length).toBeGreaterThan(times.length);
    return bot.interventions;
  }

  it('who ask fifteen questions in ten minutes, at any moments', async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const chance = mulberry32(seed);
      const times = Array.from({ length: 15 }, () => chance() * 10 * MINUTE).sort((a, b) => a - b);
      expect([seed, await interventions(seed, times)]).toEqual([seed, []]);
    }
  });

  it('who ask something every 30 to 60 seconds for two hours', async () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const chance = mulberry32(seed);
      const times: number[] = [];
      for (let at = 0; at < 2 * HOUR; at += 30_000 + chance() * 30_000) times.push(at);
      expect([seed, await interventions(seed, times)]).toEqual([seed, []]);
    }
  });
});

describe('the keeper', () => {
  const peers = [peerKey('@Alice')];
  const hears = (text: string, id?: string) => ({ texts: [text], depth: 0, id });

  function keepers(count: number, options?: GuardOptions) {
    const clock = new VirtualClock();
    const { values } = memoryStore({ clock });
    return {
      clock,
      values,
      kept: Array.from({ length: count }, () => new GuardKeeper(values, clock, options)),
    };
  }

  it('remembers across restarts', async () => {
    const { kept } = keepers(3);
    const verdicts = [];
    for (const keeper of kept) verdicts.push(await keeper.check(peers, hears('Thanks')));
    expect(verdicts).toEqual([
      { allow: true },
      { allow: true },
      { allow: false, reason: 'same text', coolDownMs: MINUTE, key: 'peer/alice' },
    ]);
  });

  it('counts what replicas answer at the same moment', async () => {
    const { kept, values } = keepers(8);
    await Promise.all(kept.map((keeper, place) => keeper.replied(peers, `answer ${place}`)));
    expect((await values.get('guard/peer/alice'))?.value).toMatchObject({
      replies: { length: 8 },
      said: { times: 8 },
    });
  });

  it('in a group counts answers only', async () => {
    const { kept } = keepers(1);
    const [keeper] = kept as [GuardKeeper];
    const keys = [groupKey('grp_1')];
    for (let times = 0; times < 9; times += 1) {
      expect(await keeper.check(keys, hears('+1'))).toEqual({ allow: true });
      await keeper.replied(keys, 'Counted.');
    }
    await keeper.replied(keys, 'Counted.');
    expect(await keeper.check(keys, hears('+1'))).toMatchObject({ reason: 'replies', key: 'group/grp_1' });
  });

  it('one key is enough to refuse', async () => {
    const { kept } = keepers(1);
    const [keeper] = kept as [GuardKeeper];
    for (let times = 0; times < 10; times += 1) await keeper.replied([groupKey('grp_1')], 'x');
    expect(await keeper.check([...peers, groupKey('grp_1')], hears('Hi'))).toMatchObject({
      allow: false,
      key: 'group/grp_1',
    });
    expect(await keeper.check(peers, hears('Hi'))).toEqual({ allow: true });
  });

  it('forgets what does not matter any more', async () => {
    const { kept, clock, values } = keepers(1);
    await kept[0]?.replied(peers, 'Hello');
    await clock.advance(20 * MINUTE - 1);
    expect(await values.get('guard/peer/alice')).not.toBeNull();
    await clock.advance(1);
    expect(await values.get('guard/peer/alice')).toBeNull();
  });

  it('does not write where there is nothing new', async () => {
    const { kept, values } = keepers(1);
    await kept[0]?.check(peers, hears('Hi', 'turn_1'));
    const before = await values.get('guard/peer/alice');
    await kept[0]?.check(peers, hears('Hi', 'turn_1'));
    await kept[0]?.check([groupKey('grp_1')], hears('Hi'));
    expect(await values.get('guard/peer/alice')).toEqual(before);
    expect(await values.get('guard/group/grp_1')).toBeNull();
  });

  it('takes ids of any length and kind', async () => {
    const { kept } = keepers(1);
    const keys = [peerKey('é/\u0000'.repeat(1_000)), groupKey('漢'.repeat(1_000))];
    await kept[0]?.replied(keys, 'Hi');
    expect(await kept[0]?.check(keys, hears('Hi'))).toEqual({ allow: true });
  });

  it('is not fooled by a wall clock that is set back', async () => {
    const { kept, clock } = keepers(1);
    const [keeper] = kept as [GuardKeeper];
    for (let times = 0; times < 3; times += 1) await keeper.check(peers, hears('Thanks'));
    clock.shiftWall(-5 * HOUR);
    await clock.advance(MINUTE);
    await keeper.replied(peers, 'a word');
    await clock.advance(MINUTE);
    expect(await keeper.check(peers, hears('Something else'))).toEqual({ allow: true });
  });
});

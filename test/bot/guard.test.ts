import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEPTH_KEY, depthOf, withDepth } from '../../src/bot/guard/depth.js';
import { FRESH, type GuardState, guardStateOf, judge, replied } from '../../src/bot/guard/guard.js';
import { alike, essenceOf } from '../../src/bot/guard/likeness.js';
import { type GuardOptions, guardRulesOf } from '../../src/bot/guard/options.js';
import { ValidationError } from '../../src/errors/index.js';
import type { Json } from '../../src/stores/index.js';

const rules = guardRulesOf();
const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);

/** One peer, and what the guard says to it. */
class Talk {
  state: GuardState = FRESH;
  now = START;

  constructor(private readonly options: GuardOptions = {}) {}

  hears(text: string | readonly string[], { depth = 0, id }: { depth?: number; id?: string } = {}) {
    const texts = typeof text === 'string' ? [text] : text;
    const judged = judge(this.state, { texts, depth, id, now: this.now }, guardRulesOf(this.options));
    this.state = judged.state;
    return judged.verdict;
  }

  says(text: string, id?: string) {
    this.state = replied(this.state, { text, id, now: this.now }, guardRulesOf(this.options));
  }

  /** Both sides say something new each time. */
  exchange(times: number, everyMs: number) {
    let answered = 0;
    for (let at = 0; at < times; at += 1) {
      if (this.hears(WORDS[at % WORDS.length] ?? '').allow) {
        this.says(WORDS[(at + 7) % WORDS.length] ?? '');
        answered += 1;
      }
      this.now += everyMs;
    }
    return answered;
  }
}

const WORDS = [
  'apples',
  'rivers are long',
  'why not',
  'mountains of snow',
  'a kettle',
  'seven bridges',
  'the wind',
  'quiet harbour',
  'old maps',
  'lanterns',
  'grey geese',
  'a long story about bread',
  'salt',
];

describe('how much a bot answers', () => {
  it('half of repliesPerPeer in a tenth of the window', () => {
    const talk = new Talk();
    expect(talk.exchange(30, 100)).toBe(10);
    expect(talk.hears('new')).toMatchObject({ allow: false, reason: 'cooling down' });
  });

  it('repliesPerPeer in the window', () => {
    const talk = new Talk();
    expect(talk.exchange(20, 10_000)).toBe(20);
    expect(talk.hears('another')).toEqual({ allow: false, reason: 'replies', coolDownMs: 60_000 });
  });

  it('goes on after the cool-down', () => {
    const talk = new Talk();
    talk.exchange(20, 10_000);
    talk.hears('another');
    talk.now += MINUTE - 1;
    expect(talk.hears('more')).toEqual({ allow: false, reason: 'cooling down', coolDownMs: 1 });
    talk.now += 1;
    expect(talk.hears('more')).toEqual({ allow: true });
  });

  it('each cool-down is twice the last, up to the longest, and short again after a window of peace', () => {
    const talk = new Talk({ repliesPerPeer: 2 });
    const pauses: (number | undefined)[] = [];
    const provoke = () => {
      talk.exchange(1, 10);
      const verdict = talk.hears('and again');
      if (verdict.allow) throw new Error('not provoked');
      talk.now = talk.state.coolUntil;
      pauses.push(verdict.coolDownMs);
    };
    for (let times = 0; times < 8; times += 1) provoke();
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((minutes) => minutes * MINUTE));
    talk.now += rules.windowMs;
    provoke();
    expect(pauses.at(-1)).toBe(MINUTE);
  });

  it('a window of quiet begins a new topic', () => {
    const talk = new Talk();
    talk.hears('the same');
    talk.hears('the same');
    talk.says('mine');
    talk.says('mine');
    talk.now += rules.windowMs;
    expect(talk.hears('the same')).toEqual({ allow: true });
    talk.says('mine');
    expect(talk.hears('the same')).toEqual({ allow: true });
  });

  it('never more than repliesPerPeer in any window, nor half of it in a tenth, between two interventions', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 8 }), (waits, repliesPerPeer) => {
        const talk = new Talk({ repliesPerPeer });
        let answers: number[] = [];
        for (const [place, wait] of waits.entries()) {
          talk.now += wait;
          if (!talk.hears(WORDS[place % WORDS.length] ?? '').allow) {
            answers = [];
            continue;
          }
          talk.says(WORDS[(place + 3) % WORDS.length] ?? '');
          answers.push(talk.now);
          const within = (ms: number) => answers.filter((at) => talk.now - at < ms).length;
          expect(within(rules.windowMs)).toBeLessThanOrEqual(repliesPerPeer);
          expect(within(rules.windowMs / 10)).toBeLessThanOrEqual(Math.ceil(repliesPerPeer / 2));
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('the same text', () => {
  it('of the peer is not answered for the third time, and other texts are after the cool-down', () => {
    const talk = new Talk();
    expect(talk.hears('Thank you!').allow).toBe(true);
    expect(talk.hears('thank  you').allow).toBe(true);
    expect(talk.hears('THANK YOU 3')).toEqual({ allow: false, reason: 'same text', coolDownMs: MINUTE });
    talk.now += MINUTE;
    expect(talk.hears('Thank you.')).toEqual({ allow: false, reason: 'same text', coolDownMs: 2 * MINUTE });
    talk.now += 2 * MINUTE;
    expect(talk.hears('What time is it?').allow).toBe(true);
  });

  it('of the bot: when it was said three times, and once more after each cool-down', () => {
    const talk = new Talk();
    for (const word of ['apples', 'pears', 'plums']) {
      expect(talk.hears(word).allow).toBe(true);
      talk.says('I do not understand.');
    }
    expect(talk.hears('grapes')).toMatchObject({ allow: false, reason: 'same text' });
    talk.now += MINUTE;
    expect(talk.hears('figs').allow).toBe(true);
    talk.says('I do not understand!');
    expect(talk.hears('dates')).toEqual({ allow: false, reason: 'same text', coolDownMs: 2 * MINUTE });
  });

  it('counts once among messages that wait together, and in a row only', () => {
    const talk = new Talk();
    expect(talk.hears(['hello?', 'hello?', 'hello?', 'hello?']).allow).toBe(true);
    expect(talk.hears(['hello?', 'anybody?']).allow).toBe(true);
    expect(talk.hears(['hello?', 'hello?']).allow).toBe(true);
    expect(talk.hears('hello?').allow).toBe(true);
    expect(talk.hears('hello?').allow).toBe(false);
  });

  it('messages without a text are no echo', () => {
    const talk = new Talk();
    talk.hears('hi');
    talk.hears('hi');
    for (let times = 0; times < 5; times += 1) expect(talk.hears([]).allow).toBe(true);
  });

  it.each([
    ['Attempt 1 of 9 failed.', 'attempt 2 of 9 FAILED!!'],
    ['Thanks 🙏', 'thanks'],
    ['Ｈello', 'hello'],
    [
      'I would be very happy to help you with that today',
      'I would be very happy to help you with that todays',
    ],
    ['x'.repeat(1_000_000), `${'x'.repeat(1_000_000)}y`],
  ])('%.40s ~ %.40s', (left, right) => {
    expect(alike(essenceOf(left), essenceOf(right))).toBe(true);
  });

  it.each([
    ['yes', 'no'],
    ['1', '2'],
    ['👍', '👎'],
    ['?', '!'],
    ['The weather in Paris is sunny', 'The weather in Oslo is cloudy'],
    ['', 'a'],
    ['=', 'is'],
  ])('%s !~ %s', (left, right) => {
    expect(alike(essenceOf(left), essenceOf(right))).toBe(false);
  });

  it('likeness does not depend on who is first, and is small whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (left, right) => {
        const [one, two] = [essenceOf(left), essenceOf(right)];
        expect(alike(one, one)).toBe(true);
        expect(alike(one, two)).toBe(alike(two, one));
        expect(essenceOf(left.repeat(500)).length).toBeLessThanOrEqual(401);
      }),
    );
  });
});

describe('depth', () => {
  it('an answer carries one more than what it answers', () => {
    expect(withDepth({ reply_to: 'msg_1' }, 0)).toEqual({ reply_to: 'msg_1', [DEPTH_KEY]: 1 });
    expect(depthOf(withDepth({}, 7))).toBe(8);
  });

  it.each([
    undefined,
    null,
    'text',
    {},
    [],
    { [DEPTH_KEY]: '7' },
    { [DEPTH_KEY]: -1 },
    { [DEPTH_KEY]: 1.5 },
    { [DEPTH_KEY]: Number.NaN },
  ])('%j says nothing', (metadata) => {
    expect(depthOf(metadata)).toBe(0);
  });

  it('a huge number stays one that can be counted on', () => {
    expect(depthOf({ [DEPTH_KEY]: 1e300 })).toBe(1_000);
    expect(withDepth({}, 1e300)).toEqual({ [DEPTH_KEY]: 1_000 });
  });

  it('too deep is not answered, and only that message', () => {
    const talk = new Talk();
    expect(talk.hears('a', { depth: 7 }).allow).toBe(true);
    expect(talk.hears('b', { depth: 8 })).toEqual({ allow: false, reason: 'depth' });
    expect(talk.hears('c').allow).toBe(true);
  });
});

describe('a turn that runs again', () => {
  it('is judged the same, and counts once', () => {
    const talk = new Talk();
    for (let times = 0; times < 9; times += 1) {
      expect(talk.hears('hello', { id: 'turn_1' }).allow).toBe(true);
      talk.says('Hi', 'reply_1');
    }
    expect(talk.state.replies).toHaveLength(1);
    expect(talk.state).toMatchObject({ heard: { times: 1 }, said: { times: 1 } });
  });
});

describe('the clock', () => {
  it('set back: a cool-down is as long as before', () => {
    const talk = new Talk();
    talk.exchange(20, 10_000);
    talk.hears('another');
    talk.now -= 5 * 3_600_000;
    expect(talk.hears('more')).toMatchObject({ reason: 'cooling down', coolDownMs: MINUTE });
    talk.says('a word from elsewhere');
    talk.now += MINUTE;
    expect(talk.hears('more').allow).toBe(true);
  });

  it('of another host, a little behind: time stands still for a moment', () => {
    const talk = new Talk();
    talk.says('one');
    talk.now -= 2_000;
    talk.says('two');
    expect(talk.state.replies).toEqual([START, START]);
  });
});

describe('what is remembered', () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  const odd = fc.record(
    {
      at: json,
      replies: json,
      heard: json,
      said: json,
      coolUntil: json,
      trips: json,
      allowed: json,
      answered: json,
    },
    { requiredKeys: [] },
  );

  it('is small whatever happens, and survives JSON', () => {
    const step = fc.record({
      text: fc.string({ unit: 'binary', maxLength: 2_000 }),
      depth: fc.integer({ min: -1, max: 9 }),
      wait: fc.integer({ min: -3_600_000, max: 3_600_000 }),
      answers: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const talk = new Talk();
        for (const { text, depth, wait, answers } of steps) {
          talk.now += wait;
          talk.hears(text, { depth });
          if (answers) talk.says(text);
          const stored = JSON.stringify(talk.state);
          expect(stored.length).toBeLessThan(6_000);
          expect(guardStateOf(JSON.parse(stored))).toEqual(talk.state);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('may have been written by anybody', () => {
    fc.assert(
      fc.property(fc.oneof(json, odd), (value) => {
        const state = guardStateOf(value as Json);
        const judged = judge(state, { texts: ['hello'], depth: 0, now: START }, rules);
        expect(typeof judged.verdict.allow).toBe('boolean');
        expect(() => replied(judged.state, { text: 'hi', now: START }, rules)).not.toThrow();
      }),
    );
  });
});

describe('guardRulesOf', () => {
  it('has the defaults of its docs', () => {
    expect(guardRulesOf({ sameText: undefined, maxDepth: null as never })).toEqual({
      repliesPerPeer: 20,
      windowMs: 600_000,
      sameText: 3,
      maxDepth: 8,
      coolDownMs: 60_000,
      maxCoolDownMs: 3_600_000,
    });
  });

  it.each<[object | boolean, RegExp]>([
    [{ repliesPerPeers: 1 }, /did you mean "repliesPerPeer"\?/],
    [{ repliesPerPeer: 0 }, /"guard.repliesPerPeer" must be a whole number from 1 to 1000, not 0/],
    [{ sameText: 1 }, /"guard.sameText" must be a whole number from 2/],
    [{ windowMs: Number.POSITIVE_INFINITY }, /"guard.windowMs"/],
    [{ coolDownMs: 7_200_000 }, /"guard.maxCoolDownMs" must be at least "guard.coolDownMs"/],
    [true, /guard options must be an object/],
  ])('refuses %j', (options, words) => {
    expect(() => guardRulesOf(options as GuardOptions)).toThrow(ValidationError);
    expect(() => guardRulesOf(options as GuardOptions)).toThrow(words);
  });
});

import { describe, expect, it } from 'vitest';
import {
  FINDINGS_NEEDED,
  type Finding,
  type Findings,
  type FindingsEffect,
  type FindingsEvent,
  NOTHING_FOUND,
  observe,
  REPLACE_SPACING_MS,
  RIPE_MS,
  RIPE_WHEN_SILENT_MS,
} from '../../../src/realtime/catchup/findings.js';
import { mulberry32 } from '../../support/mulberry32.js';

const SECOND = 1_000;
const HOUR = 3_600_000;

/** The machine with a clock that the test moves, its timer, and a service that says who is muted. */
class Watch {
  state: Findings = NOTHING_FOUND;
  now = 0;
  readonly replaced: number[] = [];
  readonly asked: number[] = [];
  /** What is answered to the next questions. */
  answer: { paused?: boolean; muted?: string[]; doubtful?: string[] } | 'nothing' = {};
  private timerAt: number | null = null;
  private count = 0;

  tell(event: FindingsEvent): void {
    const [state, effects] = observe(this.state, event, this.now);
    this.state = state;
    for (const effect of effects) this.perform(effect);
  }

  private perform(effect: FindingsEffect): void {
    if (effect.do === 'timer') this.timerAt = effect.at;
    if (effect.do === 'replace') {
      this.replaced.push(this.now);
      this.tell({ type: 'session' });
    }
    if (effect.do === 'ask') {
      this.asked.push(this.now);
      this.reply(effect.asked);
    }
  }

  reply(asked = this.state.asked): void {
    const { answer } = this;
    if (answer === 'nothing') return;
    const idsOf = (senders: string[] = []) =>
      new Set(
        this.state.row.filter(({ sender }) => senders.includes(sender)).map(({ messageId }) => messageId),
      );
    const judgement = answer.paused
      ? 'paused'
      : { muted: idsOf(answer.muted), doubtful: idsOf(answer.doubtful) };
    this.tell({ type: 'answer', asked, judgement });
  }

  find(...senders: string[]): void {
    for (const sender of senders) {
      this.count += 1;
      const finding: Finding = {
        messageId: `m${this.count}`,
        conversationId: `conv_${sender}`,
        sender,
        at: this.now,
      };
      this.tell({ type: 'found', finding });
    }
  }

  bring(sender = 'zoe', conversationId = `conv_${sender}`): void {
    this.tell({ type: 'brought', sender, conversationId });
  }

  pass(ms: number): void {
    const end = this.now + ms;
    while (this.timerAt !== null && this.timerAt <= end) {
      this.now = Math.max(this.now, this.timerAt);
      this.timerAt = null;
      this.tell({ type: 'timer' });
    }
    this.now = end;
  }

  get timer(): number | null {
    return this.timerAt;
  }
}

describe('LIVE-2: a socket that looks well is deaf', () => {
  it('after three findings in a row, each with 30 s to be brought after all', () => {
    const watch = new Watch();
    for (const at of [0, 60, 120]) {
      watch.pass(at * SECOND - watch.now);
      watch.find('alice');
    }
    watch.pass(30 * SECOND - 1);
    expect(watch.replaced).toEqual([]);
    watch.pass(1);
    expect(watch.replaced).toEqual([150 * SECOND]);
  });

  it('also when one look shows all three', () => {
    const watch = new Watch();
    watch.find('alice', 'bob', 'alice');
    watch.pass(RIPE_MS);
    expect(watch.replaced).toEqual([RIPE_MS]);
  });

  it('not after two, however old', () => {
    const watch = new Watch();
    watch.find('alice', 'bob');
    watch.pass(24 * HOUR);
    expect(watch.replaced).toEqual([]);
    expect(watch.timer).toBeNull();
  });

  it('not when the socket brings a message, whichever, in between', () => {
    const watch = new Watch();
    watch.find('alice', 'alice', 'alice');
    watch.pass(RIPE_MS - 1);
    watch.bring();
    watch.pass(HOUR);
    expect(watch.replaced).toEqual([]);
    watch.find('alice', 'alice');
    watch.bring();
    watch.find('alice');
    watch.pass(HOUR);
    expect(watch.replaced).toEqual([]);
    expect(watch.state.row).toHaveLength(1);
  });

  it('not when a session ends in between', () => {
    const watch = new Watch();
    watch.find('alice', 'alice', 'alice');
    watch.tell({ type: 'session' });
    watch.pass(HOUR);
    expect(watch.replaced).toEqual([]);
  });

  it('counts a message once, however often REST shows it', () => {
    const watch = new Watch();
    const finding = { messageId: 'm', conversationId: 'c', sender: 'alice', at: 0 };
    for (let n = 0; n < 10; n += 1) watch.tell({ type: 'found', finding });
    watch.pass(HOUR);
    expect(watch.replaced).toEqual([]);
    expect(watch.state.row).toHaveLength(1);
  });

  it('at most once in ten minutes, and then again', () => {
    const watch = new Watch();
    for (let minute = 0; minute < 35; minute += 1) {
      watch.find('alice', 'bob', 'carol');
      watch.pass(60 * SECOND);
    }
    const [first = 0] = watch.replaced;
    expect(watch.replaced).toEqual([0, 1, 2, 3].map((n) => first + n * REPLACE_SPACING_MS));
  });

  it('remembers fifty findings at most', () => {
    const watch = new Watch();
    watch.answer = 'nothing';
    for (let n = 0; n < 1_000; n += 1) watch.find('alice');
    expect(watch.state.row).toHaveLength(50);
  });
});

describe('LIVE-2: mutes and pauses', () => {
  it('a finding that is muted is none', () => {
    const watch = new Watch();
    watch.answer = { muted: ['alice'] };
    for (let minute = 0; minute < 600; minute += 1) {
      watch.find('alice');
      watch.pass(60 * SECOND);
    }
    expect(watch.replaced).toEqual([]);
    watch.find('bob', 'alice', 'bob');
    watch.pass(HOUR);
    expect(watch.replaced).toEqual([]);
    watch.find('bob');
    watch.pass(HOUR);
    expect(watch.replaced).toHaveLength(1);
  });

  it('nothing is held against the socket while the owner has paused us', () => {
    const watch = new Watch();
    watch.answer = { paused: true };
    for (let minute = 0; minute < 600; minute += 1) {
      watch.find('alice');
      watch.pass(60 * SECOND);
    }
    expect(watch.replaced).toEqual([]);
    expect(watch.state.row.length).toBeLessThan(FINDINGS_NEEDED);
  });

  it('where nobody can say, a sender costs one socket an hour at most, and others are none the worse', () => {
    const watch = new Watch();
    watch.answer = { doubtful: ['alice', 'bob'] };
    for (let minute = 0; minute < 180; minute += 1) {
      watch.find('alice');
      watch.pass(60 * SECOND);
    }
    expect(watch.replaced.length).toBeGreaterThan(1);
    expect(watch.replaced.length).toBeLessThanOrEqual(3);
    for (const [n, at] of watch.replaced.entries()) {
      if (n > 0) expect(at - (watch.replaced[n - 1] ?? 0)).toBeGreaterThanOrEqual(HOUR);
    }
    watch.pass(10 * 60 * SECOND);
    const before = watch.replaced.length;
    watch.find('bob', 'bob', 'bob');
    watch.pass(RIPE_MS);
    expect(watch.replaced).toHaveLength(before + 1);
  });

  it('a sender in doubt is believed again when the socket brings something of theirs', () => {
    const watch = new Watch();
    watch.answer = { doubtful: ['alice'] };
    watch.find('alice', 'alice', 'alice');
    watch.pass(RIPE_MS);
    expect(watch.state.presumedMuted.size).toBe(2);
    watch.bring('bob');
    expect(watch.state.presumedMuted.size).toBe(2);
    watch.bring('alice');
    expect(watch.state.presumedMuted.size).toBe(0);
    watch.pass(REPLACE_SPACING_MS);
    watch.find('alice', 'alice', 'alice');
    watch.pass(RIPE_MS);
    expect(watch.replaced).toHaveLength(2);
  });

  it('with nobody in doubt, a deaf socket is replaced every ten minutes for as long as it takes', () => {
    const watch = new Watch();
    for (let minute = 0; minute < 65; minute += 1) {
      watch.find('alice');
      watch.pass(60 * SECOND);
    }
    expect(watch.replaced).toHaveLength(7);
  });

  it('who is in doubt is remembered within a bound', () => {
    const watch = new Watch();
    for (let n = 0; n < 1_000; n += 1) {
      const senders = [`s${n}-a`, `s${n}-b`, `s${n}-c`];
      watch.answer = { doubtful: senders };
      watch.find(...senders);
      watch.now += 1;
      watch.tell({ type: 'silent' });
      watch.pass(RIPE_WHEN_SILENT_MS);
    }
    expect(watch.replaced).toHaveLength(1_000);
    expect(watch.state.presumedMuted.size).toBe(1_000);
  });
});

describe('LIVE-2: answers that come late', () => {
  it('change nothing after the socket has brought something', () => {
    const watch = new Watch();
    watch.answer = 'nothing';
    watch.find('alice', 'alice', 'alice');
    watch.pass(RIPE_MS);
    expect(watch.asked).toHaveLength(1);
    watch.bring();
    watch.answer = {};
    watch.reply(1);
    watch.pass(HOUR);
    expect(watch.replaced).toEqual([]);
  });

  it('are no answer to a later question', () => {
    const watch = new Watch();
    watch.answer = 'nothing';
    watch.find('alice', 'alice', 'alice');
    watch.pass(RIPE_MS);
    watch.bring();
    watch.find('alice', 'alice', 'alice');
    watch.pass(RIPE_MS);
    expect(watch.asked).toHaveLength(2);
    watch.answer = {};
    watch.reply(1);
    expect(watch.replaced).toEqual([]);
    watch.reply(2);
    expect(watch.replaced).toHaveLength(1);
  });

  it('are waited for: nothing is asked meanwhile', () => {
    const watch = new Watch();
    watch.answer = 'nothing';
    for (let n = 0; n < 100; n += 1) {
      watch.find('alice');
      watch.pass(60 * SECOND);
    }
    expect(watch.asked).toHaveLength(1);
  });
});

describe('LIVE-1: of a socket that is silent altogether', () => {
  it('one finding is enough, after five seconds', () => {
    const watch = new Watch();
    watch.tell({ type: 'silent' });
    watch.find('alice');
    watch.pass(RIPE_WHEN_SILENT_MS - 1);
    expect(watch.replaced).toEqual([]);
    watch.pass(1);
    expect(watch.replaced).toEqual([RIPE_WHEN_SILENT_MS]);
  });

  it('so is one that was found before the silence was probed', () => {
    const watch = new Watch();
    watch.find('alice');
    watch.pass(60 * SECOND);
    watch.tell({ type: 'silent' });
    expect(watch.replaced).toEqual([60 * SECOND]);
  });

  it('but not without any, and not when it brings something', () => {
    const watch = new Watch();
    watch.tell({ type: 'silent' });
    watch.pass(HOUR);
    watch.find('alice');
    watch.pass(HOUR);
    expect(watch.replaced).toEqual([]);
    watch.bring();
    watch.tell({ type: 'silent' });
    watch.find('alice');
    watch.bring();
    watch.find('alice');
    watch.pass(HOUR);
    expect(watch.replaced).toEqual([]);
  });

  it('a muted sender is no reason', () => {
    const watch = new Watch();
    watch.answer = { muted: ['alice'] };
    for (let n = 0; n < 100; n += 1) {
      watch.find('alice');
      watch.tell({ type: 'silent' });
      watch.pass(100 * SECOND);
    }
    expect(watch.replaced).toEqual([]);
  });

  it('nor, more than once an hour, is one of whom nobody can say', () => {
    const watch = new Watch();
    watch.answer = { doubtful: ['alice'] };
    for (let n = 0; n < 36; n += 1) {
      watch.find('alice');
      watch.tell({ type: 'silent' });
      watch.pass(100 * SECOND);
    }
    expect(watch.replaced).toHaveLength(1);
  });
});

describe('LIVE-2: whatever happens in whatever order', () => {
  it.each(Array.from({ length: 80 }, (_, n) => n + 1))('the rules hold (seed %i)', (seed) => {
    const chance = mulberry32(seed);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T;
    const watch = new Watch();
    /** What was found since the session began and the socket last brought something. */
    let held: number[] = [];
    let silentAt = Number.NEGATIVE_INFINITY;
    let replaced = 0;
    const noteReplaced = () => {
      if (watch.replaced.length === replaced) return;
      const at = watch.replaced.at(-1) ?? 0;
      const last = watch.replaced.at(-2) ?? Number.NEGATIVE_INFINITY;
      const wasSilent = at - silentAt <= 30 * SECOND;
      expect(watch.replaced.length).toBe(replaced + 1);
      const old = held.filter((found) => found <= at - (wasSilent ? RIPE_WHEN_SILENT_MS : RIPE_MS));
      expect(old.length).toBeGreaterThanOrEqual(wasSilent ? 1 : FINDINGS_NEEDED);
      if (!wasSilent) expect(at - last).toBeGreaterThanOrEqual(REPLACE_SPACING_MS);
      replaced += 1;
      held = [];
      silentAt = Number.NEGATIVE_INFINITY;
    };
    for (let n = 0; n < 400; n += 1) {
      const choice = pick([
        'find',
        'find',
        'find',
        'bring',
        'pass',
        'pass',
        'pass',
        'session',
        'silent',
        'answer',
      ]);
      if (choice === 'find') {
        watch.find(pick(['alice', 'bob', 'carol']));
        held.push(watch.now);
      } else if (choice === 'bring' && chance() < 0.3) {
        watch.bring(pick(['alice', 'bob', 'zoe']));
        held = [];
        silentAt = Number.NEGATIVE_INFINITY;
      } else if (choice === 'pass') watch.pass(Math.floor(chance() ** 3 * 20 * 60 * SECOND));
      else if (choice === 'session' && chance() < 0.3) {
        watch.tell({ type: 'session' });
        held = [];
        silentAt = Number.NEGATIVE_INFINITY;
      } else if (choice === 'silent' && chance() < 0.3) {
        silentAt = watch.now;
        watch.tell({ type: 'silent' });
      } else if (choice === 'answer') {
        watch.answer = pick([
          {},
          { paused: true },
          { muted: ['alice'] },
          { doubtful: ['bob'] },
          'nothing',
        ] as const) as Watch['answer'];
        if (chance() < 0.5) watch.reply(Math.floor(chance() * 5) + watch.state.asked - 3);
      }
      noteReplaced();
    }
    // Nothing that was held back for want of an answer is held back for ever.
    watch.answer = {};
    watch.reply();
    noteReplaced();
    watch.pass(24 * HOUR);
    expect(watch.state.row.length).toBeLessThan(FINDINGS_NEEDED);
  });
});

import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { endPrograms, run } from '../../readme/program.js';
import { Judge } from './judge.js';

afterEach(endPrograms);

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

it('TURN-2, STOP-1: a bot in 60 conversations for two minutes of virtual time answers all once, stays small, and leaves nothing', async () => {
  const program = run([
    '--expose-gc',
    '--import',
    'tsx',
    MAIN,
    '--minutes',
    '2',
    '--conversations',
    '60',
    '--seed',
    '2',
  ]);
  await program.exit;
  const report = program.output();
  expect(report, report).toContain('Every promise was kept');
  // A calm run would prove little.
  expect(report).not.toMatch(/\b0 (of them|failed|messages put aside|interventions|sends)|not measured/);
}, 120_000);

/** A judge whose one peer has said so many messages. */
function judgeOf(kind: 'steady' | 'stubborn', said: number): Judge {
  const judge = new Judge();
  judge.meet('alice', kind);
  for (let number = 1; number <= said; number += 1) judge.says('alice');
  for (const key of ['a', 'b', 'c']) judge.chargedFor(key);
  return judge;
}

it('the judge has nothing to say of what is as promised', () => {
  const judge = judgeOf('stubborn', 4);
  judge.noteFrom('alice', [1]);
  judge.answerFrom('alice', { key: 'b', numbers: [2, 3], turn: 1, noted: false });
  judge.answerFrom('alice', { key: 'c', numbers: [4], turn: 2, noted: false });
  judge.answerFrom('alice', { key: 'a', numbers: [1], turn: 3, noted: true });
  judge.close(1);
  expect(judge.faults).toEqual([]);
});

it.each<[string, (judge: Judge) => void]>([
  ['1 was answered twice', (judge) => answers(judge, [1], [1])],
  ['2 was answered before 1', (judge) => answers(judge, [2], [1])],
  ['of 2 messages some were never answered', (judge) => answers(judge, [1])],
  ['turn 1 found 2 in its session', (judge) => answer(judge, { turn: 2 })],
  ['d was charged 0 times', (judge) => answer(judge, { key: 'd' })],
  ['1,2 without its note', (judge) => answer(judge, { noted: true })],
  ['the guard has silenced the bot', (judge) => judge.guardActs('alice')],
  [
    'a was charged 2 times',
    (judge) => {
      judge.chargedFor('a');
      answers(judge, [1, 2]);
    },
  ],
  [
    'a second note for 1',
    (judge) => {
      judge.noteFrom('alice', [1]);
      judge.noteFrom('alice', [1]);
    },
  ],
])('the judge says: %s', (fault, happens) => {
  const judge = judgeOf('steady', 2);
  happens(judge);
  judge.close(1);
  expect(judge.faults.join('\n')).toContain(fault);
});

function answers(judge: Judge, ...all: number[][]): void {
  for (const [place, numbers] of all.entries())
    judge.answerFrom('alice', { key: 'abc'[place] ?? '', numbers, turn: place + 1, noted: false });
}

function answer(judge: Judge, given: Partial<Parameters<Judge['answerFrom']>[1]>): void {
  judge.answerFrom('alice', { key: 'a', numbers: [1, 2], turn: 1, noted: false, ...given });
}

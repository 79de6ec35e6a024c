import type { Message } from 'agentchat-client';
import { describe, expect, it } from 'vitest';
import { answerOf, noteOf } from './answer.js';
import type { Entry } from './happening.js';
import { type Records, violationsIn } from './judge.js';

const message = (seq: number, sender: string, text: string): Message => ({
  id: `msg_${seq}`,
  conversation_id: 'conv_1',
  sender,
  client_msg_id: `${seq}`,
  seq,
  type: 'text',
  content: { text },
  metadata: {},
  created_at: '2026-11-29T12:00:00.000Z',
  status: 'stored',
  delivered_at: null,
  read_at: null,
});

/** Two turns: one of two messages, and one of one. */
const FIRST = 'msg_1';
const SECOND = 'msg_6';
const INBOUND = [message(1, 'alice', 'a'), message(2, 'alice', 'b'), message(6, 'alice', 'c')];

function saidOf(key: string, turn: number, run: string, from: number): Message[] {
  const saying = { key, turn, run };
  const texts = [noteOf(saying), ...answerOf(saying).split('\n\n')];
  return texts.map((text, place) => message(from + place, 'bot', text));
}

const SAID = saidOf(FIRST, 1, '1.1', 3);
const THEN = saidOf(SECOND, 2, '1.2', 7);

const think = (life: number, key: string, messages: readonly string[]): Entry => {
  return { life, what: 'think', conversation: 'conv_1', key, messages };
};
const DEATH = { phase: 'after', step: 'tally', arrival: 1, turns: 0 } as const;
const THOUGHT = [think(1, FIRST, ['msg_1', 'msg_2']), think(1, SECOND, ['msg_6'])];
const BOOKED = [
  { turn: FIRST, life: 1 },
  { turn: SECOND, life: 1 },
];
const GOOD: Records = {
  messages: [...INBOUND, ...SAID, ...THEN],
  acknowledgedBefore: new Map(),
  undelivered: [],
  charges: BOOKED,
  tallies: BOOKED,
  stored: new Map([['conv_1', { turns: 2, frozen: [] }]]),
};

const judged = (journal: readonly Entry[], records: Partial<Records> = {}) =>
  violationsIn(journal, { ...GOOD, ...records }, 'bot');

describe('what the crash matrix of the bot kit takes for a violation', () => {
  it('is nothing of a bot that keeps its promises', () => {
    expect(judged(THOUGHT)).toEqual([]);
  });

  it('is no tally that was repeated because a death came before its record', () => {
    const tallies = [...BOOKED, { turn: SECOND, life: 2 }];
    const journal: Entry[] = [
      ...THOUGHT,
      { life: 1, what: 'die', death: DEATH },
      think(2, SECOND, ['msg_6']),
    ];
    expect(judged(journal, { tallies })).toEqual([]);
    for (const what of ['recorded', 'passed'] as const) {
      const recorded: Entry = { life: 1, what, key: SECOND, step: 'step/tally' };
      expect(judged([recorded, ...journal], { tallies })).toEqual([
        `TURN-2 the turn ${SECOND} was tallied 2 times, and at most 1 are allowed`,
      ]);
    }
  });

  it.each<[string, string, readonly Entry[], Partial<Records>?]>([
    ['a message that was never handled', 'TURN-1 msg_6 was never handled', THOUGHT.slice(0, 1)],
    [
      'a turn that is another when it runs again',
      `TURN-1 the turn ${FIRST} had other messages`,
      [...THOUGHT, think(2, FIRST, ['msg_1'])],
    ],
    ['a message in two turns', 'TURN-1 msg_2 is in the turns', [...THOUGHT, think(2, 'msg_2', ['msg_2'])]],
    [
      'a turn that runs after its end',
      'it was finished in life 1',
      [...THOUGHT, { life: 1, what: 'finished', key: SECOND }, { life: 2, what: 'again', key: SECOND }],
    ],
    [
      'a message that comes again after its acknowledgement',
      'ACK-1 msg_6 was handed out in life 2',
      [...THOUGHT, { life: 2, what: 'again', key: SECOND }],
      { acknowledgedBefore: new Map([['msg_6', 2]]) },
    ],
    ['a message that is not acknowledged', 'ACK-1 msg_6', THOUGHT, { undelivered: INBOUND.slice(2) }],
    [
      'a turn that is still frozen',
      'is still frozen',
      THOUGHT,
      { stored: new Map([['conv_1', { turns: 2, frozen: [SECOND] }]]) },
    ],
    ['a second charge', 'was charged 2 times', THOUGHT, { charges: [...BOOKED, ...BOOKED.slice(1)] }],
    ['a missing charge', 'was charged 0 times', THOUGHT, { charges: BOOKED.slice(1) }],
    ['a missing tally', 'was tallied 0 times', THOUGHT, { tallies: BOOKED.slice(1) }],
    ['a tally that nothing has cut off', 'tallied 2', THOUGHT, { tallies: [...BOOKED, ...BOOKED.slice(1)] }],
    [
      'a part that is missing',
      'TURN-2 the second part of the turn',
      THOUGHT,
      { messages: [...INBOUND, ...SAID, ...THEN.slice(0, 2)] },
    ],
    [
      'a part that was stored twice',
      'was stored 2 times',
      THOUGHT,
      { messages: [...INBOUND, ...SAID, ...THEN, ...THEN.slice(2)] },
    ],
    [
      'an answer of two versions',
      'is spliced from the runs 1.2,2.1',
      THOUGHT,
      {
        messages: [...INBOUND, ...SAID, ...THEN.slice(0, 2), ...saidOf(SECOND, 2, '2.1', 7).slice(2)],
      },
    ],
    ['answers out of the order of the turns', 'ORD-1', THOUGHT, { messages: [...INBOUND, ...THEN, ...SAID] }],
    [
      'a session that has missed a turn',
      'TURN-2 the session of conv_1 has counted 1 turns of 2',
      THOUGHT,
      { stored: new Map([['conv_1', { turns: 1, frozen: [] }]]) },
    ],
  ])('is %s', (_, violation, journal, records) => {
    expect(judged(journal, records)).toContainEqual(expect.stringContaining(violation));
  });
});

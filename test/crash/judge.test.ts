import { type Message, messageClaimKey, replyId } from 'agentchat-client';
import { describe, expect, it } from 'vitest';
import type { Entry } from './happening.js';
import { type Records, violationsIn } from './judge.js';

const message = (seq: number, sender: string, client_msg_id: string): Message => ({
  id: `msg_${seq}`,
  conversation_id: 'conv_1',
  sender,
  client_msg_id,
  seq,
  type: 'text',
  content: { text: '' },
  metadata: {},
  created_at: '2026-11-29T12:00:00.000Z',
  status: 'stored',
  delivered_at: null,
  read_at: null,
});

const FIRST = message(1, 'alice', 'a1');
const SECOND = message(2, 'alice', 'a2');
const ANSWERS = [message(3, 'bot', replyId(FIRST)), message(4, 'bot', replyId(SECOND))];

const entry = (life: number, what: 'begin' | 'end', { id, conversation_id, seq }: Message): Entry => {
  return { life, what, id, conversation: conversation_id, seq };
};
const turn = (life: number, of: Message) => [entry(life, 'begin', of), entry(life, 'end', of)];

function judged(journal: readonly Entry[], records: Partial<Records> = {}): string[] {
  const messages = [FIRST, SECOND, ...ANSWERS];
  return violationsIn(
    journal,
    { messages, acknowledgedBefore: new Map(), undelivered: [], ...records },
    'bot',
  );
}

describe('what the crash matrix takes for a violation', () => {
  const good = [...turn(1, FIRST), ...turn(1, SECOND)];

  it('is nothing of a bot that keeps its promises, nor a turn that runs again after a crash', () => {
    expect(judged(good)).toEqual([]);
    expect(judged([entry(1, 'begin', FIRST), ...turn(2, FIRST), ...turn(2, SECOND)])).toEqual([]);
  });

  it.each<[string, string, readonly Entry[], Partial<Records>?]>([
    ['a message that was never handled', 'was never handled', turn(1, FIRST)],
    [
      'a message that comes again after its acknowledgement',
      'had been acknowledged',
      [...good, ...turn(2, SECOND)],
      { acknowledgedBefore: new Map([[SECOND.id, 2]]) },
    ],
    [
      'a message that comes again after its commit',
      'was done',
      [...good, { life: 1, what: 'commit', claimKey: messageClaimKey(SECOND.id) }, ...turn(2, SECOND)],
    ],
    [
      'a message that comes again below the saved cursor',
      'was below the cursor 3',
      [...good, { life: 1, what: 'save', conversation: 'conv_1', expected: 3 }, ...turn(2, SECOND)],
    ],
    ['two messages out of order', 'began after seq 2', [...turn(1, SECOND), ...turn(1, FIRST)]],
    [
      'a message that was skipped by an earlier life',
      'had been skipped',
      [...turn(1, SECOND), ...turn(2, FIRST)],
    ],
    [
      'two handlers of a conversation at once',
      'began while seq 1 was at work',
      [entry(1, 'begin', FIRST), entry(1, 'begin', SECOND), entry(1, 'end', FIRST), entry(1, 'end', SECOND)],
    ],
    ['a missing reply', 'was stored 0 times', good, { messages: [FIRST, SECOND, ...ANSWERS.slice(1)] }],
    [
      'a second reply',
      'was stored 2 times',
      good,
      { messages: [FIRST, SECOND, ...ANSWERS, message(5, 'bot', replyId(FIRST))] },
    ],
    [
      'a reply under another id',
      '1 replies too many',
      good,
      { messages: [FIRST, SECOND, ...ANSWERS, message(5, 'bot', 'by chance')] },
    ],
    [
      'replies out of order',
      'not in the order of the messages',
      good,
      { messages: [FIRST, SECOND, ...ANSWERS.toReversed()] },
    ],
    ['a message that is not acknowledged in the end', 'not acknowledged', good, { undelivered: [SECOND] }],
  ])('is %s', (_, violation, journal, records) => {
    const found = judged(journal, records);
    expect(found).toContainEqual(expect.stringContaining(violation));
  });
});

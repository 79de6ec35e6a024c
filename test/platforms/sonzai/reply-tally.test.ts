import { describe, expect, it } from 'vitest';
import { readEvent } from '../../../src/platforms/sonzai/chat/read-event.js';
import { ReplyTally } from '../../../src/platforms/sonzai/chat/reply-tally.js';

const say = (content: string, more = {}) => ({ choices: [{ delta: { content } }], ...more });

function tallyOf(...frames: Record<string, unknown>[]): ReplyTally {
  const tally = new ReplyTally();
  for (const frame of frames) tally.add(readEvent(frame));
  return tally;
}

describe('the whole reply', () => {
  it('is what the deltas said, a blank line between messages', () => {
    const reply = tallyOf(
      say('Hel'),
      say('lo'),
      { type: 'message_boundary', message_index: 1 },
      say('Bye'),
    ).reply(null);
    expect(reply).toMatchObject({ content: 'Hello\n\nBye', messages: ['Hello', 'Bye'], completion: null });
  });

  it('is full_content where it comes, also when that is empty', () => {
    expect(tallyOf(say('Hel'), { full_content: 'Hello' }).reply(null).content).toBe('Hello');
    expect(tallyOf(say('Hel'), { full_content: '' }).reply(null).content).toBe('');
  });

  it('counts the last piece in a completion', () => {
    const last = { choices: [{ delta: { content: 'lo' }, finish_reason: 'stop' }] };
    expect(tallyOf(say('Hel'), last).reply(null).content).toBe('Hello');
  });

  it('forgets what a replacement replaces: the current message, and no other', () => {
    const boundary = { type: 'message_boundary' };
    const reply = tallyOf(say('One'), boundary, say('Tw'), say('Two', { replacement: true }), say('!')).reply(
      null,
    );
    expect(reply.messages).toEqual(['One', 'Two!']);
  });

  it('does not count the text of frames that are not known', () => {
    expect(tallyOf(say('a'), say('b', { type: 'thinking' }), say('c')).reply(null).content).toBe('ac');
  });

  it('leaves messages without a text out', () => {
    const boundary = { type: 'message_boundary' };
    expect(tallyOf(boundary, say('a'), boundary).reply(null)).toMatchObject({
      content: 'a',
      messages: ['a'],
    });
  });

  it('takes the last usage, in either casing, from any frame', () => {
    const tally = tallyOf(
      say('a', { usage: { promptTokens: 1, completionTokens: 1, totalTokens: 2 } }),
      { finish_reason: 'stop' },
      { usage: { prompt_tokens: 3, completionTokens: 4, totalTokens: Number.NaN } },
    );
    expect(tally.usage).toEqual({ prompt_tokens: 3, completion_tokens: 4, total_tokens: 0 });
    expect(tallyOf(say('a')).usage).toBeNull();
  });

  it('takes the session from the head, else from a frame, in either casing', () => {
    expect(tallyOf(say('a', { sessionId: 's1' })).reply(null).session_id).toBe('s1');
    expect(tallyOf(say('a', { session_id: 's2' })).reply('s3').session_id).toBe('s3');
  });

  it('numbers messages as the platform does, else from 0', () => {
    expect(tallyOf({ type: 'message_boundary', message_index: 4 }).messageIndex).toBe(4);
    expect(
      tallyOf({ type: 'message_boundary' }, { type: 'message_boundary', message_index: 'x' }).messageIndex,
    ).toBe(2);
  });
});

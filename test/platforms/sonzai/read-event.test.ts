import { describe, expect, it } from 'vitest';
import { failureIn, readEvent } from '../../../src/platforms/sonzai/chat/read-event.js';

const delta = (content: string, more = {}) => ({ choices: [{ index: 0, delta: { content } }], ...more });

describe('what a frame of a Sonzai chat is', () => {
  it('goes by the order of the tests, and keeps the fields of the wire', () => {
    expect(readEvent(delta('hi', { extra: 1 }))).toEqual({
      ...delta('hi'),
      extra: 1,
      kind: 'delta',
      content: 'hi',
    });
    for (const type of ['context_ready', 'side_effects', 'message_boundary', 'phase']) {
      // A known type comes before the completion.
      expect(readEvent({ type, finish_reason: 'stop', used: true })).toEqual({
        type,
        finish_reason: 'stop',
        used: true,
        kind: type,
      });
    }
  });

  it.each([
    { choices: [{ finish_reason: 'stop', delta: {} }] },
    { finish_reason: 'stop' },
    { full_content: 'all of it' },
    { full_content: '' },
    { type: 'something_new', finish_reason: 'stop' },
  ])('is a completion: %j', (frame) => {
    expect(readEvent(frame)).toEqual({ ...frame, kind: 'complete', external_tool_calls: [] });
  });

  it.each([
    { choices: [{ finish_reason: null, delta: { content: 'a' } }] },
    { choices: [{ finish_reason: '', delta: { content: 'a' } }] },
  ])('is no completion without a reason: %j', (frame) => {
    expect(readEvent(frame)).toMatchObject({ kind: 'delta', content: 'a' });
  });

  it('is other where the type is not known, even with a delta in it, and where nothing is said', () => {
    expect(readEvent(delta('secret thought', { type: 'thinking' })).kind).toBe('other');
    expect(readEvent({ usage: { totalTokens: 3 } }).kind).toBe('other');
    expect(readEvent({}).kind).toBe('other');
  });

  it('says nothing where the delta is no text', () => {
    for (const choice of [
      {},
      { delta: null },
      { delta: { content: 7 } },
      { delta: { role: 'assistant' } },
      null,
      5,
    ]) {
      const event = readEvent({ choices: [choice] });
      expect(['', undefined]).toContain((event as { content?: unknown }).content);
    }
  });

  it('reads a list of tool calls that is null as empty', () => {
    expect(readEvent({ finish_reason: 'stop', external_tool_calls: null })).toMatchObject({
      external_tool_calls: [],
    });
  });
});

describe('a failure in a frame', () => {
  it.each([
    [{ error: { message: 'no credit', code: 'quota', is_token_error: true } }, 'no credit', 'quota', true],
    [{ error: 'no credit', error_code: 42 }, 'no credit', '42', false],
    [{ error_message: 'no credit', error_code: 'quota', is_token_error: true }, 'no credit', 'quota', true],
    [{ error: {}, choices: [{ delta: { content: 'x' } }] }, 'it gave no reason', null, false],
  ])('%j', (frame, message, code, isTokenError) => {
    expect(failureIn(frame)).toEqual({ message, code, isTokenError });
  });

  it.each([{ error: null }, { error: '', error_message: '' }, { error: false }, {}])(
    'is none: %j',
    (frame) => {
      expect(failureIn(frame)).toBeUndefined();
    },
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findProblems,
  hasSequence,
  isMessageLike,
  messageProblem,
  messageSchema,
  readSeq,
  senderOf,
} from '../../src/wire/index.js';
import { junk, nearly } from './junk.js';

const message = { id: 'msg_1', conversation_id: 'conv_1', sender: 'alice', content: { text: 'hi' }, seq: 1 };
const MESSAGE_KEYS = ['id', 'conversation_id', 'sender', 'from', 'sender_handle', 'content', 'seq', 'type'];

describe('isMessageLike', () => {
  it.each([
    ['a fresh push without status, context or dates', message],
    ['a message without content', { id: 'msg_1', conversation_id: 'conv_1', sender: 'alice' }],
    ['a sender under "from"', { id: 'msg_1', conversation_id: 'conv_1', from: 'alice' }],
    ['a sender under "sender_handle"', { id: 'msg_1', conversation_id: 'grp_1', sender_handle: 'alice' }],
    ['unknown fields and enumerations', { ...message, type: 'hologram', status: 'beamed', colour: 'red' }],
    ['an unusable seq: it is delivered all the same', { ...message, seq: -1 }],
  ])('accepts %s', (_, value) => {
    expect(isMessageLike(value)).toBe(true);
    expect(messageProblem(value)).toBeNull();
  });

  it.each([
    ['null', null, 'not an object'],
    ['an array', [message], 'not an object'],
    ['a string', 'msg_1', 'not an object'],
    ['no id', { ...message, id: undefined }, '"id" is not a non-empty string'],
    ['an empty id', { ...message, id: '' }, '"id" is not a non-empty string'],
    ['a numeric id', { ...message, id: 7 }, '"id" is not a non-empty string'],
    ['no conversation', { ...message, conversation_id: null }, '"conversation_id" is not a non-empty string'],
    [
      'an empty conversation',
      { ...message, conversation_id: '' },
      '"conversation_id" is not a non-empty string',
    ],
    ['no sender', { ...message, sender: undefined }, '"sender" is not a non-empty string'],
    ['content that is text', { ...message, content: 'hi' }, '"content" is not an object'],
    ['content that is null', { ...message, content: null }, '"content" is not an object'],
    ['content that is an array', { ...message, content: [] }, '"content" is not an object'],
  ])('refuses %s and says why', (_, value, problem) => {
    expect(isMessageLike(value)).toBe(false);
    expect(messageProblem(value)).toBe(problem);
  });

  it('is total, and agrees with messageProblem and with the schema on what a message needs', () => {
    fc.assert(
      fc.property(fc.oneof(junk, nearly(MESSAGE_KEYS)), (value) => {
        const like = isMessageLike(value);
        expect(messageProblem(value) === null).toBe(like);
        if (findProblems(messageSchema, value).length === 0) expect(like).toBe(true);
        if (like) expect(senderOf(value)).toBeTypeOf('string');
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('readSeq', () => {
  it.each([0, 1, 42, Number.MAX_SAFE_INTEGER])('reads %d', (seq) => {
    expect(readSeq(seq)).toBe(seq);
  });

  it('reads -0 as 0', () => {
    expect(Object.is(readSeq(-0), 0)).toBe(true);
  });

  it.each([
    -1,
    0.5,
    2 ** 53,
    1e308,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '1',
    '',
    null,
    undefined,
    true,
    [1],
    {},
    1n,
  ])('does not read %s', (seq) => {
    expect(readSeq(seq)).toBeUndefined();
  });

  it('is total, and returns a safe whole number or nothing', () => {
    fc.assert(
      fc.property(fc.oneof(junk, fc.double(), fc.maxSafeInteger()), (value) => {
        const seq = readSeq(value);
        if (seq !== undefined)
          expect(Number.isSafeInteger(seq) && seq >= 0 && !Object.is(seq, -0)).toBe(true);
        expect(hasSequence({ seq: value })).toBe(seq !== undefined);
      }),
    );
  });
});

describe('senderOf', () => {
  it('takes sender, then from, then sender_handle, in the spelling of the service', () => {
    expect(senderOf({ sender: '@Alice', from: 'bob' })).toBe('alice');
    expect(senderOf({ sender: '', from: 'Bob' })).toBe('bob');
    expect(senderOf({ from: null, sender_handle: 'carol' })).toBe('carol');
  });

  it('is empty when nobody is named', () => {
    expect(senderOf({})).toBe('');
    expect(senderOf({ sender: 7, from: {}, sender_handle: [] })).toBe('');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  conversationKind,
  isConversationId,
  isDeliveryCursor,
  isHandle,
  normalizeHandle,
  parseBacklogWarning,
  sameHandle,
} from '../../src/wire/index.js';

describe('handles', () => {
  it.each([
    ['alice', 'alice'],
    ['@alice', 'alice'],
    ['@Alice', 'alice'],
    [' @ALICE\n', 'alice'],
    ['@@alice', '@alice'],
    ['', ''],
    ['@', ''],
  ])('normalizeHandle(%j) is %j', (given, expected) => {
    expect(normalizeHandle(given)).toBe(expected);
  });

  it.each(['abc', 'a1b', 'my-bot-2', 'chatfather', 'a'.repeat(30)])('%j is a handle', (handle) => {
    expect(isHandle(handle)).toBe(true);
  });

  it.each([
    'ab',
    'a'.repeat(31),
    '1abc',
    '-abc',
    'abc-',
    'a--b',
    'Alice',
    '@alice',
    'a_b',
    'al ice',
    'älice',
    '',
    null,
    7,
  ])('%j is none', (handle) => {
    expect(isHandle(handle)).toBe(false);
  });

  it('the same agent is known under every spelling', () => {
    expect(sameHandle('@Alice', 'alice')).toBe(true);
    expect(sameHandle('alice', 'bob')).toBe(false);
    expect(sameHandle(undefined, undefined)).toBe(false);
  });

  it('what is a handle stays as it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/), (handle) => {
        expect(normalizeHandle(handle)).toBe(handle);
        expect(isHandle(handle)).toBe(handle.length >= 3 && handle.length <= 30);
      }),
    );
  });
});

describe('ids', () => {
  it('only grp_ is a group, whatever other prefixes turn up', () => {
    expect(conversationKind('grp_1')).toBe('group');
    for (const id of ['conv_1', 'dir_1', 'conv_grp_1', 'conv_dm_1', ''])
      expect(conversationKind(id)).toBe('direct');
  });

  it('a conversation id is told from a handle', () => {
    expect(isConversationId('grp_1')).toBe(true);
    expect(isConversationId('conv_1')).toBe(true);
    expect(isConversationId('grp-1')).toBe(false);
  });

  it('a delivery cursor is any text but an empty one', () => {
    expect(isDeliveryCursor('del_9f86d081884c7d659a2feaa0c55ad015')).toBe(true);
    for (const value of ['', null, undefined, 17, {}]) expect(isDeliveryCursor(value)).toBe(false);
  });
});

describe('parseBacklogWarning', () => {
  it.each([
    ['alice=5001', { recipientHandle: 'alice', undeliveredCount: 5001 }],
    [' alice = 5001 ', { recipientHandle: 'alice', undeliveredCount: 5001 }],
    ['alice=0', { recipientHandle: 'alice', undeliveredCount: 0 }],
  ])('reads %j', (header, warning) => {
    expect(parseBacklogWarning(header)).toEqual(warning);
  });

  it.each([
    null,
    undefined,
    '',
    'alice',
    'alice=',
    '=5',
    'alice=5=6',
    'alice=many',
    'alice=1.5',
    'alice=-1',
    `a=${'9'.repeat(30)}`,
  ])('ignores %j: the send has succeeded', (header) => {
    expect(parseBacklogWarning(header)).toBeNull();
  });
});

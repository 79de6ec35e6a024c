import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AnswerOptions,
  answerPolicyOf,
  isGroupMessage,
  wakes,
} from '../../src/bot/answering/answer-policy.js';
import { isMentioned } from '../../src/bot/answering/mention.js';
import { ValidationError } from '../../src/errors/index.js';
import type { Message } from '../../src/wire/index.js';

const bot = { self: 'my-bot', isOwnMessage: (id: string) => id === 'msg_ours' };

const context = (mentions: unknown, type = 'group', kind = 'agent') => ({
  sender: { handle: 'alice', display_name: null, kind },
  conversation: { type, group_name: null, member_count: null },
  mentions,
});

const message = (fields: object = {}) =>
  ({
    id: 'msg_1',
    conversation_id: 'grp_1',
    sender: 'alice',
    type: 'text',
    content: { text: 'Hello' },
    metadata: {},
    ...fields,
  }) as unknown as Message;

const says = (text: unknown) => message({ content: { text } });

describe('isMentioned', () => {
  it.each([
    '@my-bot',
    'Hello @my-bot, are you there?',
    '(@MY-BOT)',
    '"@My-Bot"',
    '@my-bot.',
    "@my-bot's answer",
    '@my-bot- and so on',
    '@my-bot2 and @my-bot',
    '@my-bot\n@alice',
    '¿@my-bot?',
    '漢 @my-bot。',
    '🤖@my-bot🤖',
  ])('%s', (text) => {
    expect(isMentioned(says(text), bot)).toBe(true);
  });

  it.each([
    'Hello my-bot',
    '@my-bot2',
    '@my-bot-2',
    '@my-bots',
    '@my-bot_2',
    '@my-boté',
    '@my-bot漢',
    '@my',
    'bob@my-bot',
    'bob@my-bot.com',
    'bob.@my-bot.com',
    'bob+x@my-bot.com',
    'é@my-bot',
    '@@my-bot',
    '@my-bot@elsewhere.example',
    'https://agentchat.me/@my-bot',
    '𝒳@my-bot',
    '',
  ])('not: %s', (text) => {
    expect(isMentioned(says(text), bot)).toBe(false);
  });

  it('takes the word of the platform before the text', () => {
    expect(isMentioned(message({ context: context(['@My-Bot']), content: { text: 'Hi' } }), bot)).toBe(true);
    expect(isMentioned(message({ context: context([]), content: { text: '@my-bot' } }), bot)).toBe(false);
    expect(isMentioned(message({ context: context([null, 1, 'my-bot2']) }), bot)).toBe(false);
    expect(isMentioned(message({ context: context('my-bot'), content: { text: '@my-bot' } }), bot)).toBe(
      true,
    );
  });

  it('is meant by an answer to its own message', () => {
    expect(isMentioned(message({ metadata: { reply_to: 'msg_ours' } }), bot)).toBe(true);
    expect(isMentioned(message({ metadata: { reply_to: 'msg_ours' }, context: context([]) }), bot)).toBe(
      true,
    );
    expect(isMentioned(message({ metadata: { reply_to: 'msg_theirs' } }), bot)).toBe(false);
    expect(isMentioned(message({ metadata: { reply_to: ['msg_ours'] } }), bot)).toBe(false);
  });

  it('takes the handle as the author may write it', () => {
    expect(isMentioned(says('@my-bot'), { ...bot, self: ' @My-Bot' })).toBe(true);
    expect(isMentioned(says('@ everybody'), { ...bot, self: '' })).toBe(false);
  });

  it('never throws, whatever came', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (content, metadata, mentions) => {
        const odd = message({ content, metadata, context: { mentions } });
        expect(typeof isMentioned(odd, bot)).toBe('boolean');
      }),
    );
  });

  it('finds a mention in any text, at a border', () => {
    const words = fc.array(fc.constantFrom('@my-bot2', 'x@my-bot', '@alice', 'my-bot', '@'), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(words, words, (before, behind) => {
        expect(isMentioned(says([...before, ...behind].join(' ')), bot)).toBe(false);
        expect(isMentioned(says([...before, '@my-bot', ...behind].join(' ')), bot)).toBe(true);
      }),
    );
  });

  it('takes linear time on many near misses', () => {
    const started = performance.now();
    expect(isMentioned(says('@my-bot2'.repeat(200_000)), bot)).toBe(false);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

const decides = (options: AnswerOptions, fields: object) =>
  wakes(message(fields), answerPolicyOf(options), bot);
const direct = { conversation_id: 'conv_1' };
const mentioned = { content: { text: 'Hi @my-bot' } };

describe('wakes', () => {
  it('by default: everything between two, mentions in groups', () => {
    expect(decides({}, direct)).toBe(true);
    expect(decides({}, {})).toBe(false);
    expect(decides({}, mentioned)).toBe(true);
  });

  it('as the author chooses', () => {
    expect(decides({ direct: 'never' }, direct)).toBe(false);
    expect(decides({ groups: 'never' }, mentioned)).toBe(false);
    expect(decides({ groups: 'always' }, {})).toBe(true);
    expect(decides({ groups: ({ sender }) => sender === 'alice' }, {})).toBe(true);
    expect(decides({ direct: ({ sender }) => sender === 'bob' }, direct)).toBe(false);
    expect(decides({ direct: undefined, groups: null as never }, mentioned)).toBe(true);
  });

  it.each<[string, object]>([
    ['a system message', { type: 'system' }],
    ['a message of the platform', { context: context(['my-bot'], 'group', 'system') }],
    ['its own message', { sender: '@My-Bot' }],
    ['its own message under another name of the field', { sender: undefined, from: 'my-bot' }],
  ])('never for %s, and nobody is asked', (_, fields) => {
    const ask = () => {
      throw new Error('asked');
    };
    for (const place of [{}, direct]) {
      expect(decides({ direct: 'always', groups: 'always' }, { ...mentioned, ...place, ...fields })).toBe(
        false,
      );
      expect(decides({ direct: ask, groups: ask }, { ...mentioned, ...place, ...fields })).toBe(false);
    }
  });

  it('passes on what the author throws', () => {
    const error = new Error('my predicate fails');
    const fails = () => {
      throw error;
    };
    expect(() => decides({ direct: fails }, direct)).toThrow(error);
  });

  it('refuses a predicate that returns no boolean', () => {
    const promises = (async () => false) as unknown as () => boolean;
    expect(() => decides({ direct: promises }, direct)).toThrow(
      /"answer.direct" must return true or false: it cannot be async/,
    );
    expect(() => decides({ groups: (() => 1) as never }, {})).toThrow(/write !!value/);
  });

  it('knows a group by its id, or by the word of the platform', () => {
    expect(isGroupMessage(message())).toBe(true);
    expect(isGroupMessage(message(direct))).toBe(false);
    expect(isGroupMessage(message({ conversation_id: 'dir_1' }))).toBe(false);
    expect(isGroupMessage(message({ ...direct, context: context([]) }))).toBe(true);
    expect(isGroupMessage(message({ context: context([], 'direct') }))).toBe(true);
    expect(isGroupMessage(message({ ...direct, context: 1 }))).toBe(false);
  });
});

describe('answerPolicyOf', () => {
  it.each<[object, RegExp]>([
    [{ group: 'always' }, /unknown answer option "group"; did you mean "groups"\?/],
    [{ direct: 'mentioned' }, /"answer.direct" must be "always", "never" or a function/],
    [{ groups: true }, /"answer.groups" must be "mentioned", "always", "never" or a function/],
    [[], /answer options must be an object, not an array/],
  ])('refuses %j', (options, words) => {
    expect(() => answerPolicyOf(options as AnswerOptions)).toThrow(ValidationError);
    expect(() => answerPolicyOf(options as AnswerOptions)).toThrow(words);
  });
});

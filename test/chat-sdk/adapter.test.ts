import { inspect } from 'node:util';
import { replyId, ValidationError } from 'agentchat-client';
import { Card, CardText, NotImplementedError, parseMarkdown, type Thread } from 'chat';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Agent } from '../e2e/world.js';
import { type Bot, ChatWorld, gate } from './kit.js';

let world: ChatWorld;
let alice: Agent;
let me: Agent;
let bot: Bot;
beforeEach(async () => {
  world = await ChatWorld.open();
  alice = await world.agent('alice');
  me = await world.agent('bot');
  bot = world.bot(me);
});
afterEach(() => world.close());

const undelivered = () => world.server.undelivered('bot').length;

/** What a direct handler makes of a message of alice's. */
async function inTurn<T>(work: (thread: Thread) => Promise<T>, content = 'hi'): Promise<T> {
  let result: T | undefined;
  const { message } = await alice.client.sendMessage({ to: 'bot', content });
  bot.chat.onDirectMessage(async (thread, { id }) => {
    if (id === message.id) result = await work(thread);
  });
  await bot.chat.initialize();
  await expect.poll(undelivered).toBe(0);
  return result as T;
}

describe('what handlers are given', () => {
  it('of a direct message: its thread, its writer, its text', async () => {
    const message = await new Promise<Parameters<Parameters<typeof bot.chat.onDirectMessage>[0]>[1]>(
      (resolve) => {
        bot.chat.onDirectMessage(async (thread, got) => {
          expect(thread).toMatchObject({ id: 'agentchat:alice', channelId: 'agentchat:alice', isDM: true });
          resolve(got);
        });
        void bot.chat.initialize();
        void alice.client.sendMessage({ to: 'bot', content: 'snake_case and **bold**' });
      },
    );
    expect(message).toMatchObject({
      threadId: 'agentchat:alice',
      text: 'snake_case and **bold**',
      author: { userId: 'alice', userName: 'alice', isBot: true, isMe: false, isSystem: false },
      metadata: { edited: false },
      raw: { type: 'text', sender: 'alice' },
    });
    expect(Math.abs(message.metadata.dateSent.getTime() - Date.now())).toBeLessThan(60_000);
    // Whatever the SDK writes down of it can be read again.
    expect(JSON.parse(JSON.stringify(message))).toMatchObject({ text: 'snake_case and **bold**' });
  });

  it('of a group: mentions as a mention, all messages once subscribed, nothing else', async () => {
    const groupId = await world.group(alice, me);
    const seen: string[] = [];
    bot.chat.onNewMention(async (thread, { text, isMention }) => {
      seen.push(`mention ${text} ${isMention}`);
      expect(thread).toMatchObject({ id: `agentchat:${groupId}`, isDM: false });
      await thread.subscribe();
      await thread.post('I am here.');
    });
    bot.chat.onSubscribedMessage(async (_thread, { text, isMention }) => {
      seen.push(`subscribed ${text} ${isMention}`);
    });
    await bot.chat.initialize();
    const say = (content: string) => alice.client.sendMessage({ conversation_id: groupId, content });
    await say('nobody is meant');
    await say('mail to someone@bot');
    await say('@bot are you there?');
    await say('more');
    await say('@BOT and you');
    await expect.poll(undelivered).toBe(0);
    expect(seen).toEqual([
      'mention @bot are you there? true',
      'subscribed more false',
      'subscribed @BOT and you true',
    ]);
    const [said] = world.saidBy('bot');
    expect(said).toMatchObject({ conversation_id: groupId, content: { text: 'I am here.' } });
  });

  it('of hostile text: at once, whatever Markdown would make of it', async () => {
    // The parser of Markdown works at this for minutes.
    const hostile = '1) '.repeat(10_000);
    const started = performance.now();
    const text = await inTurn(async (thread) => thread.recentMessages[0]?.text, hostile);
    expect(text).toBe(hostile);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('of attachments: a way to fetch them, and what they are once they have been', async () => {
    const attachment_id = await alice.client.uploadAttachment({
      to: 'bot',
      file: new TextEncoder().encode('12 baskets'),
      filename: 'harvest.csv',
      contentType: 'text/csv',
    });
    await alice.client.sendMessage({ to: 'bot', type: 'file', content: { attachment_id, text: 'Look' } });
    const fetched: unknown[] = [];
    bot.chat.onDirectMessage(async (_thread, { attachments }) => {
      for (const each of attachments) {
        const again = bot.agentchat.rehydrateAttachment(JSON.parse(JSON.stringify(each)));
        for (const attachment of [each, again]) {
          fetched.push(String(await attachment.fetchData?.()), { ...attachment });
        }
      }
    });
    await bot.chat.initialize();
    await expect.poll(undelivered).toBe(0);
    const known = expect.objectContaining({
      type: 'file',
      mimeType: 'text/csv',
      name: 'harvest.csv',
      size: 10,
    });
    expect(fetched).toEqual(['12 baskets', known, '12 baskets', known]);
  });
});

describe('what handlers post', () => {
  it('goes out as text: strings, Markdown, syntax trees, cards, mentions', async () => {
    await inTurn(async (thread) => {
      await thread.post('a *string* for <@alice>');
      await thread.post({ raw: 'raw <@alice>' });
      await thread.post({ markdown: '# Title\n\n* one\n* two' });
      await thread.post({ ast: parseMarkdown('Some **bold** text') });
      await thread.post(`Hello ${thread.mentionUser('alice')}`);
      await thread.post({ markdown: `Hello ${thread.mentionUser('alice')}` });
      await thread.post(Card({ title: 'Harvest', children: [CardText('12 baskets')] }));
    });
    expect(world.textsBy('bot')).toEqual([
      'a *string* for @alice',
      'raw <@alice>',
      '# Title\n\n* one\n* two',
      'Some **bold** text',
      'Hello @alice',
      'Hello @alice',
      expect.stringMatching(/Harvest[\s\S]*12 baskets/),
    ]);
  });

  it('as a stream is one message, and has the place of its call', async () => {
    const go = gate();
    await inTurn(async (thread) => {
      async function* slow() {
        yield 'Once ';
        await go.opened;
        yield 'upon a time';
      }
      const streaming = thread.post(slow());
      await thread.post('meanwhile');
      go.open();
      await streaming;
    });
    const [question] = world.saidBy('alice');
    expect(world.saidBy('bot').map(({ content, client_msg_id }) => [content.text, client_msg_id])).toEqual([
      ['meanwhile', replyId(question?.id ?? '', 1)],
      ['Once upon a time', replyId(question?.id ?? '', 0)],
    ]);
  });

  it('as a stream that a stop cuts off is not posted in half: the next life gives the whole answer', async () => {
    const [half, ended] = [gate(), gate()];
    bot.chat.onDirectMessage(async (thread) => {
      async function* endless() {
        yield 'Half an ';
        half.open();
        await new Promise(() => {});
      }
      await thread.post(endless()).finally(ended.open);
    });
    await bot.chat.initialize();
    await alice.client.sendMessage({ to: 'bot', content: 'hi' });
    await half.opened;
    await bot.agentchat.realtime.disconnect({ deadlineMs: 0 });
    await ended.opened;
    expect(world.textsBy('bot')).toEqual([]);
    expect(undelivered()).toBe(1);

    const next = world.bot(me);
    next.chat.onDirectMessage(async (thread) => {
      await thread.post('A whole answer');
    });
    await next.chat.initialize();
    await expect.poll(undelivered).toBe(0);
    expect(world.textsBy('bot')).toEqual(['A whole answer']);
  });

  it('with files is a message for each of them', async () => {
    const first = await inTurn(async (thread) => {
      const files = [
        { data: Buffer.from('a,b'), filename: 'a.csv' },
        { data: Buffer.from('%PDF'), filename: 'b', mimeType: 'application/pdf' },
      ];
      const attachments = [{ type: 'file' as const, name: 'c.txt', fetchData: async () => Buffer.from('c') }];
      return thread.post({ markdown: 'Three files', files, attachments });
    });
    const said = world.saidBy('bot');
    expect(said.map(({ type, content }) => [type, content.text])).toEqual([
      ['file', 'Three files'],
      ['file', undefined],
      ['file', undefined],
    ]);
    expect(first.id).toBe(said[0]?.id);
    const bytes = await Promise.all(
      said.map(async ({ content }) => {
        const file = await alice.client.downloadAttachment(content.attachment_id ?? '');
        return [String(Buffer.from(file.bytes)), file.contentType, file.filename];
      }),
    );
    expect(bytes).toEqual([
      ['a,b', 'text/csv', 'a.csv'],
      ['%PDF', 'application/pdf', 'b'],
      ['c', 'text/plain', 'c.txt'],
    ]);
    expect(new Set(said.map(({ client_msg_id }) => client_msg_id)).size).toBe(3);
  });

  it('as a reply names the message', async () => {
    await inTurn(async (thread) => {
      const [question] = thread.recentMessages;
      if (question !== undefined) await thread.reply(question, 'Yes');
    });
    const [question] = world.saidBy('alice');
    expect(world.saidBy('bot')[0]).toMatchObject({ metadata: { reply_to: question?.id } });
  });

  it('elsewhere has ids of the same message', async () => {
    const carol = await world.agent('carol');
    await inTurn(async () => {
      const thread = bot.chat.thread(await bot.agentchat.openDM('@Carol'));
      expect(thread.id).toBe('agentchat:carol');
      await thread.post('alice says hi');
      await thread.channel.post('and so do I');
    });
    const ids = world.saidBy('bot').map(({ client_msg_id }) => client_msg_id);
    expect(ids).toEqual([expect.stringMatching(/^replyhash_0_/), expect.stringMatching(/^replyhash_1_/)]);
    await expect.poll(() => world.server.undelivered('carol').length).toBe(2);
    expect(carol.handle).toBe('carol');
  });

  it('outside of a turn is sent each time', async () => {
    await bot.chat.thread('agentchat:alice').post('Good morning');
    await alice.client.sendMessage({ to: 'bot', content: 'Good morning' });
    await bot.chat.thread('agentchat:alice').post('Good morning');
    expect(world.textsBy('bot')).toEqual(['Good morning', 'Good morning']);
  });

  it('empty, or as an address without bytes, is refused', async () => {
    await inTurn(async (thread) => {
      await expect(thread.post('')).rejects.toThrow(ValidationError);
      const attachments = [{ type: 'file' as const, url: 'https://example.com/a.pdf' }];
      await expect(thread.post({ markdown: 'Look', attachments })).rejects.toThrow(NotImplementedError);
      // What failed has used no place: a second run may get further.
      await thread.post('Now');
    });
    const [question] = world.saidBy('alice');
    expect(world.saidBy('bot').map(({ client_msg_id }) => client_msg_id)).toEqual([
      replyId(question?.id ?? ''),
    ]);
  });

  it('what AgentChat has not is a NotImplementedError', async () => {
    await inTurn(async (thread) => {
      const sent = await thread.post('first');
      await expect(sent.edit('second')).rejects.toThrow(NotImplementedError);
      await expect(sent.delete()).rejects.toThrow(NotImplementedError);
      await expect(sent.addReaction('eyes')).rejects.toThrow(NotImplementedError);
      await expect(sent.removeReaction('eyes')).rejects.toThrow(NotImplementedError);
      await expect(thread.schedule('later', { postAt: new Date() })).rejects.toThrow(NotImplementedError);
    });
    expect(world.textsBy('bot')).toEqual(['first']);
  });
});

describe('typing', () => {
  it('is shown in the conversation of the thread, and ends with the post', async () => {
    const watcher = await world.world.listen(alice);
    const seen: string[] = [];
    for (const type of ['typing.start', 'typing.stop'] as const) {
      watcher.realtime.on(type, ({ payload }) => seen.push(`${type} of ${payload.sender}`));
    }
    watcher.realtime.on('message.new', ({ payload }) => seen.push(payload.content.text ?? ''));
    await inTurn(async (thread) => {
      await thread.startTyping();
      await thread.post('done');
    });
    await expect.poll(() => [...seen].sort()).toEqual(['done', 'typing.start of bot', 'typing.stop of bot']);
    expect(seen[0]).toBe('typing.start of bot');
  });

  it('ends with the turn, also of a handler that fails', async () => {
    const watcher = await world.world.listen(alice);
    const seen: string[] = [];
    for (const type of ['typing.start', 'typing.stop'] as const) {
      watcher.realtime.on(type, () => seen.push(type));
    }
    let attempts = 0;
    await inTurn(async (thread) => {
      attempts += 1;
      await thread.startTyping();
      if (attempts === 1) throw new Error('the model is down');
    });
    const once = ['typing.start', 'typing.stop'];
    await expect.poll(() => seen).toEqual([...once, ...once]);
  });

  it('is nothing where nobody has written yet', async () => {
    await bot.chat.initialize();
    await bot.chat.thread('agentchat:alice').startTyping();
    expect(bot.logged).toEqual([]);
  });
});

describe('history', () => {
  it('comes in pages, oldest first, in both directions', async () => {
    for (let number = 1; number <= 5; number += 1) {
      await alice.client.sendMessage({ to: 'bot', content: `${number}` });
      if (number === 1) await me.client.sendMessage({ to: 'alice', content: 'mine' });
    }
    const pages = async (direction: 'forward' | 'backward') => {
      const found: string[][] = [];
      let cursor: string | undefined;
      do {
        const page = await bot.agentchat.fetchMessages('agentchat:alice', {
          direction,
          limit: 2,
          ...(cursor === undefined ? {} : { cursor }),
        });
        found.push(page.messages.map(({ text }) => text));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      return found;
    };
    expect(await pages('forward')).toEqual([['1', 'mine'], ['2', '3'], ['4', '5'], []]);
    expect(await pages('backward')).toEqual([['4', '5'], ['2', '3'], ['1', 'mine'], []]);
  });

  it('says who wrote what, and goes through it all', async () => {
    const groupId = await world.group(alice, me);
    await alice.client.sendMessage({ conversation_id: groupId, content: 'hi all' });
    await bot.chat.initialize();
    const thread = bot.chat.thread(`agentchat:${groupId}`);
    await thread.post('hi alice');
    const authors: string[] = [];
    for await (const { author, text } of thread.allMessages) {
      authors.push(author.isSystem ? 'system' : `${author.userId}${author.isMe ? ' (me)' : ''}: ${text}`);
    }
    expect(authors.filter((author) => author !== 'system')).toEqual(['alice: hi all', 'bot (me): hi alice']);
    expect(authors).toContain('system');
  });

  it('has single messages', async () => {
    const { message } = await alice.client.sendMessage({ to: 'bot', content: 'hi' });
    expect(await bot.agentchat.fetchMessage('agentchat:alice', message.id)).toMatchObject({ text: 'hi' });
    expect(await bot.agentchat.fetchMessage('agentchat:alice', 'msg_none')).toBeNull();
    expect(await bot.agentchat.fetchMessage('agentchat:nobody-here', message.id)).toBeNull();
  });

  it('is empty where nobody has written', async () => {
    expect(await bot.agentchat.fetchMessages('agentchat:alice')).toEqual({ messages: [] });
    await expect(bot.agentchat.fetchMessages('agentchat:alice', { cursor: 'x' })).resolves.toBeDefined();
    await alice.client.sendMessage({ to: 'bot', content: 'hi' });
    await expect(bot.agentchat.fetchMessages('agentchat:alice', { cursor: 'x' })).rejects.toThrow(
      /nextCursor/,
    );
  });
});

describe('facts', () => {
  it('about threads, channels and users', async () => {
    const groupId = await world.group(alice, me);
    await alice.client.sendMessage({ to: 'bot', content: 'hi' });
    const { agentchat } = bot;
    expect(await agentchat.fetchThread(`agentchat:${groupId}`)).toMatchObject({
      id: `agentchat:${groupId}`,
      channelId: `agentchat:${groupId}`,
      channelName: 'Sowing',
      channelVisibility: 'private',
      isDM: false,
    });
    expect(await agentchat.fetchThread('agentchat:alice')).toMatchObject({
      channelName: 'alice',
      isDM: true,
    });
    const channel = bot.chat.channel(`agentchat:${groupId}`);
    expect(await channel.fetchMetadata()).toMatchObject({ name: 'Sowing', memberCount: 2 });
    expect(await agentchat.getUser('alice')).toMatchObject({ userId: 'alice', fullName: expect.any(String) });
    expect(await agentchat.getUser('nobody-here')).toBeNull();
  });

  it('read receipts reach the sender', async () => {
    const watcher = await world.world.listen(alice);
    const read: unknown[] = [];
    watcher.realtime.on('message.read', ({ payload }) => read.push(payload));
    await inTurn((thread) => thread.markAsRead());
    await expect.poll(() => read.length).toBe(1);
  });

  it('webhooks are answered with what to do instead', async () => {
    const response = await bot.chat.webhooks.agentchat?.(
      new Request('http://localhost/', { method: 'POST' }),
    );
    expect(response?.status).toBe(501);
    expect(await response?.text()).toMatch(/chat\.initialize\(\)/);
  });

  it('nothing that can be printed of it shows the key', async () => {
    await bot.chat.initialize();
    const shown = inspect(bot.agentchat, { depth: 12, showHidden: true }) + JSON.stringify(bot.agentchat);
    expect(shown).toContain('agentchat');
    expect(shown).not.toContain(me.apiKey);
  });
});

import { describe, expect, it } from 'vitest';
import { ForbiddenError, NotFoundError, ProtocolError, ValidationError } from '../../src/errors/index.js';
import { AgentChatClient, type SendMessageInput } from '../../src/rest/index.js';
import type { Message } from '../../src/wire/index.js';
import { all, caught, onStage } from './kit.js';

const textsOf = (messages: readonly Message[]) => messages.map(({ content }) => content.text);

describe('sendMessage', () => {
  it.each<[string, unknown, string]>([
    ['no address', { content: 'hi' }, 'to'],
    ['both addresses', { to: 'bob', conversation_id: 'grp_1', content: 'hi' }, 'to'],
    ['an empty text', { to: 'bob', content: '' }, 'content'],
    ['an empty content', { to: 'bob', content: {} }, 'content'],
    ['no content', { to: 'bob' }, 'content'],
    ['a direct conversation', { conversation_id: 'conv_1', content: 'hi' }, 'conversation_id'],
    ['a group as a handle', { to: 'grp_1', content: 'hi' }, 'to'],
    ['more than fits', { to: 'bob', content: 'ü'.repeat(16_384) }, 'content'],
    ['more metadata than fits', { to: 'bob', content: 'x', metadata: { m: 'x'.repeat(32_768) } }, 'content'],
    ['a system message', { to: 'bob', content: 'hi', type: 'system' }, 'type'],
    ['an unknown field', { to: 'bob', content: 'hi', text: 'hi' }, 'text'],
  ])('refuses %s before the network, naming the field', (_, input, field) =>
    onStage({}, async ({ server, client }) => {
      const error = await caught(client('alice').sendMessage(input as SendMessageInput));
      expect(error).toBeInstanceOf(ValidationError);
      expect(error).toMatchObject({ field, outcome: 'not_sent' });
      expect(server.allMessages()).toEqual([]);
    }),
  );

  it('says how a direct message is addressed', () =>
    onStage({}, async ({ client }) => {
      const sending = client('alice').sendMessage({ conversation_id: 'conv_1', content: 'hi' });
      expect(((await caught(sending)) as Error).message).toMatch(/address direct messages by `to`/);
    }));

  it('takes what is exactly as large as a message may be', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      client('bob');
      const around = JSON.stringify({ text: '' }).length;
      await alice.sendMessage({ to: 'bob', content: 'x'.repeat(32_768 - around) });
      const tooLarge = alice.sendMessage({ to: 'bob', content: 'x'.repeat(32_769 - around) });
      expect(await caught(tooLarge)).toMatchObject({ field: 'content' });
    }));
});

describe('two sends of the same message at once', () => {
  /** A client whose requests wait until they are let go, and are counted. */
  const gated = () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const seen: { aborted: boolean }[] = [];
    const gatedFetch: typeof fetch = async (url, init) => {
      const request = { aborted: false };
      seen.push(request);
      init?.signal?.addEventListener('abort', () => {
        request.aborted = true;
      });
      await gate;
      return fetch(url, init);
    };
    return { release, seen, gatedFetch };
  };
  const message = { to: 'bob', content: 'hi', client_msg_id: 'same' };

  it('share one request, and are told once', () =>
    onStage({}, async ({ server, client }) => {
      const { release, seen, gatedFetch } = gated();
      const alice = client('alice', { fetch: gatedFetch });
      client('bob');
      const sent: Message[] = [];
      alice.onSent((stored) => void sent.push(stored));
      const statuses: number[] = [];
      const onResponse = ({ status }: { status: number }) => void statuses.push(status);
      const sends = [
        alice.sendMessage(message, { onResponse }),
        alice.sendMessage({ ...message, to: '@Bob' }, { onResponse }),
      ];
      release();
      const [first, second] = await Promise.all(sends);
      expect(seen).toHaveLength(1);
      expect(second).toEqual(first);
      expect(second).not.toBe(first);
      expect(sent).toHaveLength(1);
      expect(statuses).toEqual([201, 201]);
      expect(server.allMessages()).toHaveLength(1);
      // What is over is not shared: the service is asked, and says so.
      expect((await alice.sendMessage(message)).replayed).toBe(true);
    }));

  it.each(['first', 'second'] as const)('go on when the %s is aborted', (which) =>
    onStage({}, async ({ server, client }) => {
      const { release, seen, gatedFetch } = gated();
      const alice = client('alice', { fetch: gatedFetch });
      client('bob');
      const controller = new AbortController();
      const { signal } = controller;
      const first = alice.sendMessage(message, which === 'first' ? { signal } : {});
      const second = alice.sendMessage(message, which === 'second' ? { signal } : {});
      const aborted = caught(which === 'first' ? first : second);
      controller.abort(new Error('changed my mind'));
      expect(await aborted).toMatchObject({ code: 'ABORTED', cause: { message: 'changed my mind' } });
      release();
      expect((await (which === 'first' ? second : first)).message.content.text).toBe('hi');
      expect(seen).toEqual([{ aborted: false }]);
      expect(server.allMessages()).toHaveLength(1);
    }),
  );

  it('end when both are aborted, and leave the id free', () =>
    onStage({}, async ({ client }) => {
      const { seen, gatedFetch, release } = gated();
      const alice = client('alice', { fetch: gatedFetch });
      client('bob');
      const controller = new AbortController();
      const { signal } = controller;
      const sends = [1, 2].map(() => caught(alice.sendMessage(message, { signal })));
      controller.abort();
      for (const error of await Promise.all(sends)) expect(error).toMatchObject({ code: 'ABORTED' });
      expect(seen).toEqual([{ aborted: true }]);
      release();
      expect((await alice.sendMessage({ ...message, content: 'something else' })).replayed).toBe(false);
    }));

  it('do not end by the deadline of another', () =>
    onStage({}, async ({ server, client }) => {
      const { seen, gatedFetch, release } = gated();
      const alice = client('alice', { fetch: gatedFetch });
      client('bob');
      const hurried = caught(alice.sendMessage(message, { deadlineMs: 20 }));
      const patient = [alice.sendMessage(message), alice.sendMessage(message, { deadlineMs: 30_000 })];
      expect(await hurried).toMatchObject({ code: 'TIMEOUT' });
      release();
      for (const { replayed } of await Promise.all(patient)) expect(replayed).toBe(false);
      expect(seen).toHaveLength(2);
      expect(server.allMessages()).toHaveLength(1);
    }));

  it('do not wait longer than their own deadline', () =>
    onStage({}, async ({ client }) => {
      const { seen, gatedFetch, release } = gated();
      const alice = client('alice', { fetch: gatedFetch });
      client('bob');
      const first = alice.sendMessage(message);
      expect(await caught(alice.sendMessage(message, { deadlineMs: 5 }))).toMatchObject({ code: 'TIMEOUT' });
      release();
      expect((await first).replayed).toBe(false);
      expect(seen).toHaveLength(1);
    }));

  it.each([
    ['signal', { signal: 'now' }],
    ['deadlineMs', { deadlineMs: -1 }],
    ['idempotencyKey', { idempotencyKey: 'a-key-of-mine' }],
    ['timeout', { timeout: 5 }],
  ])('refuse a bad %s, the first and the second alike', (field, options) =>
    onStage({}, async ({ client }) => {
      const { release, seen, gatedFetch } = gated();
      const alice = client('alice', { fetch: gatedFetch });
      client('bob');
      const bad = () => caught(alice.sendMessage(message, options as never));
      expect(await bad()).toMatchObject({ name: 'ValidationError', field });
      const first = alice.sendMessage(message);
      expect(await bad()).toMatchObject({ name: 'ValidationError', field });
      release();
      await first;
      expect(seen).toHaveLength(1);
    }),
  );

  it('are refused when they differ', () =>
    onStage({}, async ({ client }) => {
      const { release, seen, gatedFetch } = gated();
      const alice = client('alice', { fetch: gatedFetch });
      client('bob');
      const first = alice.sendMessage(message);
      const error = await caught(alice.sendMessage({ ...message, content: 'something else' }));
      expect(error).toBeInstanceOf(ValidationError);
      expect(error).toMatchObject({ field: 'client_msg_id', outcome: 'not_sent' });
      release();
      await first;
      expect(seen).toHaveLength(1);
    }));
});

describe('limits, as documented', () => {
  it('one cold message until it is answered', () =>
    onStage({ limits: 'documented' }, async ({ client }) => {
      const alice = client('alice');
      const bob = client('bob');
      await alice.sendMessage({ to: 'bob', content: 'hello?' });
      expect(await caught(alice.sendMessage({ to: 'bob', content: 'hello??' }))).toMatchObject({
        name: 'AwaitingReplyError',
        recipientHandle: 'bob',
        waitingSince: expect.any(String),
        retryable: false,
      });
      await bob.sendMessage({ to: 'alice', content: 'yes' });
      await alice.sendMessage({ to: 'bob', content: 'good' });
      expect(await alice.checkContact('bob')).toMatchObject({ is_contact: true });
    }));
});

describe('reading and hiding', () => {
  it('markAsRead marks one message, and its sender learns of it once', () =>
    onStage({}, async ({ server, client }) => {
      const alice = client('alice');
      const bob = client('bob');
      const { message } = await alice.sendMessage({ to: 'bob', content: 'one' });
      expect(await bob.markAsRead(message.id)).toEqual({ ok: true });
      expect(await bob.markAsRead(message.id)).toEqual({ ok: true });
      const [row] = await bob.getMessages(message.conversation_id);
      expect(row).toMatchObject({ status: 'read', read_at: expect.any(String) });
      expect(await caught(alice.markAsRead(message.id))).toBeInstanceOf(ForbiddenError);
      expect(await caught(bob.markAsRead('msg_unknown'))).toMatchObject({ code: 'MESSAGE_NOT_FOUND' });
      expect(await caught(bob.markAsRead(' '))).toMatchObject({ field: 'messageId', outcome: 'not_sent' });
      expect(server.undelivered('bob')).toEqual([]);
    }));

  it('deleteMessage hides from oneself alone: history, sync and counters', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const bob = client('bob');
      const sent: Message[] = [];
      for (const content of ['one', 'two', 'three']) {
        sent.push((await alice.sendMessage({ to: 'bob', content })).message);
      }
      const conversation = sent[0]?.conversation_id ?? '';
      const second = sent[1]?.id ?? '';
      expect(await bob.deleteMessage(second)).toMatchObject({ message: expect.any(String) });
      expect(await bob.deleteMessage(second)).toMatchObject({ message: expect.any(String) });
      expect(textsOf(await bob.getMessages(conversation, { afterSeq: 0 }))).toEqual(['one', 'three']);
      expect(textsOf(await bob.getMessages(conversation, { limit: 2 }))).toEqual(['three', 'one']);
      expect((await bob.sync()).map(({ seq }) => seq)).toEqual([1, 3]);
      expect(await bob.listConversations()).toMatchObject([{ unread_count: 2 }]);
      expect(await caught(bob.getMessages(conversation, { aroundMessageId: second }))).toBeInstanceOf(
        NotFoundError,
      );
      expect(textsOf(await alice.getMessages(conversation))).toEqual(['three', 'two', 'one']);
      // The sender may hide its own as well.
      await alice.deleteMessage(second);
      expect(textsOf(await alice.getMessages(conversation))).toEqual(['three', 'one']);
      const eve = client('eve');
      expect(await caught(eve.deleteMessage(second))).toBeInstanceOf(NotFoundError);
    }));
});

describe('history', () => {
  const conversationOf = async (alice: AgentChatClient, count: number) => {
    let conversation = '';
    for (let n = 1; n <= count; n += 1) {
      conversation = (await alice.sendMessage({ to: 'bob', content: `${n}` })).message.conversation_id;
    }
    return conversation;
  };
  const seqsOf = async (messages: AsyncIterable<Message>) => (await all(messages)).map(({ seq }) => seq);

  it('is gone through in either direction, from anywhere', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const bob = client('bob');
      const id = await conversationOf(alice, 7);
      expect(await seqsOf(bob.history(id))).toEqual([7, 6, 5, 4, 3, 2, 1]);
      expect(await seqsOf(bob.history(id, { pageSize: 2 }))).toEqual([7, 6, 5, 4, 3, 2, 1]);
      expect(await seqsOf(bob.history(id, { pageSize: 1_000 }))).toEqual([7, 6, 5, 4, 3, 2, 1]);
      expect(await seqsOf(bob.history(id, { from: 3, pageSize: 2 }))).toEqual([3, 2, 1]);
      const oldestFirst = { direction: 'oldest_first', pageSize: 3 } as const;
      expect(await seqsOf(bob.history(id, oldestFirst))).toEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(await seqsOf(bob.history(id, { ...oldestFirst, from: 6 }))).toEqual([6, 7]);
      expect(await seqsOf(bob.history(id, { ...oldestFirst, max: 4 }))).toEqual([1, 2, 3, 4]);
      expect(await seqsOf(bob.history(id, { from: 0 }))).toEqual([]);
      expect(await seqsOf(bob.history(id, { ...oldestFirst, from: 8 }))).toEqual([]);
    }));

  it('asks for nothing more after a break', () =>
    onStage({}, async ({ client }) => {
      const urls: string[] = [];
      const alice = client('alice', { hooks: { onRequest: ({ url }) => void urls.push(url) } });
      client('bob');
      const id = await conversationOf(alice, 5);
      urls.length = 0;
      for await (const { seq } of alice.history(id, { pageSize: 2 })) if (seq === 4) break;
      expect(urls).toHaveLength(1);
    }));

  it('ends by its signal, with the reason', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      client('bob');
      const id = await conversationOf(alice, 3);
      const controller = new AbortController();
      const going = async () => {
        for await (const _ of alice.history(id, { pageSize: 1, signal: controller.signal })) {
          controller.abort(new Error('enough'));
        }
      };
      expect(await caught(going())).toMatchObject({ code: 'ABORTED', cause: { message: 'enough' } });
    }));

  it('refuses to go in circles, and gives nothing twice', async () => {
    const page = (...seqs: number[]) =>
      Response.json(seqs.map((seq) => ({ id: `msg_${seq}`, conversation_id: 'conv_1', seq, sender: 'a' })));
    const answers = [page(9, 8), page(8, 7), page(8, 7), page(8, 7), page(8, 7)];
    const client = new AgentChatClient({
      apiKey: 'ac_live_0123456789abcdef',
      fetch: async () => answers.shift() ?? page(),
    });
    const given: number[] = [];
    const going = async () => {
      for await (const { seq } of client.history('conv_1')) given.push(seq);
    };
    expect(await caught(going())).toBeInstanceOf(ProtocolError);
    expect(given).toEqual([9, 8, 7]);
  });

  it('passes on what makes no sense, without going in circles', async () => {
    const answers = [[null, { seq: 'x' }, { id: 'msg_2', seq: 2 }], [{ id: 'msg_1', seq: 1 }], []];
    const client = new AgentChatClient({
      apiKey: 'ac_live_0123456789abcdef',
      fetch: async () => Response.json(answers.shift()),
    });
    expect(await all(client.history('conv_1'))).toHaveLength(4);
  });

  it.each([
    ['from', { from: -1 }],
    ['direction', { direction: 'backwards' }],
    ['pageSize', { pageSize: 0 }],
    ['max', { max: 1.5 }],
    ['page', { page: 3 }],
  ])('refuses %s before the network', (field, options) =>
    onStage({}, async ({ client }) => {
      const going = all(client('alice').history('conv_1', options as never));
      expect(await caught(going)).toMatchObject({ field, outcome: 'not_sent' });
    }),
  );
});

describe('sendMessage() with its arguments one by one', () => {
  it('says what the call looks like', async () => {
    const client = new AgentChatClient({ apiKey: 'ac_live_0123456789' });
    const call = client.sendMessage as unknown as (to: string, text: string) => Promise<unknown>;
    await expect(call.call(client, 'alice', 'hi')).rejects.toMatchObject({
      name: 'ValidationError',
      field: 'message',
      message: expect.stringContaining("sendMessage({ to: 'alice', content: 'Hello' })"),
    });
  });
});

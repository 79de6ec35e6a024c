import { describe, expect, it } from 'vitest';
import { AgentChatClient } from '../../src/rest/index.js';
import { caught, onStage } from './kit.js';

describe('reply coordination', () => {
  it('says whether a session is answering, for as long as it said', () => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    return onStage({ now: () => now }, async ({ client }) => {
      const alice = client('alice');
      expect(await alice.getReplyActive()).toEqual({ active: false });
      await alice.setReplyActive({ session_id: 'front', ttl_seconds: 30 });
      await alice.setReplyActive({ session_id: 'other' });
      expect(await alice.getReplyActive()).toEqual({ active: true });
      await alice.clearReplyActive('other');
      expect(await alice.getReplyActive()).toEqual({ active: true });
      now += 30_000;
      expect(await alice.getReplyActive()).toEqual({ active: false });
      await alice.setReplyActive();
      await alice.clearReplyActive();
      expect(await alice.getReplyActive()).toEqual({ active: false });
      expect(await client('bob').getReplyActive()).toEqual({ active: false });
    });
  });

  it('gives a message to one holder', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const claim = (holder: string, defer_if_active = false) =>
        alice.claimReply({ message_id: 'msg_1', holder, defer_if_active });
      expect(await claim('one')).toEqual({ claimed: true });
      expect(await claim('two')).toEqual({ claimed: false });
      expect(await claim('one')).toEqual({ claimed: true });
      await alice.setReplyActive({});
      expect(await claim('one', true)).toEqual({ claimed: false, deferred: true });
      expect(await client('bob').claimReply({ message_id: 'msg_1', holder: 'two' })).toEqual({
        claimed: true,
      });
    }));

  it('gives a beginning of several messages', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      await alice.claimReply({ message_id: 'msg_3', holder: 'two' });
      const message_ids = ['msg_1', 'msg_2', 'msg_3', 'msg_4'];
      expect(await alice.claimReplyBatch({ message_ids, holder: 'one' })).toEqual({ claimed_count: 2 });
      expect(await alice.claimReply({ message_id: 'msg_4', holder: 'two' })).toEqual({ claimed: true });
    }));

  it('asks one by one where the batch is not known, and fails where nothing is', async () => {
    const claimed = [true, true, false];
    const seen: string[] = [];
    const client = (single: () => Response) =>
      new AgentChatClient({
        apiKey: 'ac_live_0123456789abcdef',
        fetch: async (url) => {
          const path = new URL(String(url)).pathname;
          seen.push(path);
          return path.endsWith('batch') ? new Response('', { status: 405 }) : single();
        },
      });
    const request = { message_ids: ['a', 'b', 'c', 'd'], holder: 'one' };
    const answering = client(() => Response.json({ claimed: claimed.shift() }));
    expect(await answering.claimReplyBatch(request)).toEqual({ claimed_count: 2 });
    expect(seen).toHaveLength(4);
    const nothing = client(() => Response.json({ code: 'NOT_FOUND', message: '' }, { status: 404 }));
    expect(await caught(nothing.claimReplyBatch(request))).toMatchObject({ status: 404 });
  });

  it.each<[string, (client: AgentChatClient) => Promise<unknown>]>([
    ['message_id', (client) => client.claimReply({ message_id: '', holder: 'one' })],
    ['holder', (client) => client.claimReply({ message_id: 'msg_1' } as never)],
    ['message_ids', (client) => client.claimReplyBatch({ message_ids: 'msg_1', holder: 'one' } as never)],
    ['ttl_seconds', (client) => client.setReplyActive({ ttl_seconds: -1 })],
    ['ttl', (client) => client.setReplyActive({ ttl: 1 } as never)],
    ['sessionId', (client) => client.clearReplyActive('')],
  ])('refuses a bad %s before the network', (field, call) =>
    onStage({}, async ({ client }) => {
      expect(await caught(call(client('alice')))).toMatchObject({ field, outcome: 'not_sent' });
    }),
  );
});

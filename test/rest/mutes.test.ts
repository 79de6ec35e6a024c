import { describe, expect, it } from 'vitest';
import { NotFoundError, ValidationError } from '../../src/errors/index.js';
import { AgentChatClient } from '../../src/rest/index.js';
import { scriptedFetch } from '../http/fake-fetch.js';
import { caught, onStage } from './kit.js';

describe('mutes', () => {
  it('of agents are set, seen and lifted', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const bob = client('bob');
      expect(await alice.getAgentMuteStatus('bob')).toBeNull();
      const mute = await alice.muteAgent('@Bob');
      expect(mute).toMatchObject({ target_kind: 'agent', muted_until: null });
      expect(await alice.getAgentMuteStatus('BOB')).toEqual(mute);
      expect(await alice.listMutes()).toEqual({ mutes: [mute] });
      expect(await alice.listMutes({ kind: 'conversation' })).toEqual({ mutes: [] });
      expect(await bob.listMutes()).toEqual({ mutes: [] });
      await bob.sendMessage({ to: 'alice', content: 'still there' });
      expect(await alice.sync()).toHaveLength(1);
      expect(await alice.listConversations()).toMatchObject([{ is_muted: true, unread_count: 1 }]);
      expect(await alice.unmuteAgent('bob')).toBeUndefined();
      expect(await alice.getAgentMuteStatus('bob')).toBeNull();
      const error = await caught(alice.unmuteAgent('bob'));
      expect(error).toBeInstanceOf(NotFoundError);
    }));

  it('of conversations are set, seen and lifted', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const bob = client('bob');
      const { message } = await bob.sendMessage({ to: 'alice', content: 'hi' });
      const id = message.conversation_id;
      expect(await alice.getConversationMuteStatus(id)).toBeNull();
      const mute = await alice.muteConversation(id, { mutedUntil: null });
      expect(mute).toMatchObject({ target_kind: 'conversation', target_id: id, muted_until: null });
      expect(await alice.getConversationMuteStatus(id)).toEqual(mute);
      await alice.unmuteConversation(id);
      expect(await alice.getConversationMuteStatus(id)).toBeNull();
      expect(await caught(alice.unmuteConversation(id))).toBeInstanceOf(NotFoundError);
    }));

  it('run out, and muting again changes when', async () => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    await onStage({ now: () => now }, async ({ server, client }) => {
      const alice = client('alice');
      server.createAgent('bob');
      const until = new Date(now + 60_000);
      expect(await alice.muteAgent('bob', { mutedUntil: until })).toMatchObject({
        muted_until: until.toISOString(),
      });
      now += 59_999;
      expect(await alice.getAgentMuteStatus('bob')).not.toBeNull();
      await alice.muteAgent('bob', { mutedUntil: '2026-11-21T14:00:00+02:00' });
      expect(await alice.getAgentMuteStatus('bob')).toBeNull();
      expect(await alice.listMutes()).toEqual({ mutes: [] });
      expect(await caught(alice.unmuteAgent('bob'))).toBeInstanceOf(NotFoundError);
    });
  });

  it('need somebody to mute', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const { message } = await client('bob').sendMessage({ to: client('carol') && 'carol', content: 'hi' });
      expect(await caught(alice.muteAgent('nobody-here'))).toMatchObject({ code: 'AGENT_NOT_FOUND' });
      expect(await caught(alice.muteAgent('alice'))).toMatchObject({ status: 400 });
      expect(await caught(alice.muteConversation(message.conversation_id))).toMatchObject({
        code: 'CONVERSATION_NOT_FOUND',
      });
      expect(await alice.getAgentMuteStatus('nobody-here')).toBeNull();
    }));

  it('are not denied by the 404 of a proxy', async () => {
    const page = () => new Response('<html>nginx</html>', { status: 404 });
    const { fetch } = scriptedFetch(page, page);
    const client = new AgentChatClient({ apiKey: 'ac_live_test_key', fetch });
    expect(await caught(client.getAgentMuteStatus('bob'))).toBeInstanceOf(NotFoundError);
    expect(await caught(client.getConversationMuteStatus('conv_1'))).toBeInstanceOf(NotFoundError);
  });

  it.each<[string, (client: AgentChatClient) => Promise<unknown>, string]>([
    ['an odd time', (client) => client.muteAgent('bob', { mutedUntil: 'tomorrow' }), 'mutedUntil'],
    ['an odd date', (client) => client.muteAgent('bob', { mutedUntil: new Date(Number.NaN) }), 'mutedUntil'],
    ['a number', (client) => client.muteAgent('bob', { mutedUntil: 60_000 as never }), 'mutedUntil'],
    [
      'a misspelt option',
      (client) => client.muteAgent('bob', { muted_until: null } as object),
      'muted_until',
    ],
    ['no conversation', (client) => client.muteConversation(''), 'conversationId'],
    ['a conversation for an agent', (client) => client.unmuteAgent('conv_1'), 'handle'],
  ])('refuse %s before the network', async (_, call, field) => {
    const client = new AgentChatClient({ apiKey: 'ac_live_test_key', fetch: scriptedFetch().fetch });
    const error = await caught((async () => call(client))());
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ field, outcome: 'not_sent' });
  });
});

import { describe, expect, it } from 'vitest';
import { NotFoundError } from '../../src/errors/index.js';
import type { AgentChatClient } from '../../src/rest/index.js';
import type { EndpointKey } from '../../src/wire/index.js';
import { caught, onStage } from './kit.js';

/** What is set up and then taken away. */
const REMOVALS: [EndpointKey, (alice: AgentChatClient) => Promise<() => Promise<unknown>>][] = [
  [
    'removeContact',
    async (alice) => {
      await alice.addContact('bob');
      return () => alice.removeContact('bob');
    },
  ],
  [
    'unblockAgent',
    async (alice) => {
      await alice.blockAgent('bob');
      return () => alice.unblockAgent('bob');
    },
  ],
  [
    'unmuteAgent',
    async (alice) => {
      await alice.muteAgent('bob');
      return () => alice.unmuteAgent('bob');
    },
  ],
  [
    'unmuteConversation',
    async (alice) => {
      const { message } = await alice.sendMessage({ to: 'bob', content: 'hi' });
      await alice.muteConversation(message.conversation_id);
      return () => alice.unmuteConversation(message.conversation_id);
    },
  ],
  [
    'removeAvatar',
    async (alice) => {
      await alice.setAvatar('alice', new TextEncoder().encode('GIF89a'));
      return () => alice.removeAvatar('alice');
    },
  ],
  [
    'deleteWebhook',
    async (alice) => {
      const { id } = await alice.createWebhook({ url: 'http://127.0.0.1:9/', events: ['message.new'] });
      return () => alice.deleteWebhook(id);
    },
  ],
];

describe('a removal whose answer is lost', () => {
  it.each(REMOVALS)('%s finds its work done, and takes nothing else for done', (endpoint, setUp) =>
    onStage({}, async ({ server, client }) => {
      client('bob');
      const statuses: number[] = [];
      const alice = client('alice', {
        retry: { baseDelayMs: 1 },
        hooks: { onError: ({ status }) => void statuses.push(status ?? 0) },
      });
      const remove = await setUp(alice);
      server.faults.next('restUnavailable', { endpoint, when: 'after' });
      await remove();
      expect(statuses).toEqual([503, 404]);
      const again = await caught(remove());
      expect(again).toBeInstanceOf(NotFoundError);
      expect(again).toMatchObject({ outcome: 'rejected' });
    }),
  );
});

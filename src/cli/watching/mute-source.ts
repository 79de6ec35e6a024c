import type { RealtimeSource } from '../../realtime/index.js';
import type { AgentChatClient } from '../../rest/index.js';

/** What the realtime client may read of REST, without the one call that acknowledges. */
export function muteSource(client: AgentChatClient): RealtimeSource {
  return {
    getMessages: (conversationId, options) => client.getMessages(conversationId, options),
    sync: (options) => client.sync(options),
    syncAck: async () => ({ acked: 0 }),
    listConversations: (options) => client.listConversations(options),
    listMutes: (options) => client.listMutes(options),
    listGroupInvites: (options) => client.listGroupInvites(options),
    getMe: (options) => client.getMe(options),
  };
}

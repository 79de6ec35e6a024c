import { expectTypeOf } from 'expect-type';
import { describe, it } from 'vitest';
import type { RealtimeSource } from '../../src/realtime/source.js';
import type { AgentChatClient, SendMessageResult } from '../../src/rest/index.js';
import type { Agent, Message, SyncEnvelope } from '../../src/wire/index.js';

// Checked by the compiler; running them shows that they are there.
describe('types', () => {
  it('a client is a source for the realtime client', () => {
    expectTypeOf<AgentChatClient>().toMatchTypeOf<RealtimeSource>();
    // Optional members of the source would match by being absent, so each one that exists is compared by itself.
    expectTypeOf<AgentChatClient['getMessages']>().toMatchTypeOf<RealtimeSource['getMessages']>();
    expectTypeOf<AgentChatClient['sync']>().toMatchTypeOf<RealtimeSource['sync']>();
    expectTypeOf<AgentChatClient['syncAck']>().toMatchTypeOf<RealtimeSource['syncAck']>();
    expectTypeOf<AgentChatClient['getMe']>().toMatchTypeOf<NonNullable<RealtimeSource['getMe']>>();
    expectTypeOf<AgentChatClient['onSent']>().toMatchTypeOf<NonNullable<RealtimeSource['onSent']>>();
    expectTypeOf<AgentChatClient['listConversations']>().toMatchTypeOf<
      NonNullable<RealtimeSource['listConversations']>
    >();
    expectTypeOf<AgentChatClient['listMutes']>().toMatchTypeOf<NonNullable<RealtimeSource['listMutes']>>();
    expectTypeOf<AgentChatClient['listGroupInvites']>().toMatchTypeOf<
      NonNullable<RealtimeSource['listGroupInvites']>
    >();
  });

  it('methods return plain data', () => {
    expectTypeOf<AgentChatClient['getMe']>().returns.resolves.toEqualTypeOf<Agent>();
    expectTypeOf<AgentChatClient['getMessages']>().returns.resolves.toEqualTypeOf<Message[]>();
    expectTypeOf<AgentChatClient['sync']>().returns.resolves.toEqualTypeOf<SyncEnvelope[]>();
    expectTypeOf<AgentChatClient['sendMessage']>().returns.resolves.toEqualTypeOf<SendMessageResult>();
  });
});

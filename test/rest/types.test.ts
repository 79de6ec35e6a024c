import { expectTypeOf } from 'expect-type';
import { describe, it } from 'vitest';
import type { RealtimeSource } from '../../src/realtime/source.js';
import {
  type AgentChatClient,
  type AgentChatClientOptions,
  paginate,
  type SendMessageResult,
} from '../../src/rest/index.js';
import type {
  Agent,
  ContactEntry,
  DirectoryAgent,
  EndpointKey,
  Message,
  MuteEntry,
  SyncEnvelope,
} from '../../src/wire/index.js';

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

  it('has a method for every endpoint', () => {
    // Those that go by another name, or come in two.
    type Renamed = { createMute: 'muteAgent' | 'muteConversation' };
    type Method<Key extends EndpointKey> = Key extends keyof Renamed ? Renamed[Key] : Key;
    expectTypeOf<Method<EndpointKey>>().toExtend<keyof AgentChatClient | keyof typeof AgentChatClient>();
  });

  it('status methods say null for "not muted"', () => {
    expectTypeOf<AgentChatClient['getAgentMuteStatus']>().returns.resolves.toEqualTypeOf<MuteEntry | null>();
    expectTypeOf<
      AgentChatClient['getConversationMuteStatus']
    >().returns.resolves.toEqualTypeOf<MuteEntry | null>();
  });

  it('lists are gone through by row', () => {
    expectTypeOf<AgentChatClient['contacts']>().returns.toExtend<AsyncIterable<ContactEntry>>();
    expectTypeOf<AgentChatClient['searchAgentsAll']>().returns.toExtend<AsyncIterable<DirectoryAgent>>();
    const page = async () => ({ items: ['a'], total: 1, limit: 50, offset: 0 });
    expectTypeOf(paginate(page)).toExtend<AsyncIterable<string>>();
  });

  it('`with` takes every option but the key', () => {
    expectTypeOf<AgentChatClient['with']>()
      .parameter(0)
      .toEqualTypeOf<Omit<AgentChatClientOptions, 'apiKey'>>();
    expectTypeOf<AgentChatClient['with']>().returns.toEqualTypeOf<AgentChatClient>();
  });

  it('methods return plain data', () => {
    expectTypeOf<AgentChatClient['getMe']>().returns.resolves.toEqualTypeOf<Agent>();
    expectTypeOf<AgentChatClient['getMessages']>().returns.resolves.toEqualTypeOf<Message[]>();
    expectTypeOf<AgentChatClient['sync']>().returns.resolves.toEqualTypeOf<SyncEnvelope[]>();
    expectTypeOf<AgentChatClient['sendMessage']>().returns.resolves.toEqualTypeOf<SendMessageResult>();
  });
});

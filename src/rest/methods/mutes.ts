import type { CallOptions } from '../../http/index.js';
import type { MuteEntry, MuteListResult } from '../../wire/index.js';
import { type ListMutesOptions, listMutes, type MuteOptions, mute, muteStatus, unmute } from '../mutes.js';
import { ContactMethods } from './contacts.js';

/** What an agent does not want to be told about. */
export abstract class MuteMethods extends ContactMethods {
  /**
   * Mutes an agent: what it writes is not pushed to your sockets and webhooks. It is still delivered, counted as unread,
   * and shown by `sync` and the history; the agent notices nothing. Muting again changes until when.
   *
   * @throws NotFoundError when there is no such agent.
   * @example await client.muteAgent('chatty', { mutedUntil: new Date(Date.now() + 3_600_000) });
   */
  muteAgent(handle: string, options: MuteOptions = {}, callOptions: CallOptions = {}): Promise<MuteEntry> {
    return mute(this.transport, { kind: 'agent', handle }, options, callOptions);
  }

  /** Mutes a conversation, direct or group, as {@link muteAgent} does an agent. @throws NotFoundError if it is not yours. */
  muteConversation(
    conversationId: string,
    options: MuteOptions = {},
    callOptions: CallOptions = {},
  ): Promise<MuteEntry> {
    return mute(this.transport, { kind: 'conversation', id: conversationId }, options, callOptions);
  }

  /** Unmutes an agent. @throws NotFoundError when it is not muted. */
  unmuteAgent(handle: string, options: CallOptions = {}): Promise<void> {
    return unmute(this.transport, { kind: 'agent', handle }, options);
  }

  /** Unmutes a conversation. @throws NotFoundError when it is not muted. */
  unmuteConversation(conversationId: string, options: CallOptions = {}): Promise<void> {
    return unmute(this.transport, { kind: 'conversation', id: conversationId }, options);
  }

  /**
   * What you have muted: it is not pushed to your sockets, and still in `sync` and in the history. Mutes that have run out
   * are left out.
   *
   * @throws ProtocolError for an answer that is no list.
   */
  listMutes(options: ListMutesOptions = {}, callOptions: CallOptions = {}): Promise<MuteListResult> {
    return listMutes(this.transport, options, callOptions);
  }

  /** The mute of an agent, `null` when it is not muted. */
  getAgentMuteStatus(handle: string, options: CallOptions = {}): Promise<MuteEntry | null> {
    return muteStatus(this.transport, { kind: 'agent', handle }, options);
  }

  /** The mute of a conversation, `null` when it is not muted. */
  getConversationMuteStatus(conversationId: string, options: CallOptions = {}): Promise<MuteEntry | null> {
    return muteStatus(this.transport, { kind: 'conversation', id: conversationId }, options);
  }
}

import { type CallOptions, type HttpTransport, invalid } from '../http/index.js';
import type { CreateMuteRequest, MuteEntry, MuteListResult, MuteTargetKind } from '../wire/index.js';
import { orWhenAbsent, removal } from './absent.js';
import { expectObject, isObject, unexpected } from './answers.js';
import { conversationParams, handleArgument, handleParams, splitOptions } from './arguments.js';
import { Methods } from './methods.js';

/** For how long. */
export interface MuteOptions extends CallOptions {
  /** A time in ISO 8601 or a `Date`; `null` and none: until it is lifted. */
  mutedUntil?: string | Date | null | undefined;
}

/** Which mutes. */
export interface ListMutesOptions extends CallOptions {
  /** Only those of agents, or only those of conversations. Default: all. */
  kind?: MuteTargetKind | undefined;
}

/** What an agent does not want to be told about. */
export abstract class MuteMethods extends Methods {
  /**
   * Mutes an agent: what it writes is not pushed to your sockets and webhooks. It is still delivered, counted as unread,
   * and shown by `sync` and the history; the agent notices nothing. Muting again changes until when.
   *
   * @throws NotFoundError when there is no such agent.
   * @example await client.muteAgent('chatty', { mutedUntil: new Date(Date.now() + 3_600_000) });
   */
  async muteAgent(
    handle: string,
    options: MuteOptions = {},
    callOptions: CallOptions = {},
  ): Promise<MuteEntry> {
    const target: CreateMuteRequest = { target_kind: 'agent', target_handle: handleArgument(handle) };
    const { query, call } = splitOptions(options, callOptions, ['mutedUntil'], 'muteAgent');
    return mute(this.transport, { ...target, ...untilOf(query.mutedUntil) }, call);
  }

  /** Mutes a conversation, direct or group, as {@link muteAgent} does an agent. @throws NotFoundError if it is not yours. */
  async muteConversation(
    conversationId: string,
    options: MuteOptions = {},
    callOptions: CallOptions = {},
  ): Promise<MuteEntry> {
    const { conversation_id } = conversationParams(conversationId);
    const target: CreateMuteRequest = { target_kind: 'conversation', target_id: conversation_id };
    const { query, call } = splitOptions(options, callOptions, ['mutedUntil'], 'muteConversation');
    return mute(this.transport, { ...target, ...untilOf(query.mutedUntil) }, call);
  }

  /** Unmutes an agent. @throws NotFoundError when it is not muted. */
  async unmuteAgent(handle: string, options: CallOptions = {}): Promise<void> {
    const params = handleParams(handle);
    await removal(this.transport.call('unmuteAgent', { params }, options));
  }

  /** Unmutes a conversation. @throws NotFoundError when it is not muted. */
  async unmuteConversation(conversationId: string, options: CallOptions = {}): Promise<void> {
    const params = conversationParams(conversationId);
    await removal(this.transport.call('unmuteConversation', { params }, options));
  }

  /**
   * What you have muted: it is not pushed to your sockets, and still in `sync` and in the history. Mutes that have run out
   * are left out.
   *
   * @throws ProtocolError for an answer that is no list.
   */
  async listMutes(options: ListMutesOptions = {}, callOptions: CallOptions = {}): Promise<MuteListResult> {
    const { query, call } = splitOptions(options, callOptions, ['kind'], 'listMutes');
    const response = await this.transport.call('listMutes', { query: { kind: query.kind } }, call);
    const { data } = response as { data: unknown };
    // Some servers leave the envelope out.
    if (Array.isArray(data)) return { mutes: data as MuteEntry[] };
    if (isObject(data) && Array.isArray(data.mutes)) return data as unknown as MuteListResult;
    throw unexpected(response, 'listMutes', 'a list of mutes');
  }

  /** The mute of an agent, `null` when it is not muted. */
  async getAgentMuteStatus(handle: string, options: CallOptions = {}): Promise<MuteEntry | null> {
    const params = handleParams(handle);
    const response = await orWhenAbsent(this.transport.call('getAgentMuteStatus', { params }, options), null);
    return response === null ? null : expectObject<MuteEntry>(response, 'getAgentMuteStatus');
  }

  /** The mute of a conversation, `null` when it is not muted. */
  async getConversationMuteStatus(
    conversationId: string,
    options: CallOptions = {},
  ): Promise<MuteEntry | null> {
    const params = conversationParams(conversationId);
    const response = await orWhenAbsent(
      this.transport.call('getConversationMuteStatus', { params }, options),
      null,
    );
    return response === null ? null : expectObject<MuteEntry>(response, 'getConversationMuteStatus');
  }
}

async function mute(
  transport: HttpTransport,
  body: CreateMuteRequest,
  call: CallOptions,
): Promise<MuteEntry> {
  const response = await transport.call('createMute', { body }, call);
  return expectObject<MuteEntry>(response, 'createMute');
}

function untilOf(mutedUntil: MuteOptions['mutedUntil']): { muted_until?: string | null } {
  if (mutedUntil === undefined) return {};
  if (mutedUntil === null) return { muted_until: null };
  const text = typeof mutedUntil === 'string' ? mutedUntil : undefined;
  const time = mutedUntil instanceof Date ? mutedUntil.getTime() : Date.parse(text ?? '');
  if (Number.isNaN(time)) {
    throw invalid(
      'mutedUntil',
      '"mutedUntil" must be a time in ISO 8601, a Date, or null for "until it is lifted"',
    );
  }
  return { muted_until: mutedUntil instanceof Date ? mutedUntil.toISOString() : mutedUntil };
}

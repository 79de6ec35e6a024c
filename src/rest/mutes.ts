import { type CallOptions, checkFilled, type HttpTransport, invalid } from '../http/index.js';
import type { CreateMuteRequest, MuteEntry, MuteListResult, MuteTargetKind } from '../wire/index.js';
import { orWhenAbsent, removal } from './absent.js';
import { splitOptions } from './call-arguments.js';
import { expectObject, isObject, unexpected } from './expect.js';
import { handleArgument } from './handle-argument.js';

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

/**
 * Reads what is muted.
 *
 * @throws ProtocolError for an answer that is no list: it is never taken for "nothing is muted".
 */
export async function listMutes(
  transport: HttpTransport,
  options: ListMutesOptions,
  callOptions: CallOptions,
): Promise<MuteListResult> {
  const { query, call } = splitOptions<Omit<ListMutesOptions, keyof CallOptions>>(
    options,
    callOptions,
    ['kind'],
    'listMutes',
  );
  const response = await transport.call('listMutes', { query: { kind: query.kind } }, call);
  const { data } = response as { data: unknown };
  // Some servers leave the envelope out.
  if (Array.isArray(data)) return { mutes: data as MuteEntry[] };
  if (isObject(data) && Array.isArray(data.mutes)) return data as unknown as MuteListResult;
  throw unexpected(response, 'listMutes', 'a list of mutes');
}

/** What is muted. */
export type MuteTarget =
  | { readonly kind: 'agent'; readonly handle: string }
  | { readonly kind: 'conversation'; readonly id: string };

/** Mutes, or changes until when it is muted. */
export async function mute(
  transport: HttpTransport,
  target: MuteTarget,
  options: MuteOptions,
  callOptions: CallOptions,
): Promise<MuteEntry> {
  const { params } = addressOf(target);
  const { query, call } = splitOptions<Pick<MuteOptions, 'mutedUntil'>>(
    options,
    callOptions,
    ['mutedUntil'],
    target.kind === 'agent' ? 'muteAgent' : 'muteConversation',
  );
  const until = untilOf(query.mutedUntil);
  const body: CreateMuteRequest =
    'handle' in params
      ? { target_kind: 'agent', target_handle: params.handle, ...until }
      : { target_kind: 'conversation', target_id: params.conversation_id, ...until };
  const response = await transport.call('createMute', { body }, call);
  return expectObject<MuteEntry>(response, 'createMute');
}

/** Lifts a mute. */
export async function unmute(
  transport: HttpTransport,
  target: MuteTarget,
  options: CallOptions,
): Promise<void> {
  const { params } = addressOf(target);
  const key = target.kind === 'agent' ? 'unmuteAgent' : 'unmuteConversation';
  await removal(transport.call(key, { params }, options));
}

/** Reads a mute; `null` when there is none. */
export async function muteStatus(
  transport: HttpTransport,
  target: MuteTarget,
  options: CallOptions,
): Promise<MuteEntry | null> {
  const { params } = addressOf(target);
  const key = target.kind === 'agent' ? 'getAgentMuteStatus' : 'getConversationMuteStatus';
  const read = async () => expectObject<MuteEntry>(await transport.call(key, { params }, options), key);
  return orWhenAbsent(read(), null);
}

function addressOf(target: MuteTarget): {
  params: { readonly handle: string } | { readonly conversation_id: string };
} {
  if (target.kind === 'agent') return { params: { handle: handleArgument(target.handle) } };
  checkFilled(target.id, 'conversationId');
  return { params: { conversation_id: target.id } };
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

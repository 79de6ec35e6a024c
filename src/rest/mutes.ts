import type { CallOptions, HttpTransport } from '../http/index.js';
import type { MuteEntry, MuteListResult, MuteTargetKind } from '../wire/index.js';
import { splitOptions } from './call-arguments.js';
import { isObject, unexpected } from './expect.js';

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

import { type CallOptions, checkOptionNames, invalid } from '../http/index.js';
import {
  PRESENCE_BATCH_MAX,
  type Presence,
  type PresenceUpdate,
  type PresenceUpdateResponse,
} from '../wire/index.js';
import { expectObject, isObject, unexpected } from './answers.js';
import { handleArgument } from './arguments.js';
import { Methods } from './methods.js';

/** What {@link getPresenceBatch} resolves to. */
export interface PresenceBatchResult {
  /** In the order of the answer. Servers differ on agents who are none of your contacts: absent, or offline. */
  presences: Presence[];
}

/** Who is there. */
export abstract class PresenceMethods extends Methods {
  /**
   * The presence of one of your contacts.
   *
   * @throws NotFoundError for everybody else, yourself included.
   */
  async getPresence(handle: string, options: CallOptions = {}): Promise<Presence> {
    const asked = handleArgument(handle);
    const response = await this.transport.call('getPresence', { params: { handle: asked } }, options);
    return presenceOf(expectObject(response, 'getPresence'), asked);
  }

  /**
   * Says how you are. It overrides what the service concludes from your sockets. Without an open socket it fades about five
   * minutes after the last update: repeat it every four.
   *
   * @returns What the service answers: the presence, or only that it was done.
   * @throws ValidationError, naming `custom_message`, when it is longer than 200 characters.
   * @example await client.updatePresence({ status: 'busy', custom_message: 'Reindexing until noon' });
   */
  async updatePresence(update: PresenceUpdate, options: CallOptions = {}): Promise<PresenceUpdateResponse> {
    checkOptionNames(update, ['status', 'custom_message'], 'updatePresence field');
    const response = await this.transport.call('updatePresence', { body: update }, options);
    // An answer without a body says that it was done, and no more.
    return response.data === undefined
      ? ({} as PresenceUpdateResponse)
      : expectObject<PresenceUpdateResponse>(response, 'updatePresence');
  }

  /**
   * The presence of up to 100 agents at once. Whoever is no contact of yours is shown as offline, or left out.
   *
   * @throws ValidationError for more than 100 handles.
   */
  async getPresenceBatch(
    handles: readonly string[],
    options: CallOptions = {},
  ): Promise<PresenceBatchResult> {
    if (!Array.isArray(handles)) throw invalid('handles', '"handles" must be an array of handles');
    if (handles.length > PRESENCE_BATCH_MAX) {
      throw invalid(
        'handles',
        `"handles" holds ${handles.length}, of at most ${PRESENCE_BATCH_MAX}: ask in portions`,
      );
    }
    const body = { handles: handles.map((handle, index) => handleArgument(handle, `handles[${index}]`)) };
    // Nobody is asked about: there is nothing to ask.
    if (body.handles.length === 0) return { presences: [] };
    const response = await this.transport.call('getPresenceBatch', { body }, options);
    const data: unknown = response.data;
    const rows = isObject(data) ? (data.presences ?? data.results) : data;
    const named: readonly (readonly [string | undefined, unknown])[] | undefined = Array.isArray(rows)
      ? rows.map((row: unknown) => [undefined, row])
      : isObject(rows)
        ? Object.entries(rows)
        : undefined;
    if (named === undefined) throw unexpected(response, 'getPresenceBatch', 'a list of presences');
    const presences = named.flatMap(([handle, row]) => readPresence(row, handle) ?? []);
    return isObject(data) ? { ...data, presences } : { presences };
  }
}

/** A presence under the names that it has nowadays; `undefined` for what is none. What else is in it stays. */
function readPresence(row: unknown, handle: string | undefined): Presence | undefined {
  if (!isObject(row) || typeof row.status !== 'string') return undefined;
  return typeof (row.handle ?? handle) === 'string' ? presenceOf(row, handle) : undefined;
}

function presenceOf(row: Readonly<Record<string, unknown>>, handle: string | undefined): Presence {
  const { custom_message = row.custom_status ?? null } = row;
  const { last_seen = row.last_seen_at ?? row.last_active_at ?? null } = row;
  return { ...row, handle: row.handle ?? handle, custom_message, last_seen } as unknown as Presence;
}

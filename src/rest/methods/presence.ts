import type { CallOptions } from '../../http/index.js';
import type { Presence, PresenceUpdate, PresenceUpdateResponse } from '../../wire/index.js';
import { getPresence, getPresenceBatch, type PresenceBatchResult, updatePresence } from '../presence.js';
import { MuteMethods } from './mutes.js';

/** Who is there. */
export abstract class PresenceMethods extends MuteMethods {
  /**
   * The presence of one of your contacts.
   *
   * @throws NotFoundError for everybody else, yourself included.
   */
  getPresence(handle: string, options: CallOptions = {}): Promise<Presence> {
    return getPresence(this.transport, handle, options);
  }

  /**
   * Says how you are. It overrides what the service concludes from your sockets. Without an open socket it fades about five
   * minutes after the last update: repeat it every four.
   *
   * @returns What the service answers: the presence, or only that it was done.
   * @throws ValidationError, naming `custom_message`, when it is longer than 200 characters.
   * @example await client.updatePresence({ status: 'busy', custom_message: 'Reindexing until noon' });
   */
  updatePresence(update: PresenceUpdate, options: CallOptions = {}): Promise<PresenceUpdateResponse> {
    return updatePresence(this.transport, update, options);
  }

  /**
   * The presence of up to 100 agents at once. Whoever is no contact of yours is shown as offline, or left out.
   *
   * @throws ValidationError for more than 100 handles.
   */
  getPresenceBatch(handles: readonly string[], options: CallOptions = {}): Promise<PresenceBatchResult> {
    return getPresenceBatch(this.transport, handles, options);
  }
}

import type { CallOptions } from '../../http/index.js';
import type { MuteListResult } from '../../wire/index.js';
import { type ListMutesOptions, listMutes } from '../mutes.js';
import { ContactMethods } from './contacts.js';

/** What an agent does not want to be told about. */
export abstract class MuteMethods extends ContactMethods {
  /**
   * What you have muted: it is not pushed to your sockets, and still in `sync` and in the history. Mutes that have run out
   * are left out.
   *
   * @throws ProtocolError for an answer that is no list.
   */
  listMutes(options: ListMutesOptions = {}, callOptions: CallOptions = {}): Promise<MuteListResult> {
    return listMutes(this.transport, options, callOptions);
  }
}

import type { CallOptions } from '../../http/index.js';
import type { GroupInvitation } from '../../wire/index.js';
import { listGroupInvites } from '../group-invites.js';
import { ConversationMethods } from './conversations.js';

/** Groups, their members and the invitations to them. */
export abstract class GroupMethods extends ConversationMethods {
  /**
   * The invitations into groups that wait for your answer. The service pushes each of them once, live, and keeps none for
   * later: a `RealtimeClient` reads this list after every connect and gives you what it shows as
   * `group.invite.received`.
   *
   * @throws ProtocolError for an answer that is no list.
   */
  listGroupInvites(options: CallOptions = {}): Promise<GroupInvitation[]> {
    return listGroupInvites(this.transport, options);
  }
}

import { checkOptionNames } from '../../../http/index.js';
import type { SonzaiCallOptions } from '../call-options.js';
import type {
  ListNotifications,
  NotificationHistoryQuery,
  NotificationList,
} from '../records/notification.js';
import type { Success } from '../records/open-record.js';
import { Group } from './group.js';

const NOTIFICATIONS = '/agents/{agentId}/notifications';

/** What an agent wants to say without having been asked. `SonzaiNotifications` delivers it through a bot. */
export class NotificationMethods extends Group {
  async list(
    agentId: string,
    query: ListNotifications = {},
    options: SonzaiCallOptions = {},
  ): Promise<NotificationList> {
    const label = 'agents.notifications.list';
    checkOptionNames(query, ['status', 'user_id', 'limit'], `${label} field`);
    const operation = {
      label,
      method: 'GET',
      path: NOTIFICATIONS,
      ids: { agentId },
      query: { ...query },
    } as const;
    return this.wire.lists<NotificationList>(operation, ['notifications'], options);
  }

  /** Says that the person has got it, so that it is not listed as pending any more. */
  async consume(agentId: string, messageId: string, options: SonzaiCallOptions = {}): Promise<Success> {
    const label = 'agents.notifications.consume';
    const path = `${NOTIFICATIONS}/{messageId}/consume`;
    return this.wire.object({ label, method: 'POST', path, ids: { agentId, messageId } }, options);
  }

  /** Those of before, consumed ones too. */
  async history(
    agentId: string,
    query: NotificationHistoryQuery = {},
    options: SonzaiCallOptions = {},
  ): Promise<NotificationList> {
    const label = 'agents.notifications.history';
    checkOptionNames(query, ['limit'], `${label} field`);
    const path = `${NOTIFICATIONS}/history`;
    const operation = { label, method: 'GET', path, ids: { agentId }, query: { ...query } } as const;
    return this.wire.lists<NotificationList>(operation, ['notifications'], options);
  }
}

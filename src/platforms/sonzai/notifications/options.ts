import type { Clock } from '../../../clock/index.js';
import {
  checkDuration,
  checkFilled,
  checkFunction,
  checkOptionNames,
  given,
  invalid,
} from '../../../http/index.js';
import type { DedupeStore } from '../../../stores/index.js';
import { Sonzai } from '../client.js';
import type { Notification } from '../records/notification.js';

/** What is known of a notification when it is sent. */
export interface NotificationSend {
  /**
   * Names the notification for ever, in 39 letters and digits. A process that dies after the sending sends again with the same key: pass it
   * on as `client_msg_id`, and the person gets one message.
   */
  readonly key: string;
  readonly notification: Notification;
  /** Fires when the poller is stopped. */
  readonly signal: AbortSignal;
}

/** Options of {@link SonzaiNotifications}. */
export interface SonzaiNotificationsOptions {
  client: Sonzai;
  /** The agent, by its id or its name. */
  agentId: string;
  /** Remembers what was delivered: the store of the bot fits. Several processes that share one deliver each notification once. */
  store: { readonly claims: DedupeStore };
  /** Sends a text to somebody. What it throws is told to `onError`, and the notification is tried again later. */
  send: (to: string, text: string, about: NotificationSend) => unknown;
  /**
   * Whom a notification is for, or null for somebody whom this bot must not write to. Default: the `user_id`, which is the handle of those
   * who have talked to a `sonzaiThinker`. If the agent talks to people elsewhere too, tell them apart here.
   */
  recipient?: ((notification: Notification) => string | null) | undefined;
  /** How often the platform is asked, in milliseconds. Default 30,000. */
  everyMs?: number | undefined;
  /** Told what goes wrong. Nothing ends the polling but `stop()`. Default: the message goes to `console.error`. */
  onError?: ((error: unknown) => void) | undefined;
  /** Time itself, for tests. */
  clock?: Clock | undefined;
}

const OPTION_NAMES: readonly string[] = [
  'client',
  'agentId',
  'store',
  'send',
  'recipient',
  'everyMs',
  'onError',
  'clock',
];

/** @throws ValidationError that names the option. */
export function checkNotificationOptions(asked: SonzaiNotificationsOptions): SonzaiNotificationsOptions {
  checkOptionNames(asked, OPTION_NAMES, 'SonzaiNotifications option');
  const options = given(asked);
  if (!(options.client instanceof Sonzai)) throw invalid('client', '"client" must be a Sonzai');
  checkFilled(options.agentId, 'agentId');
  if (typeof options.store?.claims?.claim !== 'function') {
    throw invalid('store', '"store" must be the store of a bot, such as bot.store');
  }
  if (typeof options.send !== 'function')
    throw invalid('send', '"send" must be a function that sends a text');
  checkFunction(options.recipient, 'recipient');
  checkFunction(options.onError, 'onError');
  checkDuration(options.everyMs, 'everyMs');
  return options;
}

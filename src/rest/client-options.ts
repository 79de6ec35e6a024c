import { checkFunction, checkOptionNames, type HttpTransportOptions } from '../http/index.js';
import type { BacklogWarning } from '../wire/index.js';

/** Options of {@link AgentChatClient}. */
export interface AgentChatClientOptions extends HttpTransportOptions {
  /**
   * Told when a recipient has thousands of undelivered messages: slow down before the service refuses. The same warning
   * is in the result of the send.
   */
  onBacklogWarning?: ((warning: BacklogWarning) => void) | undefined;
}

export const CLIENT_OPTION_NAMES: readonly string[] = [
  'apiKey',
  'baseUrl',
  'timeoutMs',
  'deadlineMs',
  'retry',
  'hooks',
  'fetch',
  'onBacklogWarning',
  'clientIdentity',
  'validate',
  'onWireMismatch',
  'maxBodyBytes',
  'clock',
];

/** The part of the options that is the transport's. @throws ValidationError for an option that nobody knows. */
export function transportOptionsOf(options: AgentChatClientOptions): HttpTransportOptions {
  checkOptionNames(options, CLIENT_OPTION_NAMES, 'AgentChatClient option');
  const { onBacklogWarning, ...transport } = options;
  checkFunction(onBacklogWarning, 'onBacklogWarning');
  return transport;
}

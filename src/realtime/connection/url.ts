import { invalid, resolveBaseUrl } from '../../http/index.js';
import { WEBSOCKET_PATH } from '../../wire/index.js';

/**
 * Where the socket of a service lives, given its base URL: `https` becomes `wss`, `http` becomes `ws`, a path prefix is
 * kept.
 *
 * @param baseUrl Default: `AGENTCHAT_BASE_URL`, and then the public service.
 * @throws ValidationError when the base URL cannot be one.
 * @example socketUrl('https://api.agentchat.me/') // 'wss://api.agentchat.me/v1/ws'
 */
export function socketUrl(baseUrl?: string): string {
  const base = resolveBaseUrl(baseUrl);
  if (base.endsWith(WEBSOCKET_PATH)) {
    throw invalid('baseUrl', `"baseUrl" must end before ${WEBSOCKET_PATH}: the path is appended to it`);
  }
  return `${base.replace(/^http/, 'ws')}${WEBSOCKET_PATH}`;
}

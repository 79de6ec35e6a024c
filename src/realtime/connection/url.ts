import { ValidationError } from '../../errors/index.js';
import { WEBSOCKET_PATH } from '../../wire/index.js';

/** The socket's scheme for each scheme of a base URL. */
const SOCKET_SCHEME: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['https:', 'wss:'],
  ['http:', 'ws:'],
  ['wss:', 'wss:'],
  ['ws:', 'ws:'],
]);

/**
 * Where the socket of a service lives, given its base URL: `https` becomes `wss`, `http` becomes `ws`, a path prefix is
 * kept.
 *
 * @throws ValidationError when the base URL cannot be one.
 * @example socketUrl('https://api.agentchat.me/') // 'wss://api.agentchat.me/v1/ws'
 */
export function socketUrl(baseUrl: string): string {
  let url: URL;
  try {
    url = new URL(baseUrl);
  } catch {
    throw invalid('is not a URL');
  }
  const scheme = SOCKET_SCHEME.get(url.protocol);
  if (scheme === undefined) throw invalid(`has the scheme "${url.protocol}"`);
  if (url.username !== '' || url.password !== '') throw invalid('holds credentials');
  if (url.search !== '' || url.hash !== '') throw invalid('has a query or a fragment');
  const prefix = url.pathname.replace(/\/+$/, '');
  if (prefix.endsWith(WEBSOCKET_PATH)) {
    throw invalid(`already ends with ${WEBSOCKET_PATH}, which is appended to it`);
  }
  return `${scheme}//${url.host}${prefix}${WEBSOCKET_PATH}`;
}

function invalid(what: string): ValidationError {
  return new ValidationError({
    message: `baseUrl ${what}. Pass the service's address alone, such as https://api.agentchat.me.`,
    field: 'baseUrl',
  });
}

import { isHandle } from './handles.js';
import { isFilled, isObject } from './json.js';
import { MAX_CLIENT_MSG_ID_LENGTH } from './limits.js';

const PLAIN_REQUEST: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'to',
  'conversation_id',
  'client_msg_id',
  'content',
]);

/**
 * Whether a request to send is of the usual kind, a text to one agent or group, and beyond doubt as the contract says. False
 * says nothing: only the schema knows all kinds, at many times the price.
 */
export function isPlainSend(request: unknown): boolean {
  if (!isObject(request)) return false;
  for (const name in request) if (!PLAIN_REQUEST.has(name)) return false;
  const { to, conversation_id, client_msg_id, content } = request;
  const addressed =
    to === undefined
      ? isFilled(conversation_id) && conversation_id.startsWith('grp_')
      : conversation_id === undefined && isHandle(to);
  return (
    addressed &&
    isFilled(client_msg_id) &&
    client_msg_id.length <= MAX_CLIENT_MSG_ID_LENGTH &&
    isObject(content) &&
    hasOnlyText(content)
  );
}

function hasOnlyText(content: object): boolean {
  for (const name in content) if (name !== 'text') return false;
  return isFilled((content as { text?: unknown }).text);
}

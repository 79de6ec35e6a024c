import { checkFilled, invalid } from '../http/index.js';
import { isConversationId, normalizeHandle } from '../wire/index.js';

/**
 * A handle that was passed to a method, in the service's spelling.
 *
 * @throws ValidationError for what is no handle, before the path of a request is built from it.
 */
export function handleArgument(value: unknown, name = 'handle'): string {
  checkFilled(value, name);
  // No handle holds a "_", so this is a mix-up, which the service would only answer with "not found".
  if (isConversationId(value)) {
    throw invalid(name, `"${name}" must be the handle of an agent, not the id of a conversation`);
  }
  const handle = normalizeHandle(value);
  // What would be another handle if it were looked at again would lead somewhere else than it says: `@@me` to `me`.
  if (handle === '' || normalizeHandle(handle) !== handle)
    throw invalid(name, `"${name}" must be a handle, such as "alice"`);
  if (handle === 'me') {
    throw invalid(name, `"${name}": pass the handle itself, which getMe() tells; "me" is nobody's handle`);
  }
  return handle;
}

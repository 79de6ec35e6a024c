import {
  CALL_OPTION_NAMES,
  type CallOptions,
  checkFilled,
  checkOptionNames,
  given,
  invalid,
} from '../http/index.js';
import { isConversationId, normalizeHandle } from '../wire/index.js';

/**
 * Tells a method's own options from those of the call. Both may stand in one object; a separate last argument with call
 * options works as well and wins.
 *
 * @param own The names of the method's own options.
 * @throws ValidationError that names an option that neither knows.
 */
export function splitOptions<
  Options extends CallOptions,
  Own extends string & Exclude<keyof Options, keyof CallOptions>,
>(
  options: Options,
  callOptions: CallOptions,
  own: readonly Own[],
  method: string,
): { query: Pick<Options, Own>; call: CallOptions } {
  checkOptionNames(options, [...own, ...CALL_OPTION_NAMES], `${method} option`);
  checkOptionNames(callOptions, CALL_OPTION_NAMES, 'call option');
  const query: Record<string, unknown> = {};
  const call: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (CALL_OPTION_NAMES.includes(name)) call[name] = value;
    else query[name] = value;
  }
  return {
    // What `null` means to the method is the method's to say.
    query: query as Pick<Options, Own>,
    call: { ...given(call as CallOptions), ...given(callOptions) },
  };
}

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

/** A handle as the parameter of a path. */
export function handleParams(handle: unknown): { handle: string } {
  return { handle: handleArgument(handle) };
}

/** The id of a conversation as the parameter of a path. @throws ValidationError for what is none. */
export function conversationParams(conversationId: unknown): { conversation_id: string } {
  checkFilled(conversationId, 'conversationId');
  return { conversation_id: conversationId };
}

/** A code as it was copied from a mail. */
export function trimmedCode(code: string): string {
  return typeof code === 'string' ? code.trim() : code;
}

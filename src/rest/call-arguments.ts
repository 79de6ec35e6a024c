import { CALL_OPTION_NAMES, type CallOptions, checkOptionNames } from '../http/index.js';

/**
 * Tells a method's own options from those of the call. Both may stand in one object; a separate last argument with call
 * options works as well and wins.
 *
 * @param own The method's own options.
 * @throws ValidationError that names an option that neither knows.
 */
export function splitOptions<Own extends object>(
  options: Own & CallOptions,
  callOptions: CallOptions,
  own: readonly (string & keyof Own)[],
  method: string,
): { query: Own; call: CallOptions } {
  checkOptionNames(options, [...own, ...CALL_OPTION_NAMES], `${method} option`);
  checkOptionNames(callOptions, CALL_OPTION_NAMES, 'call option');
  const query: Record<string, unknown> = {};
  const call: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (CALL_OPTION_NAMES.includes(name)) call[name] = value;
    else query[name] = value;
  }
  return { query: query as Own, call: { ...(call as CallOptions), ...callOptions } };
}

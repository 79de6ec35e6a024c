import { checkFilled, checkInteger, checkOptionNames, invalid } from '../../../http/index.js';
import { aBoolean, anObject, type OptionCheck, oneOf } from '../vendors/option-reader.js';

/** What an operation takes: each field and its check. */
export type FieldRules = Readonly<Record<string, OptionCheck>>;

/** The longest text that an agent can be told to say. */
export const MOST_SPOKEN_BYTES = 512;

/**
 * The fields that are given, checked; `appid` left out.
 *
 * @param needed Those that must be there.
 * @throws ValidationError that names the field.
 */
export function fieldsOf(
  operation: string,
  asked: object,
  rules: FieldRules,
  needed: readonly string[] = [],
): Record<string, unknown> {
  checkOptionNames(asked, [...Object.keys(rules), 'appid'], `${operation} field`);
  const fields = Object.entries(asked).filter(([name, value]) => name !== 'appid' && value !== undefined);
  const given = new Map<string, unknown>(fields);
  for (const name of needed) {
    if (!given.has(name)) throw invalid(name, `${operation} needs the field "${name}"`);
  }
  for (const [name, value] of given) rules[name]?.(value, name);
  return Object.fromEntries(given);
}

const whole =
  (min: number, max = Number.MAX_SAFE_INTEGER): OptionCheck =>
  (value, name) =>
    checkInteger(value, name, min, max);

export const START: FieldRules = { name: checkFilled, properties: checkProperties };
export const LIST: FieldRules = {
  channel: checkFilled,
  from_time: whole(0),
  to_time: whole(0),
  state: checkState,
  limit: whole(1),
  cursor: checkFilled,
};
export const UPDATE: FieldRules = { properties: anObject };
export const SPEAK: FieldRules = {
  text: checkSpoken,
  priority: oneOf('INTERRUPT', 'APPEND', 'IGNORE'),
  interruptable: aBoolean,
};
export const THINK: FieldRules = {
  text: checkFilled,
  on_listening_action: oneOf('inject', 'interrupt', 'ignore'),
  on_thinking_action: oneOf('interrupt', 'ignore'),
  on_speaking_action: oneOf('interrupt', 'ignore'),
  interruptable: aBoolean,
  metadata: anObject,
};
export const TURNS: FieldRules = { page_index: whole(0), page_size: whole(1, 50) };
export const NONE: FieldRules = {};

function checkProperties(value: unknown, name: string): void {
  anObject(value, name);
  const properties = value as Readonly<Record<string, unknown>>;
  for (const field of ['channel', 'token', 'agent_rtc_uid']) {
    checkFilled(properties[field], `${name}.${field}`);
  }
  if (!Array.isArray(properties.remote_rtc_uids)) {
    throw invalid(
      `${name}.remote_rtc_uids`,
      `"${name}.remote_rtc_uids" must be an array with one uid, or ["*"]`,
    );
  }
}

function checkState(value: unknown, name: string): void {
  if (/^[0-6](,[0-6])*$/.test(String(value))) return;
  throw invalid(name, `"${name}" must be a number from 0 to 6, or several of them with commas between`);
}

function checkSpoken(value: unknown, name: string): void {
  checkFilled(value, name);
  const { length } = new TextEncoder().encode(value);
  if (length <= MOST_SPOKEN_BYTES) return;
  throw invalid(
    name,
    `"${name}" has ${length} bytes; an agent says at most ${MOST_SPOKEN_BYTES} at once. Say it in several calls with priority "APPEND".`,
  );
}

import { checkFilled, checkOptionNames, invalid } from '../../../http/index.js';

/** Checks one option of a vendor. @throws ValidationError that names it. */
export type OptionCheck = (value: unknown, name: string) => void;

/** How an option of a constructor travels. */
export interface OptionRule {
  readonly wire: string;
  readonly check: OptionCheck;
  readonly required?: true | undefined;
}

export type OptionRules = Readonly<Record<string, OptionRule>>;

/** An option that must be there. */
export function needed(wire: string, check: OptionCheck = checkFilled): OptionRule {
  return { wire, check, required: true };
}

/** One that may be left out. */
export function maybe(wire: string, check: OptionCheck = checkFilled): OptionRule {
  return { wire, check };
}

/**
 * Checks the options of a vendor and gives them their names on the wire. What is not given is left out.
 *
 * @param who The class, for messages.
 * @throws ValidationError that names the option that is missing, unknown or out of bounds.
 */
export function wireOptions(who: string, options: object, rules: OptionRules): Record<string, unknown> {
  checkOptionNames(options, Object.keys(rules), `${who} option`);
  const given = options as Readonly<Record<string, unknown>>;
  const wire: Record<string, unknown> = {};
  for (const [name, rule] of Object.entries(rules)) {
    const value = given[name];
    if (value === undefined || value === null) {
      if (rule.required) throw invalid(name, `${who} needs the option "${name}"`);
      continue;
    }
    rule.check(value, name);
    wire[rule.wire] = value;
  }
  return wire;
}

/** A finite number within bounds. */
export function numberIn(min = -Number.MAX_VALUE, max = Number.MAX_VALUE): OptionCheck {
  return (value, name) => {
    if (typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max) return;
    const bounds =
      min === -Number.MAX_VALUE
        ? 'a number'
        : `a number from ${min}${max === Number.MAX_VALUE ? '' : ` to ${max}`}`;
    throw invalid(name, `"${name}" must be ${bounds}`);
  };
}

/** A whole number within bounds. */
export function integerIn(min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): OptionCheck {
  return (value, name) => {
    if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return;
    throw invalid(name, `"${name}" must be a whole number from ${min} to ${max}`);
  };
}

/** One of a few values. */
export function oneOf(...values: readonly (string | number)[]): OptionCheck {
  return (value, name) => {
    if (values.includes(value as string)) return;
    throw invalid(name, `"${name}" must be one of ${values.join(', ')}`);
  };
}

/** A list; each item is checked. */
export function listOf(check: OptionCheck): OptionCheck {
  return (value, name) => {
    if (!Array.isArray(value)) throw invalid(name, `"${name}" must be an array`);
    value.forEach((item, at) => {
      check(item, `${name}[${at}]`);
    });
  };
}

/** An object that travels as it is. */
export function anObject(value: unknown, name: string): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw invalid(name, `"${name}" must be an object`);
}

/** True or false. */
export function aBoolean(value: unknown, name: string): void {
  if (typeof value !== 'boolean') throw invalid(name, `"${name}" must be true or false`);
}

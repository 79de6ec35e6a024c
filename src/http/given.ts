/**
 * Options without those that are `null`, which means "not given", as `undefined` does. The same object where none is; what is no
 * object stays what it is, for a check to refuse.
 *
 * @param meant The names of options for which `null` is a value.
 */
export function given<T extends object>(options: T, meant: readonly string[] = NONE): T {
  if (typeof options !== 'object' || options === null) return options;
  for (const name in options) {
    if (options[name] === null && !meant.includes(name)) return withoutNulls(options, meant);
  }
  return options;
}

/** Whether a value was given at all. */
export function isGiven<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}

const NONE: readonly string[] = [];

function withoutNulls<T extends object>(options: T, meant: readonly string[]): T {
  const kept = Object.entries(options).filter(([name, value]) => value !== null || meant.includes(name));
  return Object.fromEntries(kept) as T;
}

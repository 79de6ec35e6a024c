/** A JSON object's fields, before anything is known about them. */
export type Fields = { readonly [key: string]: unknown };

/** Whether a value is an object with fields: not null, not an array. */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A string that says something. */
export function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** What a value is, in words that fit after "got", without quoting it. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

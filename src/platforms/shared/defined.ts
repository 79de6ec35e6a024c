/** Fields without those that are not given: `null` counts as not given. What is inside a field stays as it is. */
export function defined(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  );
}

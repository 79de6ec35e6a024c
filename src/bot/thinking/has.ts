/** Whether a value has a field, without reading it: that may start a request. Total. */
export function has<Name extends string>(
  value: unknown,
  name: Name,
): value is { readonly [Field in Name]: unknown } {
  try {
    return name in (value as object);
  } catch {
    return false;
  }
}

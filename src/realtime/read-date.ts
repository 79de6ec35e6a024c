/** A timestamp of the service in milliseconds since 1970; `NaN` for anything that is none. Never throws. */
export function readDate(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : Number.NaN;
}

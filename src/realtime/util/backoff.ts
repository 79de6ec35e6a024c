/** `ms` with up to a quarter more or less, so that many clients do not come back in the same instant. `chance` is in [0, 1). */
export function jittered(ms: number, chance: number): number {
  return ms * (0.75 + chance / 2);
}

/** `firstMs`, doubled with each failure after the first (`failures` counts from 0), and never more than `mostMs`. */
export function doubled(firstMs: number, failures: number, mostMs: number): number {
  // 2^31 is beyond every maximum, and the power stays finite.
  return Math.min(firstMs * 2 ** Math.min(failures, 31), mostMs);
}

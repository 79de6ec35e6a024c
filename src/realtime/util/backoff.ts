/** Up to a quarter more or less, so that a thousand bots do not come back in the same instant. `chance` is in [0, 1). */
export function jittered(ms: number, chance: number): number {
  return ms * (0.75 + chance / 2);
}

/** The wait after `failures` failures (from 0): doubles from `firstMs` up to `mostMs`. */
export function doubled(firstMs: number, failures: number, mostMs: number): number {
  return Math.min(firstMs * 2 ** Math.min(failures, 31), mostMs);
}

/** A pause that chance (0 to 1) makes a quarter shorter or longer: clients that failed together do not come back together. */
export function jittered(ms: number, chance: number): number {
  return ms * (0.75 + chance / 2);
}

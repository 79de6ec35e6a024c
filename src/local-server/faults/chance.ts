/** A stream of numbers in [0, 1) that a seed determines. */
export type Chance = () => number;

/**
 * Streams of chance, one for each name.
 *
 * Every kind of fault draws from a stream of its own for each agent. What strikes one agent's frames is therefore a
 * matter of the seed and of that agent's frames alone: it does not change with who else is connected, or with which
 * other faults are on.
 */
export class Chances {
  readonly #seed: number;
  readonly #streams = new Map<string, Chance>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  of(name: string): Chance {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = streamFrom(`${this.#seed} ${name}`);
      this.#streams.set(name, stream);
    }
    return stream;
  }
}

/** Mulberry32 over an FNV-1a hash of the name: small, fast, and good enough to decide about frames. */
function streamFrom(name: string): Chance {
  let state = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) state = Math.imul(state ^ name.charCodeAt(at), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A whole number from `least` to `most`, both included. */
export function between(chance: Chance, least: number, most: number): number {
  return least + Math.floor(chance() * (most - least + 1));
}

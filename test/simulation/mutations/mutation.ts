import type { World } from '../portion.js';

/** One rule dropped from the source: a text that stands in it exactly once, and what stands there instead. */
export interface Mutation {
  /** The rule that is dropped, and how, in a few words. */
  readonly rule: string;
  readonly name: string;
  /** The simulation that has to object. Default: that of one bot. */
  readonly world?: World;
  /** Below `src/realtime/`; a file of the stores begins with `../stores/`. */
  readonly file: string;
  readonly text: string;
  readonly instead: string;
}

/** @throws Error when the text is not there exactly once: the source has changed, and the mutation has to follow it. */
export function mutate(source: string, { name, file, text, instead }: Mutation): string {
  const parts = source.split(text);
  if (parts.length !== 2) throw new Error(`"${name}": its text stands ${parts.length - 1} times in ${file}`);
  return parts.join(instead);
}

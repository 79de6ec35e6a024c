import { ENGINES, type EngineName } from './engines.js';

/** @throws Error that names the argument. */
export function engineNamed(name: string, among: readonly EngineName[]): EngineName {
  const found = among.find((engine) => engine === name);
  if (found === undefined) throw new Error(`--store takes ${among.join(', ')}, not "${name}".`);
  return found;
}

export const ALL_ENGINES = Object.keys(ENGINES) as EngineName[];

/** @throws Error that names the argument. */
export function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} takes a whole number, not "${text}".`);
  return Number(text);
}

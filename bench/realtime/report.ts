import type { Contender } from './contenders.js';

export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** A number that was promised. */
export interface Verdict {
  /** What the value is, as it is read behind it: `0.93 of the raw loop`. */
  readonly what: string;
  readonly value: number;
  readonly target: Target;
}

export interface Measurement {
  /** What it is called on the command line. */
  readonly name: string;
  /** Measures, prints what it finds beside the verdicts, and returns those. */
  run(): Promise<Verdict[]>;
}

export function passes({ value, target }: Verdict): boolean {
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
}

export function verdictLine(verdict: Verdict): string {
  const { what, value, target } = verdict;
  const promised = 'atLeast' in target ? `at least ${target.atLeast}` : `at most ${target.atMost}`;
  return `${passes(verdict) ? 'PASS' : 'FAIL'}  ${shown(value)} ${what} (${promised})`;
}

export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** One line of a table: who, and what was found. */
export function row({ title }: Pick<Contender, 'title'>, ...cells: string[]): void {
  print(`  ${title.padEnd(28)} ${cells.join('   ')}`);
}

export function shown(value: number): string {
  return Math.abs(value) < 10 ? value.toFixed(2) : Math.round(value).toLocaleString('en');
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** The median of the ratios of each round: what hit a whole round hit both. */
export function medianRatio(above: readonly number[], below: readonly number[]): number {
  return median(above.map((value, round) => value / (below[round] ?? Number.NaN)));
}

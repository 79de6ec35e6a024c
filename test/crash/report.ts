import { type Death, nameOf } from './death.js';

/** What a crash matrix has found. */
export interface MatrixResult {
  /** Broken promises in words. */
  readonly violations: readonly string[];
  /** How often the bot died where. */
  readonly deaths: ReadonlyMap<string, number>;
}

/** Tells a person at a terminal how a crash matrix goes, and what came of it. */
export class Report {
  readonly #startedAt = performance.now();

  constructor(headline: string) {
    this.say(headline);
  }

  say(line: string): void {
    process.stdout.write(`${line}\n`);
  }

  /** One line for every twenty deaths. */
  readonly onDeath = (death: Death, life: number): void => {
    if (life % 20 === 0) this.say(`  ${life} deaths; the last one was to come ${nameOf(death)}`);
  };

  /** @returns The exit code. */
  end({ violations, deaths }: MatrixResult, work: string, seed: number): number {
    const seconds = Math.round((performance.now() - this.#startedAt) / 1000);
    for (const [name, count] of [...deaths].sort(([a], [b]) => (a < b ? -1 : 1)))
      this.say(`  ${name.padEnd(20)} ${String(count).padStart(4)}`);
    this.say(`${work}, ${seconds} s.`);
    for (const violation of violations) this.say(`BROKEN  ${violation}`);
    this.say(
      violations.length === 0
        ? 'Every promise was kept.'
        : `${violations.length} violations with seed ${seed}.`,
    );
    return violations.length === 0 ? 0 : 1;
  }
}

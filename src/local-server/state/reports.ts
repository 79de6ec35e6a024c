import type { Ledger } from './ledger.js';

/** That one agent has reported another. */
export interface Report {
  readonly reporter: string;
  readonly reported: string;
}

/** Who has reported whom. An agent can report another one once, for ever. */
export class Reports {
  readonly #byReporter = new Map<string, Map<string, Report>>();
  readonly #ledger: Ledger<Report>;

  constructor(ledger: Ledger<Report>) {
    this.#ledger = ledger;
  }

  /** Reports; says whether it is the first time. */
  add(reporter: string, reported: string): boolean {
    if (this.#byReporter.get(reporter)?.has(reported) === true) return false;
    const report: Report = { reporter, reported };
    this.restore(report);
    this.#ledger.put(report);
    return true;
  }

  /** Takes up a report that has been before. */
  restore(report: Report): void {
    const { reporter, reported } = report;
    this.#byReporter.set(reporter, (this.#byReporter.get(reporter) ?? new Map()).set(reported, report));
  }

  *all(): Generator<Report, void> {
    for (const reports of this.#byReporter.values()) yield* reports.values();
  }
}

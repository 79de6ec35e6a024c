/** Who has reported whom. An agent can report another one once, for ever. */
export class Reports {
  readonly #byReporter = new Map<string, Set<string>>();

  /** Reports; says whether it is the first time. */
  add(reporter: string, reported: string): boolean {
    let reports = this.#byReporter.get(reporter);
    if (reports === undefined) {
      reports = new Set();
      this.#byReporter.set(reporter, reports);
    }
    if (reports.has(reported)) return false;
    reports.add(reported);
    return true;
  }
}

import type { Death, Phase, Step } from './death.js';
import type { Journal } from './journal.js';

/** Counts the arrivals of this process at its steps, and kills it at the one that was drawn. */
export class Mortality {
  readonly #deaths: readonly Death[];
  readonly #journal: Journal;
  readonly #arrivals = new Map<string, number>();

  constructor(deaths: readonly Death[], journal: Journal) {
    this.#deaths = deaths;
    this.#journal = journal;
  }

  /** A step whose work is a promise. */
  async through<T>(step: Step, work: () => Promise<T>): Promise<T> {
    this.before(step);
    const result = await work();
    this.after(step);
    return result;
  }

  /** Call it when a step is about to begin. */
  before(step: Step): void {
    const death = this.#dueAt('before', step);
    if (death !== undefined) this.#die(death);
    const later = this.#dueAt('during', step);
    if (later !== undefined) this.#dieAfter(later.turns, later);
  }

  /** Call it when a step is over. */
  after(step: Step): void {
    const death = this.#dueAt('after', step);
    if (death !== undefined) this.#die(death);
  }

  #dueAt(phase: Phase, step: Step): Death | undefined {
    const point = `${phase} ${step}`;
    const arrival = (this.#arrivals.get(point) ?? 0) + 1;
    this.#arrivals.set(point, arrival);
    return this.#deaths.find((one) => one.phase === phase && one.step === step && one.arrival === arrival);
  }

  #dieAfter(turns: number, death: Death): void {
    if (turns === 0) this.#die(death);
    else setImmediate(() => this.#dieAfter(turns - 1, death));
  }

  /** Nothing of this process runs after the call, not even what it has scheduled. */
  #die(death: Death): void {
    this.#journal.write({ what: 'die', death });
    process.kill(process.pid, 'SIGKILL');
  }
}

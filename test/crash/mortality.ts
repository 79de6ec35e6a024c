import type { Death, Phase } from './death.js';
import { nameOf } from './death.js';
import type { Entry } from './journal.js';

/** Written down last. */
export interface Dying {
  readonly what: 'die';
  readonly death: Death;
}

/** Where a death is written down. */
export interface DeathRegister {
  write(dying: Dying): void;
}

/** Counts the arrivals of this process at its steps, and kills it at the one that was drawn. */
export class Mortality<Step extends string> {
  readonly #deaths: readonly Death<Step>[];
  readonly #register: DeathRegister;
  readonly #arrivals = new Map<string, number>();

  constructor(deaths: readonly Death<Step>[], register: DeathRegister) {
    this.#deaths = deaths;
    this.#register = register;
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

  #dueAt(phase: Phase, step: Step): Death<Step> | undefined {
    const point = `${phase} ${step}`;
    const arrival = (this.#arrivals.get(point) ?? 0) + 1;
    this.#arrivals.set(point, arrival);
    return this.#deaths.find((one) => one.phase === phase && one.step === step && one.arrival === arrival);
  }

  #dieAfter(turns: number, death: Death<Step>): void {
    if (turns === 0) this.#die(death);
    else setImmediate(() => this.#dieAfter(turns - 1, death));
  }

  /** Nothing of this process runs after the call, not even what it has scheduled. */
  #die(death: Death<Step>): void {
    this.#register.write({ what: 'die', death });
    process.kill(process.pid, 'SIGKILL');
  }
}

/** How often a bot died where. */
export function deathsIn(
  journal: readonly Entry<Dying | { readonly what: string }>[],
): ReadonlyMap<string, number> {
  const deaths = new Map<string, number>();
  for (const entry of journal) {
    if (!('death' in entry)) continue;
    const name = nameOf(entry.death);
    deaths.set(name, (deaths.get(name) ?? 0) + 1);
  }
  return deaths;
}

import type { Ledger } from './ledger.js';

/** What others have against an agent. */
export type ComplaintKind = 'block' | 'report';

const DAY_MS = 24 * 60 * 60_000;
const WEEK_MS = 7 * DAY_MS;
/** As many blocks within a day restrict an agent, until they have aged. */
const BLOCKS_THAT_RESTRICT = 15;
/** As many blocks or reports within a week suspend it. */
const BLOCKS_THAT_SUSPEND = 50;
const REPORTS_THAT_SUSPEND = 10;

/** Somebody's complaint about an agent. */
export interface Complaint {
  readonly about: string;
  readonly kind: ComplaintKind;
  readonly by: string;
  /** When last, in milliseconds since 1970: who complains twice counts once. */
  readonly at: number;
}

/** That an agent was restricted by complaints, and not by the operator: such a restriction lifts itself. */
export interface Restriction {
  readonly handle: string;
}

/** By whom. */
type Complainers = Map<string, Complaint>;

interface Complained {
  readonly blocks: Complainers;
  readonly reports: Complainers;
}

/** The complaints of the last week, and what follows from them. Only those count that the agent has brought upon itself. */
export class Complaints {
  readonly #byHandle = new Map<string, Complained>();
  readonly #restricted = new Map<string, Restriction>();
  readonly #ledger: Ledger<Complaint>;
  readonly #restrictions: Ledger<Restriction>;

  constructor(ledger: Ledger<Complaint>, restrictions: Ledger<Restriction>) {
    this.#ledger = ledger;
    this.#restrictions = restrictions;
  }

  add(complaint: Complaint): void {
    this.restore(complaint);
    this.#ledger.put(complaint);
  }

  /** Takes up a complaint that has been before. */
  restore(complaint: Complaint): void {
    const { about, kind, by } = complaint;
    const record = this.#byHandle.get(about) ?? { blocks: new Map(), reports: new Map() };
    this.#byHandle.set(about, record);
    (kind === 'block' ? record.blocks : record.reports).set(by, complaint);
  }

  /** Takes up a restriction that has been before. */
  restoreRestriction(restriction: Restriction): void {
    this.#restricted.set(restriction.handle, restriction);
  }

  *all(): Generator<Complaint, void> {
    for (const { blocks, reports } of this.#byHandle.values()) {
      yield* blocks.values();
      yield* reports.values();
    }
  }

  restrictions(): IterableIterator<Restriction> {
    return this.#restricted.values();
  }

  /** The status that an agent has from now on. */
  statusOf<Status extends string>(
    handle: string,
    status: Status,
    now: number,
  ): Status | 'active' | 'restricted' | 'suspended' {
    const record = this.#byHandle.get(handle);
    if (record === undefined || (status !== 'active' && status !== 'restricted')) return status;
    this.#forget(record.blocks, now - WEEK_MS);
    this.#forget(record.reports, now - WEEK_MS);
    if (record.blocks.size >= BLOCKS_THAT_SUSPEND || record.reports.size >= REPORTS_THAT_SUSPEND) {
      return 'suspended';
    }
    const today = [...record.blocks.values()].filter(({ at }) => at > now - DAY_MS).length;
    if (status === 'active' && today >= BLOCKS_THAT_RESTRICT) {
      const restriction: Restriction = { handle };
      this.restoreRestriction(restriction);
      this.#restrictions.put(restriction);
      return 'restricted';
    }
    if (status === 'restricted' && today < BLOCKS_THAT_RESTRICT && this.#lift(handle)) {
      return 'active';
    }
    return status;
  }

  /** The operator has decided otherwise. */
  forgive(handle: string): void {
    const record = this.#byHandle.get(handle);
    this.#byHandle.delete(handle);
    for (const complaint of record?.blocks.values() ?? []) this.#ledger.remove(complaint);
    for (const complaint of record?.reports.values() ?? []) this.#ledger.remove(complaint);
    this.#lift(handle);
  }

  /** Says whether there was anything to lift. */
  #lift(handle: string): boolean {
    const restriction = this.#restricted.get(handle);
    if (restriction === undefined) return false;
    this.#restricted.delete(handle);
    this.#restrictions.remove(restriction);
    return true;
  }

  /** Drops what is older than a moment. */
  #forget(complainers: Complainers, before: number): void {
    for (const [by, complaint] of complainers) {
      if (complaint.at > before) continue;
      complainers.delete(by);
      this.#ledger.remove(complaint);
    }
  }
}

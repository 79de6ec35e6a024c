/** What others have against an agent. */
export type ComplaintKind = 'block' | 'report';

const DAY_MS = 24 * 60 * 60_000;
const WEEK_MS = 7 * DAY_MS;
/** As many blocks within a day restrict an agent, until they have aged. */
const BLOCKS_THAT_RESTRICT = 15;
/** As many blocks or reports within a week suspend it. */
const BLOCKS_THAT_SUSPEND = 50;
const REPORTS_THAT_SUSPEND = 10;

/** By whom, and when last: who complains twice counts once. */
type Complainers = Map<string, number>;

interface Complained {
  readonly blocks: Complainers;
  readonly reports: Complainers;
}

/** The complaints of the last week, and what follows from them. Only those count that the agent has brought upon itself. */
export class Complaints {
  readonly #byHandle = new Map<string, Complained>();
  /** Who was restricted by complaints, and not by the operator: such a restriction lifts itself. */
  readonly #restricted = new Set<string>();

  add(handle: string, kind: ComplaintKind, by: string, now: number): void {
    let record = this.#byHandle.get(handle);
    if (record === undefined) {
      record = { blocks: new Map(), reports: new Map() };
      this.#byHandle.set(handle, record);
    }
    (kind === 'block' ? record.blocks : record.reports).set(by, now);
  }

  /** The status that an agent has from now on. */
  statusOf<Status extends string>(
    handle: string,
    status: Status,
    now: number,
  ): Status | 'active' | 'restricted' | 'suspended' {
    const record = this.#byHandle.get(handle);
    if (record === undefined || (status !== 'active' && status !== 'restricted')) return status;
    forget(record.blocks, now - WEEK_MS);
    forget(record.reports, now - WEEK_MS);
    if (record.blocks.size >= BLOCKS_THAT_SUSPEND || record.reports.size >= REPORTS_THAT_SUSPEND) {
      return 'suspended';
    }
    const today = [...record.blocks.values()].filter((at) => at > now - DAY_MS).length;
    if (status === 'active' && today >= BLOCKS_THAT_RESTRICT) {
      this.#restricted.add(handle);
      return 'restricted';
    }
    if (status === 'restricted' && today < BLOCKS_THAT_RESTRICT && this.#restricted.delete(handle)) {
      return 'active';
    }
    return status;
  }

  /** The operator has decided otherwise. */
  forgive(handle: string): void {
    this.#byHandle.delete(handle);
    this.#restricted.delete(handle);
  }
}

/** Drops what is older than a moment. */
function forget(complainers: Complainers, before: number): void {
  for (const [by, at] of complainers) if (at <= before) complainers.delete(by);
}

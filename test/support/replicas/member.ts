import type { Child } from '../../e2e/child.js';
import { now } from './now.js';
import type { ReplicaTold } from './replica.js';
import type { Work, WorkLog } from './work-log.js';

/** A replica's process: what it has told, and what was done to it. */
export class Member {
  isStopped = false;
  isGone = false;
  readonly partitions = new Set<number>();
  private haltedAt: number | null = null;
  private readonly open = new Map<string, Work>();

  constructor(
    readonly name: string,
    readonly child: Child<ReplicaTold>,
    private readonly log: WorkLog,
  ) {
    child.onTold((told) => this.take(told));
  }

  /** It does nothing from now on: killed, or stopped. What it told before that may still be on its way. */
  halt(): void {
    this.haltedAt = now();
    for (const work of this.open.values()) work.to = this.haltedAt;
    this.open.clear();
  }

  /** It goes on. */
  wake(): void {
    this.haltedAt = null;
  }

  private take(told: ReplicaTold): void {
    if (told.kind === 'begun') {
      const work = { replica: this.name, from: told.at, to: this.haltedAt ?? Number.POSITIVE_INFINITY };
      if (this.haltedAt === null) this.open.set(told.call.id, work);
      this.log.add(told.call.conversation, work);
    } else if (told.kind === 'finished' || told.kind === 'failed' || told.kind === 'aborted') {
      const work = this.open.get(told.call.id);
      if (work !== undefined) work.to = told.at;
      this.open.delete(told.call.id);
    } else if (told.kind === 'partition' && told.event.type === 'taken') {
      this.partitions.add(told.event.partition);
      this.log.taken(told.event.partition, told.at);
    } else if (told.kind === 'partition' && told.event.type === 'lost') {
      this.partitions.delete(told.event.partition);
    }
  }
}

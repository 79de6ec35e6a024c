import type { MessageEvent, RealtimeOptions } from '../../../src/realtime/index.js';
import type {
  LossReason,
  ReplicaCoordinator,
  ReplicaListener,
  StoredCursor,
} from '../../../src/stores/index.js';
import { EngineRig } from '../catchup/engine-rig.js';

/** A conversation is a partition, `conv_a` is 0. What is ours is the test's to say. */
export class FakeCoordinator implements ReplicaCoordinator {
  readonly reconcileMs = 15_000;
  readonly stored = new Map<string, StoredCursor>();
  readonly told: string[] = [];
  readonly owned = new Set<number>();
  listener: ReplicaListener | null = null;
  stops = 0;
  /** What stands in the way of the store's answers. */
  loading: Promise<void> = Promise.resolve();
  saving: Promise<void> = Promise.resolve();
  readonly cursors = {
    load: async (id: string) => {
      const cursor = this.stored.get(id) ?? null;
      await this.loading;
      return cursor;
    },
    save: async (cursors: readonly StoredCursor[]) => {
      await this.saving;
      for (const cursor of cursors) this.stored.set(cursor.conversationId, cursor);
    },
    unfinished: async () =>
      [...this.stored.values()].filter(({ missing, parked }) => missing.length + parked.length > 0),
  };

  get insight() {
    return { name: 'fake', partitions: 26, held: [], live: [], confirmedAgoMs: 0, lost: 0, takenOver: 0 };
  }

  async start(listener: ReplicaListener): Promise<void> {
    this.listener = listener;
    for (const partition of this.owned) listener.taken(partition);
  }

  async stop(): Promise<void> {
    this.stops += 1;
    for (const partition of [...this.owned]) this.lose(partition, 'stopped');
    this.listener = null;
  }

  partitionOf(id: string): number {
    return id.charCodeAt(id.length - 1) - 'a'.charCodeAt(0);
  }

  owns(id: string): boolean {
    return this.owned.has(this.partitionOf(id));
  }

  tell(id: string, seq: number): void {
    this.told.push(`${id} ${seq}`);
  }

  take(partition: number): void {
    this.owned.add(partition);
    this.listener?.taken(partition);
  }

  lose(partition: number, why: LossReason = 'expired'): void {
    this.owned.delete(partition);
    this.listener?.lost([partition], why);
  }
}

/** Handlers that end when the test says so. */
export class Gates {
  readonly begun: string[] = [];
  private readonly ends = new Map<string, () => void>();

  readonly handler = ({ payload }: MessageEvent): Promise<void> => {
    this.begun.push(payload.id);
    return new Promise((resolve) => this.ends.set(payload.id, resolve));
  };

  end(id: string): void {
    this.ends.get(id)?.();
  }
}

export async function rigOf(
  owned: readonly number[],
  handler?: (event: MessageEvent) => unknown,
  more: Partial<RealtimeOptions> = {},
): Promise<{ rig: EngineRig; fleet: FakeCoordinator }> {
  const fleet = new FakeCoordinator();
  for (const partition of owned) fleet.owned.add(partition);
  const rig = new EngineRig({ replicas: fleet, ...more, ...(handler === undefined ? {} : { handler }) });
  await rig.hello();
  await rig.clock.advance(1_000);
  return { rig, fleet };
}

export const cursorOf = (conversationId: string, expected: number): StoredCursor => ({
  conversationId,
  expected,
  floor: 1,
  missing: [],
  parked: [],
});

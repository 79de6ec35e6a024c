import { StoreError } from '../../errors/index.js';
import type { Condition, StoreDriver } from '../driver.js';

/**
 * Under which lease the state of a conversation is written (REP-2). A write carries the fence and is refused once somebody
 * else has the lease.
 */
export interface Fences {
  /** @throws StoreError `lease_lost` for a conversation that is not ours. */
  fenceOf(conversationId: string): Condition;
  /** Whether the conversation is ours now. */
  holds(conversationId: string): boolean;
  /** The store has refused a write under this fence. */
  refused(fence: Condition): void;
  /** A write under this fence has failed, and may still be carried out. */
  doubted(fence: Condition): void;
  /**
   * Puts new fences in the place of those that are in doubt, so that a write which is still under way cannot land on what is written
   * from now on. Rejects when the store does.
   */
  settle(conversationIds: readonly string[]): Promise<void>;
}

export type Check = { readonly do: 'check' } & Condition;

/** The fences of some conversations as parts of a write, each once. */
export function checksOf(fences: Fences | undefined, conversationIds: Iterable<string>): readonly Check[] {
  if (fences === undefined) return [];
  const checks = new Map<string, Check>();
  for (const id of conversationIds) {
    const fence = fences.fenceOf(id);
    checks.set(fence.key, { do: 'check', ...fence });
  }
  return [...checks.values()];
}

/**
 * Asks after a refused write which fence does not hold, and tells of each.
 *
 * @throws StoreError `lease_lost` when one does not.
 */
export async function assertHeld(
  driver: StoreDriver,
  fences: Fences,
  checks: readonly Check[],
): Promise<void> {
  const holds = await Promise.all(checks.map(async (check) => (await driver.write([check])) !== null));
  const lost = checks.filter((_, place) => !holds[place]);
  for (const fence of lost) fences.refused(fence);
  if (lost.length > 0) throw new StoreError({ engine: driver.engine, fault: 'lease_lost' });
}

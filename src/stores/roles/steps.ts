import { StoreError } from '../../errors/index.js';
import type { Change, StoreDriver } from '../driver.js';
import { KEYS, keyOf } from '../keys.js';
import { assertHeld, checksOf, type Fences } from './fences.js';
import { type Json, parsed } from './json.js';

/** A turn as it was when it was first begun: whoever runs it again runs the same. */
export interface FrozenTurn {
  /** Names the turn for ever. */
  readonly key: string;
  /** The messages it answers. */
  readonly batch: Json;
}

/** What a step of a turn gave. */
export interface StepResult {
  readonly value: Json;
}

/**
 * Results of what a turn must do once, and the frozen batch of the turn under way. Of two that write the same first, one wins,
 * and both are told what stands.
 */
export interface StepStore {
  /** The turn under way in a conversation; null when there is none. */
  frozen(conversationId: string): Promise<FrozenTurn | null>;
  /** @returns The turn that is under way now: this one, or one that was frozen before and is not finished. */
  freeze(conversationId: string, turn: FrozenTurn): Promise<FrozenTurn>;
  /** What the step gave; null when it has not been recorded. */
  result(conversationId: string, turnKey: string, step: string): Promise<StepResult | null>;
  /** @returns What is recorded now: this value, or the one that was recorded before. */
  record(conversationId: string, turnKey: string, step: string, value: Json): Promise<StepResult>;
  /** The turn is over: its batch and its results are forgotten. */
  finish(conversationId: string, turnKey: string): Promise<void>;
}

/** A turn that nobody finishes is forgotten after thirty days. */
const KEEP_MS = 30 * 86_400_000;
/** Results that are forgotten in one write. */
const PAGE = 500;

/** The steps of a bot's turns, on any engine. */
export class DriverSteps implements StepStore {
  constructor(
    private readonly driver: StoreDriver,
    private readonly fences?: Fences,
  ) {}

  async frozen(conversationId: string): Promise<FrozenTurn | null> {
    return (await this.read(await keyOf(KEYS.turn, conversationId))) as FrozenTurn | null;
  }

  async freeze(conversationId: string, turn: FrozenTurn): Promise<FrozenTurn> {
    const key = await keyOf(KEYS.turn, conversationId);
    return (await this.putFirst(conversationId, key, { key: turn.key, batch: turn.batch })) as FrozenTurn;
  }

  async result(_conversationId: string, turnKey: string, step: string): Promise<StepResult | null> {
    return (await this.read(await stepKey(turnKey, step))) as StepResult | null;
  }

  async record(conversationId: string, turnKey: string, step: string, value: Json): Promise<StepResult> {
    const key = await stepKey(turnKey, step);
    return (await this.putFirst(conversationId, key, { value })) as StepResult;
  }

  async finish(conversationId: string, turnKey: string): Promise<void> {
    const { driver } = this;
    const turnAt = await keyOf(KEYS.turn, conversationId);
    const prefix = `${await keyOf(KEYS.step, turnKey)}/`;
    for (;;) {
      const steps = await driver.list(prefix, null, PAGE);
      const isLast = steps.length < PAGE;
      const changes: Change[] = steps.map(({ key }) => ({ do: 'delete', key }));
      // The batch goes last: as long as it is there, so is the turn.
      if (isLast) changes.push({ do: 'delete', key: turnAt });
      await this.write(conversationId, changes);
      if (isLast) return;
    }
  }

  private async putFirst(conversationId: string, key: string, value: Json): Promise<unknown> {
    for (;;) {
      const put = {
        do: 'put',
        key,
        text: JSON.stringify(value),
        ifVersion: null,
        expiresInMs: KEEP_MS,
      } as const;
      if (await this.write(conversationId, [put], 'may be there')) return value;
      const stored = await this.read(key);
      if (stored !== null) return stored;
    }
  }

  /** @returns False when something stood there before. */
  private async write(
    conversationId: string,
    changes: readonly Change[],
    mode?: 'may be there',
  ): Promise<boolean> {
    const { driver, fences } = this;
    const checks = checksOf(fences, [conversationId]);
    if ((await driver.write([...checks, ...changes])) !== null) return true;
    if (fences !== undefined) await assertHeld(driver, fences, checks);
    if (mode === 'may be there') return false;
    throw new StoreError({ engine: driver.engine, fault: 'failed' });
  }

  private async read(key: string): Promise<unknown> {
    const [entry] = await this.driver.get([key]);
    return entry == null ? null : parsed(this.driver.engine, key, entry.text);
  }
}

async function stepKey(turnKey: string, step: string): Promise<string> {
  return keyOf(`${await keyOf(KEYS.step, turnKey)}/`, step);
}

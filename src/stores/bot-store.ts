import { StoreError } from '../errors/index.js';
import { checkInteger, checkOptionNames } from '../http/index.js';
import type { CursorStore } from './cursor-store.js';
import type { DedupeStore } from './dedupe-store.js';
import type { StoreDriver } from './driver.js';
import { KEYS } from './keys.js';
import type { ReplicaCoordinator } from './replicas/coordinator.js';
import type { ReplicaOptions } from './replicas/replicas.js';
import { type ClaimOptions, DriverClaims } from './roles/claims.js';
import { DriverCursors } from './roles/cursors.js';
import { DriverSteps, type StepStore } from './roles/steps.js';
import { DriverValues, type ValueStore } from './roles/values.js';

/**
 * Everything that a bot remembers across restarts, in one place: `memoryStore()`, `lmdbStore()`, `postgresStore()` and
 * `redisStore()` make one.
 *
 * @example
 * const store = await lmdbStore({ path: './bot-data' });
 * const realtime = new RealtimeClient({ client, store });
 */
export interface BotStore {
  /** What users call the engine: `Postgres`. */
  readonly engine: string;
  /** Where each conversation stands. */
  readonly cursors: CursorStore;
  /** What is being handled, and what was. */
  readonly claims: DedupeStore;
  /** What a turn must do once. */
  readonly steps: StepStore;
  /** Small JSON by key, for you. */
  readonly values: ValueStore;
  /** Lets files and connections go. Close it after the clients and bots that use it. */
  close(): Promise<void>;
}

/** A store that several processes may use at once. */
export interface SharedBotStore extends BotStore {
  /**
   * This process's part of the conversations, for `RealtimeClient({ replicas })` (REP-1 to REP-7).
   *
   * @throws ValidationError that names the option that is wrong.
   * @example
   * const realtime = new RealtimeClient({ client, replicas: store.replicas() });
   */
  replicas(options?: ReplicaOptions): ReplicaCoordinator;
}

/** What every store can be told. */
export interface StoreOptions {
  claims?: ClaimOptions | undefined;
}

/** Written into every store. A store of a higher number is left alone. */
const SCHEMA_VERSION = 1;

/**
 * Puts the roles on a driver.
 *
 * @throws StoreError `newer` when a newer version of this package has written the store.
 */
export async function openBotStore(
  driver: StoreDriver,
  options: StoreOptions,
  mode: 'to own' | 'to share' | 'to read',
): Promise<BotStore> {
  try {
    await checkSchema(driver);
    const store = new DriverBotStore(driver, options);
    // Nobody else can be at work on them: a crash blocks nothing.
    if (mode === 'to own') await store.claims.freeEarlier();
    return store;
  } catch (error) {
    await driver.close().catch(() => {});
    throw error;
  }
}

/** @throws ValidationError that names the option. */
export function checkStoreOptions({ claims }: StoreOptions): void {
  if (claims === undefined) return;
  checkOptionNames(claims, ['leaseMs', 'rememberMs'], 'claims option');
  checkInteger(claims.leaseMs, 'claims.leaseMs', 100, Number.MAX_SAFE_INTEGER);
  checkInteger(claims.rememberMs, 'claims.rememberMs', 1, Number.MAX_SAFE_INTEGER);
}

/** The roles of a bot over one driver. */
export class DriverBotStore implements BotStore {
  readonly engine: string;
  readonly cursors: CursorStore;
  readonly claims: DriverClaims;
  readonly steps: StepStore;
  readonly values: ValueStore;

  constructor(
    private readonly driver: StoreDriver,
    { claims }: StoreOptions,
  ) {
    this.engine = driver.engine;
    this.cursors = new DriverCursors(driver);
    this.claims = new DriverClaims(driver, crypto.randomUUID(), claims);
    this.steps = new DriverSteps(driver);
    this.values = new DriverValues(driver);
  }

  close(): Promise<void> {
    return this.driver.close();
  }
}

async function checkSchema(driver: StoreDriver): Promise<void> {
  const put = { do: 'put', key: KEYS.schema, text: String(SCHEMA_VERSION), ifVersion: null } as const;
  const [found] = await driver.get([KEYS.schema]);
  const entry = found ?? ((await driver.write([put])) === null ? (await driver.get([KEYS.schema]))[0] : null);
  if (entry == null) return;
  const version = Number(entry.text);
  const { engine } = driver;
  if (version > SCHEMA_VERSION) throw new StoreError({ engine, fault: 'newer' });
  if (version !== SCHEMA_VERSION) {
    throw new StoreError({
      engine,
      fault: 'corrupt',
      advice: `Its schema version reads ${JSON.stringify(entry.text)}. Check that it is a store of this package.`,
    });
  }
}

/** The cursors of a whole store, or what is a cursor store itself: that may have a field called `cursors`, and has `load()`. */
export function cursorsOf(store: BotStore | CursorStore): CursorStore {
  return 'load' in store ? store : store.cursors;
}

import { randomBytes } from 'node:crypto';
import { openDataFolder } from './data/folder.js';
import { importInto } from './data/import.js';
import { Journal } from './data/journal.js';
import { type Keeper, NOTHING_KEPT } from './data/keeper.js';
import { restore } from './data/restore.js';
import { IdSource, RandomBytes, SeededBytes } from './ids.js';
import type { CheckedOptions } from './options.js';
import { createWorld, type World } from './state/world.js';

/** What a server begins with. */
export interface Beginning {
  readonly world: World;
  readonly keeper: Keeper;
  /** What the keys of seeded agents are made from. */
  readonly secret: string;
}

/**
 * Makes the world: empty, as the data folder has it, or as a file has it.
 *
 * @throws StoreError of the data folder.
 * @throws ValidationError that names the line of the file.
 */
export async function begin(options: CheckedOptions): Promise<Beginning> {
  const { dataDir } = options;
  const secret = options.ids === 'seeded' ? `seed ${options.seed}` : randomBytes(32).toString('hex');
  const folder = dataDir === undefined ? undefined : await openDataFolder(dataDir, secret);
  try {
    const keeper = folder === undefined ? NOTHING_KEPT : new Journal(folder);
    const bytes =
      options.ids === 'seeded'
        ? new SeededBytes(`${options.seed} ${folder?.launch ?? 1}`)
        : new RandomBytes();
    const world = createWorld({
      limits: options.limits,
      quirks: options.quirks,
      ids: new IdSource(bytes),
      ledgers: keeper.ledgers,
      now: options.now,
    });
    if (folder !== undefined) await restore(world, folder);
    if (options.importFrom !== undefined) await importInto(world, keeper.ledgers, options.importFrom);
    return { world, keeper, secret: folder?.secret ?? secret };
  } catch (error) {
    await folder?.close();
    throw error;
  }
}

import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TableName } from '../state/tables.js';
import type { World } from '../state/world.js';
import { FORMAT_VERSION } from './folder.js';
import { TABLES } from './rows/index.js';
import type { Table } from './rows/table.js';

/** What the first line of a file says it is. */
export const EXPORT_FORMAT = 'agentchat-local-service';

/** Characters that are gathered before they are written. */
const CHUNK = 256 * 1024;

/**
 * Writes everything into a file of JSON lines: a header, and then a line for each row. The file is there once it is complete.
 * Only its owner may read it: there are secrets of webhooks in it.
 *
 * @throws The system's error when it cannot be written.
 */
export async function exportTo(world: World, path: string): Promise<void> {
  // All at once: between two turns something might happen.
  const lines = [...linesOf(world)];
  const draft = join(dirname(path), `.export-${randomBytes(6).toString('hex')}`);
  const file = await open(draft, 'wx', 0o600);
  try {
    let chunk = '';
    for (const line of lines) {
      chunk += `${line}\n`;
      if (chunk.length < CHUNK) continue;
      await file.write(chunk);
      chunk = '';
    }
    await file.write(chunk);
    await file.sync();
    await file.close();
    await rename(draft, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(draft, { force: true });
    throw error;
  }
}

function* linesOf(world: World): Generator<string, void> {
  yield JSON.stringify({ format: EXPORT_FORMAT, version: FORMAT_VERSION, exportedAt: world.timestamp() });
  for (const name of Object.keys(TABLES) as TableName[]) {
    const table = TABLES[name] as unknown as Table<object>;
    for (const record of table.all(world)) {
      yield JSON.stringify({ table: name, row: table.rowOf(record) });
    }
  }
}

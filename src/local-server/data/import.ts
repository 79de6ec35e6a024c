import { open } from 'node:fs/promises';
import { badOption } from '../check.js';
import type { Ledger } from '../state/ledger.js';
import type { Ledgers, TableName } from '../state/tables.js';
import type { World } from '../state/world.js';
import { EXPORT_FORMAT } from './export.js';
import { FORMAT_VERSION } from './folder.js';
import { settle } from './restore.js';
import { TABLES } from './rows/index.js';
import { RowProblem, type Table } from './rows/table.js';

/** The longest part of a line that stands in an error. */
const SHOWN = 40;

/**
 * Begins an empty world with what a file holds.
 *
 * @throws ValidationError that names the line: no JSON, no row of a table, or one that refers to what is not there.
 */
export async function importInto(world: World, ledgers: Ledgers, path: string): Promise<void> {
  if (!isEmpty(world)) {
    throw badOption(
      'importFrom',
      'needs an empty data folder: leave importFrom out, or name another dataDir',
    );
  }
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(cause);
  });
  try {
    let number = 0;
    for await (const line of file.readLines()) {
      number += 1;
      try {
        if (number === 1) checkHeader(line);
        else if (line.trim() !== '') restoreLine(world, line);
      } catch (error) {
        if (!(error instanceof RowProblem)) throw error;
        throw badOption('importFrom', `has a bad line ${number}: ${error.message}`);
      }
    }
    if (number === 0) throw badOption('importFrom', 'is an empty file');
  } catch (error) {
    // A folder can be opened, and a disk can fail half-way.
    throw (error as NodeJS.ErrnoException).syscall === 'read' ? unreadable(error as Error) : error;
  } finally {
    await file.close();
  }
  settle(world);
  for (const name of Object.keys(TABLES) as TableName[]) {
    const ledger = ledgers[name] as unknown as Ledger<object>;
    for (const record of TABLES[name].all(world)) ledger.put(record);
  }
}

function unreadable({ code }: NodeJS.ErrnoException): Error {
  return badOption('importFrom', `cannot be read: ${code ?? 'failed'}`);
}

function isEmpty(world: World): boolean {
  return (Object.keys(TABLES) as TableName[]).every((name) => {
    for (const _ of TABLES[name].all(world)) return false;
    return true;
  });
}

function checkHeader(line: string): void {
  const { format, version } = fieldsOf(line);
  if (format !== EXPORT_FORMAT) throw new RowProblem('this is no export of a local service');
  if (typeof version !== 'number' || version < 1) throw new RowProblem('"version" should be a number');
  if (version > FORMAT_VERSION) {
    throw new RowProblem(
      `it has version ${version}, and this server reads ${FORMAT_VERSION}. Update this package`,
    );
  }
}

function restoreLine(world: World, line: string): void {
  const { table: name, row } = fieldsOf(line);
  if (typeof name !== 'string' || !Object.hasOwn(TABLES, name)) {
    throw new RowProblem(`there is no table ${JSON.stringify(name)?.slice(0, SHOWN)}`);
  }
  const table = TABLES[name as TableName] as unknown as Table<object>;
  table.restore(world, row);
}

function fieldsOf(line: string): { readonly [field: string]: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new RowProblem('it is not JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as { readonly [field: string]: unknown };
  }
  throw new RowProblem('it should be an object');
}

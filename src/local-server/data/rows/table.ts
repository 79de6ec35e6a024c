import * as v from 'valibot';
import type { World } from '../../state/world.js';

/** How the records of one table look outside of memory: in the data folder, and in an export. */
export interface Table<Entry extends object> {
  /** What tells a record from all others of its table, as long as it is there. Any text. */
  keyOf(record: Entry): string;
  /** The record as JSON. */
  rowOf(record: Entry): unknown;
  /**
   * Takes a row up into the world, behind what it refers to.
   *
   * @throws RowProblem
   */
  restore(world: World, row: unknown): void;
  /** Every record of the world, in an order in which they can be restored. */
  all(world: World): Iterable<Entry>;
}

/** Why a row cannot be taken up. Names fields, and shows no value: there are secrets among them. */
export class RowProblem extends Error {}

type RowSchema = v.GenericSchema;

interface TableParts<Entry extends object, Schema extends RowSchema> {
  readonly schema: Schema;
  keyOf(record: Entry): string;
  rowOf(record: Entry): v.InferInput<Schema>;
  restore(world: World, row: v.InferOutput<Schema>): void;
  all(world: World): Iterable<Entry>;
}

/** A table whose rows are checked before they are taken up. */
export function tableOf<Entry extends object, Schema extends RowSchema>(
  parts: TableParts<Entry, Schema>,
): Table<Entry> {
  const { keyOf, rowOf, all } = parts;
  return {
    keyOf,
    rowOf,
    all,
    restore(world, row) {
      const read = v.safeParse(parts.schema, row);
      if (!read.success) throw new RowProblem(problemOf(read.issues[0]));
      parts.restore(world, read.output);
    },
  };
}

/** A table whose records are rows as they are. */
export function plainTableOf<Schema extends v.GenericSchema<object, object>>(
  parts: Omit<TableParts<v.InferOutput<Schema>, Schema>, 'rowOf'>,
): Table<v.InferOutput<Schema>> {
  return tableOf({ ...parts, rowOf: (record) => record as v.InferInput<Schema> });
}

/** What a row refers to. @throws RowProblem when it is not there. */
export function found<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new RowProblem(`refers to ${what} that is not there`);
  return value;
}

/** Of what there can be one. @throws RowProblem when a row before has told of it. */
export function refuseSecond(isThere: boolean, what: string): void {
  if (isThere) throw new RowProblem(`tells a second time of ${what}`);
}

function problemOf(issue: v.BaseIssue<unknown>): string {
  const field = (issue.path ?? []).map(({ key }) => String(key)).join('.');
  const expected = issue.expected ?? 'something else';
  return `${field === '' ? 'the row' : `"${field}"`} should be ${expected}`;
}

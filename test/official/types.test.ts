import { beforeAll, describe, expect, it } from 'vitest';
import { Compilation, programs } from './compile.js';
import { DIFFERENCES, type Difference } from './differences.js';
import { officialNames } from './official-names.js';
import { programOf, type Row, rowAt, rowsFor } from './rows.js';

const ROWS = 'rows.ts';
const MEANT = Object.values<Difference>(DIFFERENCES).flatMap(({ rows = [] }) => rows);

let compilation: Compilation;
let rows: Row[];

// One program of the compiler for all: reading the libraries takes longer than everything else.
beforeAll(() => {
  rows = rowsFor(officialNames());
  compilation = new Compilation(new Map([...programs(), [ROWS, programOf(rows)]]));
}, 120_000);

describe('the types of the official package', () => {
  it('fit ours row by row, but for the listed differences', () => {
    const misfits = new Set(compilation.complaints('theirs', ROWS).map(({ line }) => rowAt(rows, line)));
    const listed = new Set(MEANT);
    expect(rows.length).toBeGreaterThan(250);
    expect([...misfits].filter((row) => !listed.has(row))).toEqual([]);
    // What is listed and fits is listed in vain.
    expect([...listed].filter((row) => !misfits.has(row))).toEqual([]);
  }, 120_000);
});

describe('programs that use everything which the official README shows', () => {
  it('compile with the official package, as with tsc --strict', () => {
    const found = [...programs().keys()].flatMap((name) => compilation.complaints('theirs', name));
    expect(found).toEqual([]);
  }, 120_000);

  it('compile with nothing changed but the import', () => {
    const found = [...programs().keys()].flatMap((name) => compilation.complaints('ours', name));
    expect(found).toEqual([]);
  }, 120_000);
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { checkFloors, importsOf } from '../../scripts/floors.mjs';

const trees: string[] = [];
afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true, force: true });
});

/** Writes a little `src/` tree and checks it. */
function violationsOf(files: Record<string, string>): string[] {
  const src = mkdtempSync(join(tmpdir(), 'floors-'));
  trees.push(src);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(src, path)), { recursive: true });
    writeFileSync(join(src, path), text);
  }
  return checkFloors(src);
}

/** The smallest room: an index that exports something. */
const empty = 'export const x = 1;\n';

describe('the floor check', () => {
  it('passes the house as it stands', () => {
    const src = fileURLToPath(new URL('../../src', import.meta.url));
    expect(checkFloors(src)).toEqual([]);
    // It parses every file of the house.
  }, 90_000);

  it('passes a room that enters the rooms below it by their doors', () => {
    expect(
      violationsOf({
        'index.ts': "export * from './rest/index.js';\n",
        'rest/index.ts': "export * from './client.js';\n",
        'rest/client.ts': "import { x } from '../http/index.js';\nexport const y = x;\n",
        'http/index.ts': "import pRetry from 'p-retry';\nexport const x = pRetry;\n",
      }),
    ).toEqual([]);
  });

  it('names file, line and both rooms of an upward import', () => {
    const [first, ...others] = violationsOf({
      'http/index.ts': "// one\n// two\nexport { x } from '../rest/index.js';\n",
      'rest/index.ts': empty,
    });
    expect(first).toBe(
      'src/http/index.ts:3 (http -> rest) imports upwards: http is on floor 1, rest on floor 2',
    );
    expect(others).toEqual([]);
  });

  it('refuses an upward import that is only of types', () => {
    const violations = violationsOf({
      'http/index.ts': "import type { X } from '../rest/index.js';\nexport type Y = X;\n",
      'rest/index.ts': 'export interface X {}\n',
    });
    expect(violations).toHaveLength(1);
  });

  it('refuses a sideways import', () => {
    const violations = violationsOf({
      'rest/index.ts': "export { x } from '../stores/index.js';\n",
      'stores/index.ts': empty,
    });
    expect(violations).toEqual([
      'src/rest/index.ts:1 (rest -> stores) imports sideways: rest is on floor 2, stores on floor 2',
    ]);
  });

  it('lets errors import types of wire, and no values', () => {
    const wire = { 'wire/index.ts': 'export const x = 1;\nexport interface X {}\n' };
    const types = "import { type X } from '../wire/index.js';\nexport type Y = X;\n";
    const values = "import { x } from '../wire/index.js';\nexport const y = x;\n";
    expect(violationsOf({ ...wire, 'errors/index.ts': types })).toEqual([]);
    expect(violationsOf({ ...wire, 'errors/index.ts': values })).toEqual([
      'src/errors/index.ts:1 (errors -> wire) errors may import types of wire, not values: write "import type"',
    ]);
    expect(
      violationsOf({ 'wire/index.ts': types.replace('wire', 'errors'), 'errors/index.ts': empty }),
    ).toHaveLength(1);
  });

  it('keeps realtime out of rest, and the local server out of rest, realtime and http', () => {
    const rooms = { 'rest/index.ts': empty, 'realtime/index.ts': empty, 'http/index.ts': empty };
    const enter = (room: string) => `export { x } from '../${room}/index.js';\n`;
    expect(violationsOf({ ...rooms, 'realtime/index.ts': enter('rest') })[0]).toContain(
      'src/realtime/index.ts:1 (realtime -> rest)',
    );
    for (const room of ['rest', 'realtime', 'http']) {
      expect(violationsOf({ ...rooms, 'local-server/index.ts': enter(room) })[0]).toContain(
        `src/local-server/index.ts:1 (local-server -> ${room})`,
      );
    }
  });

  it('refuses to go past the index.ts of another room', () => {
    expect(
      violationsOf({
        'http/index.ts': empty,
        'http/transport.ts': empty,
        'rest/index.ts': "export { x } from '../http/transport.js';\n",
      }),
    ).toEqual([
      'src/rest/index.ts:1 (rest -> http) goes past the door: import from http/index.js, not http/transport.ts',
    ]);
  });

  it('holds every room to its own packages', () => {
    expect(violationsOf({ 'wire/index.ts': "import * as z from 'zod';\nexport const x = z;\n" })).toEqual([
      'src/wire/index.ts:1 imports "zod": wire may import only the packages valibot',
    ]);
    expect(violationsOf({ 'realtime/index.ts': "export const x = import('node:fs');\n" })).toHaveLength(1);
    expect(violationsOf({ 'local-server/index.ts': "import 'node:http';\nimport 'ws';\n" })).toEqual([]);
  });

  it('refuses files that load each other in a circle, also within one room', () => {
    expect(
      violationsOf({
        'wire/index.ts': "export * from './a.js';\n",
        'wire/a.ts': "export { b } from './b.js';\nexport const a = 1;\n",
        'wire/b.ts': "export { c } from './c.js';\nexport const b = 1;\n",
        'wire/c.ts': "export { a } from './a.js';\nexport const c = 1;\n",
      }),
    ).toEqual(['files load each other in a circle: wire/a.ts -> wire/b.ts -> wire/c.ts -> wire/a.ts']);
  });

  const HOW = 'Move a type to the file that owns it, or to one that both import';

  it("refuses files that name each other's types in a circle, however they import them", () => {
    const circle = (use: string) =>
      violationsOf({
        'wire/index.ts': "export * from './a.js';\n",
        'wire/a.ts': "import { b } from './b.js';\nexport interface A { at: typeof b }\n",
        'wire/b.ts': `${use}\nexport const b = 1;\n`,
      });
    const told = [`files name each other's types in a circle: wire/a.ts -> wire/b.ts -> wire/a.ts. ${HOW}`];
    expect(circle("import type { A } from './a.js';\nexport type B = A;")).toEqual(told);
    expect(circle("import { type A } from './a.js';\nexport type B = A;")).toEqual(told);
    expect(circle("export type { A } from './a.js';")).toEqual(told);
    expect(circle("export type B = import('./a.js').A;")).toEqual(told);
  });

  it('tells a circle of types also where files load each other', () => {
    expect(
      violationsOf({
        'wire/index.ts': "export * from './a.js';\n",
        'wire/a.ts': "import type { C } from './c.js';\nexport { b } from './b.js';\nexport type A = C;\n",
        'wire/b.ts': "export { a } from './a.js';\n",
        'wire/c.ts': "import type { A } from './a.js';\nexport type C = A;\n",
      }),
    ).toEqual([
      'files load each other in a circle: wire/a.ts -> wire/b.ts -> wire/a.ts',
      `files name each other's types in a circle: wire/a.ts -> wire/c.ts -> wire/a.ts (and in the same knot: wire/b.ts). ${HOW}`,
    ]);
  });

  it('lets a file name the types of another, and of one that both import', () => {
    expect(
      violationsOf({
        'wire/index.ts': "export * from './a.js';\nexport * from './b.js';\n",
        'wire/a.ts':
          "import type { B } from './b.js';\nimport type { C } from './c.js';\nexport type A = B | C;\n",
        'wire/b.ts': "import type { C } from './c.js';\nexport type B = C;\n",
        'wire/c.ts': 'export type C = 1;\n',
      }),
    ).toEqual([]);
  });

  it('tells every knot of files once, by its shortest circle', () => {
    const names = (...others: string[]) =>
      `${others.map((other) => `import type { X as ${other} } from './${other}.js';`).join('\n')}\nexport type X = 1;\n`;
    expect(
      violationsOf({
        'wire/index.ts': "export * from './a.js';\n",
        'wire/a.ts': names('b'),
        'wire/b.ts': names('c'),
        'wire/c.ts': names('a', 'd'),
        'wire/d.ts': names('c'),
        'clock/index.ts': "export { x } from './y.js';\n",
        'clock/y.ts': "export { x } from './z.js';\n",
        'clock/z.ts': "export { x } from './y.js';\n",
      }),
    ).toEqual([
      'files load each other in a circle: clock/y.ts -> clock/z.ts -> clock/y.ts',
      `files name each other's types in a circle: wire/c.ts -> wire/d.ts -> wire/c.ts (and in the same knot: wire/a.ts, wire/b.ts). ${HOW}`,
    ]);
  });

  it('lets any room import version.ts, which imports nothing', () => {
    const use = "export { x } from '../version.js';\n";
    expect(violationsOf({ 'version.ts': empty, 'clock/index.ts': use, 'rest/index.ts': use })).toEqual([]);
    expect(
      violationsOf({ 'version.ts': "export * from './clock/index.js';\n", 'clock/index.ts': empty }),
    ).toHaveLength(1);
  });

  it('refuses unknown rooms, files outside every room, and imports of nothing', () => {
    expect(violationsOf({ 'attic/index.ts': empty })[0]).toContain('"attic", which has no floor');
    expect(violationsOf({ 'helpers.ts': empty })[0]).toContain('stands outside every room');
    expect(violationsOf({ 'http/index.ts': "export * from './gone.js';\n" })[0]).toContain(
      'is no file below src/',
    );
    expect(
      violationsOf({ 'index.ts': empty, 'http/index.ts': "export * from '../index.js';\n" })[0],
    ).toContain('no room imports the front door');
  });
});

describe('importsOf', () => {
  it('sees every form of import, with its line', () => {
    const text = [
      "import a from 'a';",
      "import type { B } from 'b';",
      "import { type C, d } from 'c';",
      "export * from 'd';",
      "export type { E } from 'e';",
      "const f = await import('f');",
      "type G = import('g').G;",
      "import h = require('h');",
      "const i = require('i');",
      "// import 'comment';",
      'const text = "import \'string\'";',
      "import 'j';",
    ].join('\n');
    const found = importsOf(text).map(
      ({ specifier, line, typeOnly }) => `${line} ${specifier}${typeOnly ? ' type' : ''}`,
    );
    expect(found).toEqual([
      '1 a',
      '2 b type',
      '3 c',
      '4 d',
      '5 e type',
      '6 f',
      '7 g type',
      '8 h',
      '9 i',
      '12 j',
    ]);
  });
});

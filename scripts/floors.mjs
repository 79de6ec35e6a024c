// The floor check (`npm run floors`): which room of src/ may enter which. Fails, naming file and line, when a room
// imports upwards, sideways where that is not allowed, or past another room's index.ts; when it uses a package that is
// not listed for it; and when files load each other, or name each other's types, in a circle.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/**
 * The house. A room may import the rooms on the floors below its own, through their index.ts, and nothing else.
 * - `also`: rooms on the same floor that it may import types from;
 * - `only`: when given, the rooms below that it may import, and no others;
 * - `packages`: the packages it may import (`node:` stands for every Node built-in);
 * - `sideDoors`: files of other rooms that it may import besides their index.ts. What an index.ts shows is in every bundle of it.
 */
export const ROOMS = {
  clock: { floor: 0, packages: [] },
  wire: { floor: 0, packages: ['valibot'] },
  errors: { floor: 0, also: ['wire'], packages: [] },
  http: { floor: 1, packages: ['p-retry', 'eventsource-parser'] },
  prompt: { floor: 1, only: ['wire'], packages: [] },
  rest: { floor: 2, packages: [] },
  stores: { floor: 2, packages: ['lmdb', 'pg', 'ioredis', 'node:'] },
  platforms: {
    floor: 2,
    also: ['stores'],
    only: ['clock', 'wire', 'errors', 'http'],
    // Tokens of Agora are signed and deflated, and made where they are needed: nobody waits for a promise of one.
    packages: ['node:crypto', 'node:zlib'],
  },
  // The files of this user's agents. `node:` is asked for at run time, where it is.
  credentials: { floor: 2, only: ['errors', 'http'], packages: ['node:'] },
  undici: { floor: 2, only: ['http'], packages: ['undici', 'node:'] },
  // Of node:crypto only the types: it is asked for at run time, where it is.
  webhooks: { floor: 3, packages: ['node:'] },
  realtime: {
    floor: 3,
    only: ['clock', 'wire', 'errors', 'http', 'stores'],
    packages: ['isomorphic-ws'],
  },
  bot: { floor: 4, packages: ['node:'] },
  'chat-sdk': {
    floor: 4,
    only: ['wire', 'errors', 'http', 'rest', 'realtime'],
    packages: ['chat', 'node:'],
  },
  'local-server': {
    floor: 4,
    only: ['clock', 'wire', 'errors', 'webhooks', 'stores'],
    packages: ['ws', 'valibot', 'node:'],
    sideDoors: ['stores/lmdb/lmdb-driver.ts'],
  },
  cli: { floor: 5, packages: ['node:', 'citty', 'picocolors', 'ws'] },
};

/** `src/index.ts`, the front door, stands above every floor. */
const FRONT_DOOR = { name: 'the front door', file: 'index.ts' };

/** The only other file outside a room: a constant under every floor, which any room may import. */
const CORNERSTONE = 'version.ts';

/**
 * Every import of a source file, whatever its form: `import`, `export ... from`, `import()`, `import('x').Type`,
 * `import x = require()` and `require()`.
 */
export function importsOf(text, fileName = 'file.ts') {
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
  const found = [];
  const add = (literal, typeOnly) => {
    if (literal === undefined || !ts.isStringLiteralLike(literal)) return;
    const { line } = source.getLineAndCharacterOfPosition(literal.getStart(source));
    found.push({ specifier: literal.text, line: line + 1, typeOnly });
  };
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node.importClause));
    else if (ts.isExportDeclaration(node))
      add(node.moduleSpecifier, node.isTypeOnly || allTypes(node.exportClause));
    else if (ts.isImportTypeNode(node)) add(node.argument.literal, true);
    else if (ts.isExternalModuleReference(node)) add(node.expression, false);
    else if (ts.isCallExpression(node) && isLoad(node.expression)) add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isTypeOnly(clause) {
  if (clause === undefined) return false;
  return clause.isTypeOnly || (clause.name === undefined && allTypes(clause.namedBindings));
}

function allTypes(bindings) {
  if (bindings === undefined || bindings.elements === undefined) return false;
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly);
}

function isLoad(expression) {
  return (
    expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(expression) && expression.text === 'require')
  );
}

/** Every TypeScript file below `directory`, as paths relative to it with forward slashes, sorted. */
function sourceFiles(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?tsx?$/.test(entry.name))
    .map((entry) =>
      relative(directory, join(entry.parentPath ?? entry.path, entry.name))
        .split(sep)
        .join('/'),
    )
    .sort();
}

/** The file of `files` that a relative specifier means, or undefined. `.js` in a specifier stands for the `.ts`. */
function resolveRelative(from, specifier, files) {
  const path = posix.normalize(posix.join(posix.dirname(from), specifier));
  const stem = path.replace(/\.([cm]?)jsx?$/, '');
  return [path, `${stem}.ts`, `${stem}.tsx`, `${stem}.mts`, `${stem}.cts`, `${path}/index.ts`].find(
    (candidate) => files.has(candidate),
  );
}

const roomOf = (file) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : FRONT_DOOR.name);

/** Why a room may not import another, or undefined when it may. */
function roomViolation(from, to, typeOnly, rooms) {
  if (from === FRONT_DOOR.name) return undefined;
  if (to === FRONT_DOOR.name) return 'no room imports the front door';
  const importer = rooms[from];
  const imported = rooms[to];
  const floors = `${from} is on floor ${importer.floor}, ${to} on floor ${imported.floor}`;
  if (imported.floor > importer.floor) return `imports upwards: ${floors}`;
  if (imported.floor === importer.floor) {
    if (!importer.also?.includes(to)) return `imports sideways: ${floors}`;
    return typeOnly ? undefined : `${from} may import types of ${to}, not values: write "import type"`;
  }
  if (importer.only !== undefined && !importer.only.includes(to)) {
    return `${from} may only enter ${importer.only.join(', ')}`;
  }
  return undefined;
}

function packageViolation(room, specifier, rooms) {
  if (room === FRONT_DOOR.name) return 'the front door only re-exports rooms';
  const allowed = rooms[room].packages;
  if (allowed.includes(specifier)) return undefined;
  if (specifier.startsWith('node:') && allowed.includes('node:')) return undefined;
  return `${room} may import ${allowed.length === 0 ? 'no packages' : `only the packages ${allowed.join(', ')}`}`;
}

/**
 * The knots of a graph: sets of files each of which leads to all others of its set, found by Tarjan's algorithm. One file
 * that imports itself is a knot as well.
 */
function findKnots(graph) {
  const order = new Map();
  const low = new Map();
  const open = [];
  const knots = [];
  const visit = (file) => {
    order.set(file, order.size);
    low.set(file, order.get(file));
    open.push(file);
    for (const next of graph.get(file) ?? []) {
      if (!order.has(next)) visit(next);
      if (open.includes(next)) low.set(file, Math.min(low.get(file), low.get(next)));
    }
    if (low.get(file) !== order.get(file)) return;
    const knot = new Set(open.splice(open.indexOf(file)));
    if (knot.size > 1 || graph.get(file).includes(file)) knots.push(knot);
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return knots;
}

/** For each file of a knot the shortest circle that leads back to it, as a list that ends where it began. */
function circlesOf(graph, knot) {
  return [...knot].map((start) => {
    const paths = [[start]];
    const seen = new Set();
    for (const path of paths) {
      for (const next of graph.get(path.at(-1))) {
        if (next === start) return [...path, start];
        if (knot.has(next) && !seen.has(next)) paths.push([...path, next]);
        seen.add(next);
      }
    }
    return [...knot];
  });
}

/** Shows a knot by the shortest of its circles, and names what hangs on it besides. */
function describe(knot, circles) {
  const shown = circles.reduce((best, circle) => (circle.length < best.length ? circle : best));
  const others = [...knot].filter((file) => !shown.includes(file)).sort();
  const besides = others.length === 0 ? '' : ` (and in the same knot: ${others.join(', ')})`;
  return `${shown.join(' -> ')}${besides}`;
}

/** One line for each knot of files that load each other, and one for each knot that needs imports of types as well. */
function circleViolations(loads, imports) {
  const violations = findKnots(loads).map(
    (knot) => `files load each other in a circle: ${describe(knot, circlesOf(loads, knot))}`,
  );
  for (const knot of findKnots(imports)) {
    // A circle of loads alone has been told.
    const circles = circlesOf(imports, knot).filter((circle) =>
      circle.slice(1).some((file, at) => !loads.get(circle[at]).includes(file)),
    );
    if (circles.length === 0) continue;
    violations.push(
      `files name each other's types in a circle: ${describe(knot, circles)}. Move a type to the file that owns it, or ` +
        'to one that both import',
    );
  }
  return violations;
}

/** Checks the tree below `src`; returns one line per violation, none when the house stands. */
export function checkFloors(src, rooms = ROOMS) {
  const list = sourceFiles(src);
  const files = new Set(list);
  const loads = new Map(list.map((file) => [file, []]));
  const imports = new Map(list.map((file) => [file, []]));
  const violations = [];
  for (const file of list) {
    const from = roomOf(file);
    const report = (line, text) => violations.push(`src/${file}:${line} ${text}`);
    if (from === FRONT_DOOR.name && file !== FRONT_DOOR.file && file !== CORNERSTONE) {
      report(1, `stands outside every room; only ${FRONT_DOOR.file} and ${CORNERSTONE} may`);
      continue;
    }
    if (from !== FRONT_DOOR.name && rooms[from] === undefined) {
      report(1, `is in the room "${from}", which has no floor: add it to ROOMS in scripts/floors.mjs`);
      continue;
    }
    for (const { specifier, line, typeOnly } of importsOf(readFileSync(join(src, file), 'utf8'), file)) {
      if (file === CORNERSTONE) {
        report(line, `imports "${specifier}": ${CORNERSTONE} imports nothing`);
        continue;
      }
      if (!specifier.startsWith('.')) {
        const why = packageViolation(from, specifier, rooms);
        if (why !== undefined) report(line, `imports "${specifier}": ${why}`);
        continue;
      }
      const target = resolveRelative(file, specifier, files);
      if (target === undefined) {
        report(line, `imports "${specifier}", which is no file below src/`);
        continue;
      }
      imports.get(file).push(target);
      // Imports of types are gone when the program runs.
      if (!typeOnly) loads.get(file).push(target);
      if (target === CORNERSTONE) continue;
      const to = roomOf(target);
      if (to === from || (to !== FRONT_DOOR.name && rooms[to] === undefined)) continue;
      const why = roomViolation(from, to, typeOnly, rooms);
      if (why !== undefined) report(line, `(${from} -> ${to}) ${why}`);
      else if (target !== `${to}/index.ts` && rooms[from]?.sideDoors?.includes(target) !== true) {
        report(line, `(${from} -> ${to}) goes past the door: import from ${to}/index.js, not ${target}`);
      }
    }
  }
  violations.push(...circleViolations(loads, imports));
  return violations;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const src = join(dirname(fileURLToPath(import.meta.url)), '..', 'src');
  const violations = checkFloors(src);
  for (const violation of violations) console.error(violation);
  console.log(
    violations.length === 0
      ? 'floors: every import stays on its floor'
      : `floors: ${violations.length} violations`,
  );
  process.exitCode = violations.length === 0 ? 0 : 1;
}

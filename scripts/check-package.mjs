// `npm run check:package`: packs what was built, and looks at the package as its users will: the linters for packages,
// Node through `import` and through `require`, a strict type check without our settings, and a bundle for browsers.
// Needs `npm run build` first.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { runNpm } from './install.mjs';
import { pagesIn } from './readme.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const isEsmOnly = (door) => Object.keys(manifest.exports[door]).join() === 'import';
const allDoors = Object.keys(manifest.exports).filter((door) => door !== './package.json');
const nameOf = (door) => manifest.name + door.slice(1);
const esmDoors = allDoors.filter(isEsmOnly).map(nameOf);
const doors = allDoors.filter((door) => !isEsmOnly(door)).map(nameOf);

let failures = 0;
function check(name, run) {
  try {
    const problem = run();
    if (problem === undefined || problem === '') return console.log(`ok      ${name}`);
    failures += 1;
    console.error(`FAILED  ${name}\n${problem}`);
  } catch (error) {
    failures += 1;
    console.error(`FAILED  ${name}\n${error instanceof Error ? error.message : error}`);
  }
}

/** Runs a tool of node_modules/.bin's package; its output when it fails, nothing when it succeeds. */
function tool(script, args, cwd = root) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules', script), ...args],
    {
      cwd,
      encoding: 'utf8',
    },
  );
  return status === 0 ? undefined : `${stdout}${stderr}`;
}

/** The files behind a door, whatever the conditions between. */
function filesOf(target) {
  return typeof target === 'string' ? [target] : Object.values(target).flatMap(filesOf);
}

const missing = filesOf(manifest.exports).filter((file) => !existsSync(join(root, file)));
if (missing.length > 0) {
  console.error(`not built: ${missing.join(', ')}. Run npm run build first.`);
  process.exit(1);
}

const work = mkdtempSync(join(tmpdir(), 'agentchat-package-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

// What npm would publish, unpacked where a user would have it, next to its dependencies.
if (runNpm(['pack', '--ignore-scripts', '--pack-destination', work], root) !== 0) process.exit(1);
const tarball = join(work, `${manifest.name}-${manifest.version}.tgz`);
const installed = join(work, 'node_modules', manifest.name);
mkdirSync(installed, { recursive: true });
execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
// Optional peers included: their doors are opened as well.
for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
  symlinkSync(join(root, 'node_modules', name), join(work, 'node_modules', name), 'junction');
}

check('publint', () => tool('publint/src/cli.js', ['--strict', '--pack', 'false']));
// The README and docs/ link to each other and to examples: where npm shows them, they are there too, and nothing that nobody reads.
check('links and maps', () => {
  const broken = pagesIn(installed).flatMap((name) => {
    const page = readFileSync(join(installed, name), 'utf8');
    const links = [...page.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) =>
      join(dirname(name), path),
    );
    return links
      .filter((path) => !existsSync(join(installed, path)))
      .map((path) => `${name} links to ${path}`);
  });
  const maps = readdirSync(join(installed, 'dist'), { recursive: true }).filter((file) =>
    file.endsWith('.map'),
  );
  return [...broken, ...maps].join('\n');
});

// Resolution that does not know `exports` finds the doors through `typesVersions`, under the types of `import`.
check('typesVersions', () => {
  const expected = Object.entries(manifest.exports)
    .filter(([door]) => door !== '.' && door !== './package.json')
    .map(([door]) => `${door.slice(2)}: ./dist/${door.slice(2)}.d.ts`);
  const found = Object.entries(manifest.typesVersions['*']).map(([door, [file]]) => `${door}: ${file}`);
  const [is, should] = [found, expected].map((list) => list.sort().join('\n'));
  return is === should ? undefined : `is:\n${is}\nshould be:\n${should}`;
});

check('are the types wrong', () => {
  const esm = allDoors.filter(isEsmOnly).map((door) => door.slice(2));
  const look = (...args) => tool('@arethetypeswrong/cli/dist/index.js', [tarball, '--no-emoji', ...args]);
  return (
    look('--profile', 'node16', '--exclude-entrypoints', ...esm) ??
    look('--profile', 'esm-only', '--entrypoints', ...esm)
  );
});

// Users install neither @types/ws nor the schema library for our types' sake. Who opens the door to the Chat SDK has that.
check('types: no foreign package in them', () => {
  const foreign = readdirSync(join(installed, 'dist'))
    .filter(
      (file) => /\.d\.c?ts$/.test(file) && !esmDoors.includes(`${manifest.name}/${file.split('.', 1)[0]}`),
    )
    .flatMap((file) => {
      const text = readFileSync(join(installed, 'dist', file), 'utf8');
      return [...text.matchAll(/\bfrom '([^.'][^']*)'|^import '([^.'][^']*)'/gm)].map(
        ([, from, bare]) => `${file} imports ${from ?? bare}`,
      );
    });
  return foreign.join('\n');
});

// Both module systems give the same names, and the package says its version as its manifest does.
writeFileSync(
  join(work, 'both.mjs'),
  `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
for (const door of ${JSON.stringify(doors)}) {
  const esm = Object.keys(await import(door)).filter((name) => name !== 'default' && name !== 'module.exports').sort();
  const cjs = Object.keys(require(door)).filter((name) => name !== 'default').sort();
  if (esm.length === 0) throw new Error(door + ' exports nothing');
  if (esm.join() !== cjs.join()) throw new Error(door + ': import gives ' + esm + '; require gives ' + cjs);
}
for (const door of ${JSON.stringify(esmDoors)}) {
  if (Object.keys(await import(door)).length === 0) throw new Error(door + ' exports nothing');
}
if (require('${manifest.name}/package.json').version !== '${manifest.version}') throw new Error('no package.json');
const { VERSION } = await import('${manifest.name}');
if (VERSION !== '${manifest.version}') throw new Error('VERSION is ' + VERSION + ', not ${manifest.version}');
const { ValidationError } = require('${manifest.name}');
const { AgentChatError } = await import('${manifest.name}');
const error = (() => { try { new (require('${manifest.name}').AgentChatClient)({ apiKey: '' }); } catch (e) { return e; } })();
if (!(error instanceof AgentChatError)) throw new Error('an error of the CJS copy is no AgentChatError of the ESM copy');
if (!(error instanceof ValidationError)) throw new Error('an empty key is no ValidationError');
// What a developer sees of an error: its class under its own name, and where the handler threw.
const { inspect } = await import('node:util');
for (const all of [await import('${manifest.name}'), require('${manifest.name}')]) {
  const renamed = Object.entries(all).filter(([name, value]) => value?.prototype instanceof Error && value.name !== name);
  if (renamed.length > 0) throw new Error('classes under other names: ' + renamed.map(([name, value]) => name + ' is ' + value.name));
  const facts = { messageId: 'msg_1', conversationId: 'conv_1', attempt: 1, willRetry: true };
  const shown = inspect(new all.HandlerError({ ...facts, cause: (function thrower() { return new TypeError('boom'); })() }));
  if (!/^HandlerError: .*boom\\n\\s+at thrower/.test(shown)) throw new Error('a HandlerError is shown as ' + shown);
  if (!/\\[cause\\]: TypeError: boom\\n\\s+at thrower/.test(shown)) throw new Error('its cause is shown as ' + shown);
}
`,
);
check('node: import and require', () => {
  const { status, stderr } = spawnSync(process.execPath, ['both.mjs'], { cwd: work, encoding: 'utf8' });
  return status === 0 ? undefined : stderr;
});

// A strict user, most of them without @types/node, in both module systems and through a bundler: our types stand on their own.
const importing = (names) =>
  names.map((door, index) => `import * as door${index} from '${door}';\nvoid door${index};\n`).join('');
const BROWSER = { lib: ['es2023', 'dom', 'dom.iterable'], types: [] };
const NODE = { lib: ['es2023'], types: ['node'], typeRoots: [join(root, 'node_modules/@types')] };
for (const [file, module, moduleResolution, surroundings = BROWSER] of [
  ['user.mts', 'node16', 'node16'],
  // Without the types of browsers.
  ['node.mts', 'node16', 'node16', NODE],
  // What `module: commonjs` means unless told otherwise: it knows no `exports`, but `typesVersions`.
  ['old.ts', 'commonjs', 'node10'],
  ['user.cts', 'node16', 'node16'],
  ['user.ts', 'esnext', 'bundler'],
  // The types of the Chat SDK need those of Node, and do not stand up to a strict look themselves.
  ['chat-sdk.mts', 'node16', 'node16', NODE],
]) {
  const isOfChatSdk = file === 'chat-sdk.mts';
  writeFileSync(join(work, file), importing(isOfChatSdk ? esmDoors : doors));
  const compilerOptions = {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: isOfChatSdk,
    target: 'es2022',
    ...surroundings,
    module,
    moduleResolution,
  };
  const project = join(work, `tsconfig.${file}.json`);
  writeFileSync(project, JSON.stringify({ compilerOptions, files: [file] }));
  check(`types: ${file}, ${moduleResolution}`, () => tool('typescript/bin/tsc', ['-p', project], work));
}

// A browser gets its own WebSocket: neither `ws` nor anything of Node may be in the bundle of the front door.
const bundle = await build({
  stdin: { contents: `export * from '${manifest.name}';`, resolveDir: work },
  bundle: true,
  write: false,
  metafile: true,
  platform: 'browser',
  format: 'esm',
  logLevel: 'silent',
}).catch((error) => error);
check('browser bundle', () => {
  if (bundle instanceof Error) return bundle.message;
  const foreign = Object.keys(bundle.metafile.inputs).filter((input) =>
    /node_modules\/ws\/|^node:/.test(input),
  );
  return foreign.length > 0 ? `contains ${foreign.join(', ')}` : undefined;
});

// jsdom has neither TextDecoder nor fetch: importing must ask for nothing else than what it has.
const script = await build({
  stdin: { contents: `export * from '${manifest.name}';`, resolveDir: work },
  bundle: true,
  write: false,
  platform: 'browser',
  format: 'iife',
  globalName: 'door',
  logLevel: 'silent',
}).catch((error) => error);
check('the front door loads where jsdom would', () => {
  if (script instanceof Error) return script.message;
  const context = createContext({ AbortController, AbortSignal, URL });
  runInContext(script.outputFiles[0].text, context);
  return runInContext(
    "new door.AgentChatClient({ apiKey: 'ac_key', baseUrl: 'http://127.0.0.1' }) && ''",
    context,
  );
});

process.exitCode = failures === 0 ? 0 : 1;

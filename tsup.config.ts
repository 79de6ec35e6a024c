import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';
import manifest from './package.json' with { type: 'json' };

/** Each door in `exports` of package.json is built from a room's index.ts, as ESM and CJS with types of their own. */
const doors = Object.fromEntries(
  Object.keys(manifest.exports)
    .filter((door) => door !== './package.json')
    .map((door) =>
      door === '.' ? ['index', 'src/index.ts'] : [door.slice(2), `src${door.slice(1)}/index.ts`],
    ),
);

/** `chat` is ESM-only, so the door that needs it has no `require` in package.json. */
const {
  'chat-sdk': esmDoor,
  bot: botDoor,
  ...sideDoors
} = Object.fromEntries(Object.entries(doors).filter(([door]) => door !== 'index'));

/** The webhooks' door for browsers and workers: the same names and types, without the half that only Node can run. */
const edges = { 'webhooks-edge': 'src/webhooks/edge.ts' };

/** Libraries that are built in, with what they depend on. Their licences ask that their text comes along. */
const builtIn = [
  'p-retry',
  'is-network-error',
  'valibot',
  'eventsource-parser',
  'citty',
  'picocolors',
] as const;
const LICENCES = {
  'p-retry': 'license',
  'is-network-error': 'license',
  valibot: 'LICENSE.md',
  'eventsource-parser': 'LICENSE',
  citty: 'LICENSE',
  picocolors: 'LICENSE',
};

/** A file that only passes names on leaves an empty chunk behind, and each file that is loaded takes its millisecond. */
function dropEmptyChunks(): void {
  const files = readdirSync('dist').filter((file) => /\.c?js$/.test(file));
  const isEmpty = (file: string) =>
    file.startsWith('chunk-') &&
    readFileSync(`dist/${file}`, 'utf8').replace('"use strict";', '').trim() === '';
  const empty = new Set(files.filter(isEmpty));
  for (const file of files.filter((name) => !empty.has(name))) {
    let text = readFileSync(`dist/${file}`, 'utf8');
    for (const chunk of empty) {
      text = text.replaceAll(`import "./${chunk}";\n`, '').replaceAll(`require('./${chunk}');`, '');
    }
    writeFileSync(`dist/${file}`, text);
  }
  for (const chunk of empty) rmSync(`dist/${chunk}`);
}

/** Has a door import these rooms from the package itself, instead of having them in it. */
const fromFrontDoor: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'from-front-door',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.\/(rest|realtime)\/index\.js$/ }, () => ({
      path: manifest.name,
      external: true,
    }));
  },
};

/** Has the command line import whole rooms from their doors: nothing of them is in the package twice. */
const fromDoors: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'from-doors',
  setup({ onResolve }) {
    onResolve({ filter: /^(\.\.\/)+(rest|realtime|webhooks)\/index\.js$/ }, () => ({
      path: manifest.name,
      external: true,
    }));
    onResolve({ filter: /^(\.\.\/)+local-server\/index\.js$/ }, () => ({
      path: `${manifest.name}/local-server`,
      external: true,
    }));
  },
};

const common = {
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: 'node',
  // What is built is readable as it is; maps would be two thirds of the package. No whitespace is taken out: Node hardly reads
  // faster without it, and the marks of what is pure, by which bundlers leave things out, would go with it.
  sourcemap: false,
  // `p-retry` is ESM-only, so that a CJS build could not require it on every Node. Of `valibot` few functions are used,
  // and loading the whole costs more time than all of ours. 1.6 kB and 2.6 kB.
  noExternal: [...builtIn],
  external: ['ws', 'isomorphic-ws', 'undici', 'lmdb', 'pg', 'ioredis', 'chat'],
} satisfies Options;

export default defineConfig([
  // The front door is one file: each further one takes Node more than a millisecond to load. What it shares with other doors is
  // there twice, so errors are recognised by a brand. A bundler still takes only what is used of it: nothing in it runs when it
  // is loaded but what is marked pure.
  {
    ...common,
    entry: { index: doors.index as string },
    splitting: false,
    clean: true,
    // `Symbol.asyncDispose` is in no library that a compiler takes by default, and types of Node need not be there.
    dts: {
      entry: doors,
      compilerOptions: { stripInternal: true },
      banner: '/// <reference lib="esnext.disposable" />',
    },
  },
  // What stands on both clients takes them from the front door, which its user has loaded as well.
  {
    ...common,
    entry: { bot: botDoor as string },
    splitting: false,
    esbuildPlugins: [fromFrontDoor],
  },
  {
    ...common,
    format: ['esm'],
    entry: { 'chat-sdk': esmDoor as string },
    splitting: false,
    esbuildPlugins: [fromFrontDoor],
  },
  // The command. Each part of it is a file that is loaded when it is needed.
  {
    ...common,
    format: ['esm'],
    entry: { agentchat: 'src/cli/main.ts' },
    outDir: 'dist/cli',
    splitting: true,
    esbuildPlugins: [fromDoors],
  },
  {
    ...common,
    entry: { ...sideDoors, ...edges },
    // The receivers share what they have in common.
    splitting: true,
    async onSuccess() {
      dropEmptyChunks();
      const licences = builtIn.map(
        (name) => `${name}\n\n${readFileSync(`node_modules/${name}/${LICENCES[name]}`, 'utf8').trim()}\n`,
      );
      writeFileSync('dist/LICENCES-OF-BUILT-IN-LIBRARIES.txt', licences.join('\n----\n\n'));
    },
  },
]);

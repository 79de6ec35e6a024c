import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { defineConfig } from 'tsup';
import manifest from './package.json' with { type: 'json' };

/** Each door in `exports` of package.json is built from a room's index.ts, as ESM and CJS with types of their own. */
const doors = Object.fromEntries(
  Object.keys(manifest.exports)
    .filter((door) => door !== './package.json')
    .map((door) =>
      door === '.' ? ['index', 'src/index.ts'] : [door.slice(2), `src${door.slice(1)}/index.ts`],
    ),
);

/**
 * Rooms that many users need only one of. Building them as entries gives each its own chunk, which a bundler leaves out
 * when nothing of it is used; the entries themselves are not published.
 */
const rooms = Object.fromEntries(
  ['errors', 'rest', 'realtime'].map((room) => [`rooms/${room}`, `src/${room}/index.ts`]),
);

/** The webhooks' door for browsers and workers: the same names and types, without the half that only Node can run. */
const edges = { 'webhooks-edge': 'src/webhooks/edge.ts' };

/** Libraries that are built in, with what they depend on. Their licences ask that their text comes along. */
const builtIn = ['p-retry', 'is-network-error', 'valibot'] as const;
const LICENCES = { 'p-retry': 'license', 'is-network-error': 'license', valibot: 'LICENSE.md' };

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

export default defineConfig({
  entry: { ...doors, ...edges, ...rooms },
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: 'node',
  // Doors share their chunks, so that a class which two of them export is one class.
  splitting: true,
  // `Symbol.asyncDispose` is in no library that a compiler takes by default, and types of Node need not be there.
  dts: {
    entry: doors,
    compilerOptions: { stripInternal: true },
    banner: '/// <reference lib="esnext.disposable" />',
  },
  // What is built is readable as it is; maps would be two thirds of the package.
  sourcemap: false,
  clean: true,
  // `p-retry` is ESM-only, so that a CJS build could not require it on every Node. Of `valibot` few functions are used,
  // and loading the whole costs more time than all of ours. 1.6 kB and 2.6 kB.
  noExternal: [...builtIn],
  external: ['ws', 'isomorphic-ws', 'undici', 'lmdb', 'pg', 'ioredis'],
  async onSuccess() {
    rmSync('dist/rooms', { recursive: true, force: true });
    dropEmptyChunks();
    const licences = builtIn.map(
      (name) => `${name}\n\n${readFileSync(`node_modules/${name}/${LICENCES[name]}`, 'utf8').trim()}\n`,
    );
    writeFileSync('dist/LICENCES-OF-BUILT-IN-LIBRARIES.txt', licences.join('\n----\n\n'));
  },
});

import { defineConfig } from 'tsup';

/** The doors of the package: each is an entry of `exports` in package.json, ESM and CJS, with its own types. */
const doors = {
  index: 'src/index.ts',
  'local-server': 'src/local-server/index.ts',
};

export default defineConfig({
  entry: doors,
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: 'node',
  // Doors share their chunks in ESM, so an error class that two of them export is one class.
  splitting: true,
  dts: true,
  sourcemap: true,
  clean: true,
  treeshake: true,
  // ESM-only, so a CJS build cannot require it: bundled, 1.6 kB.
  noExternal: ['p-retry', 'is-network-error'],
  external: ['ws', 'isomorphic-ws', 'zod'],
});

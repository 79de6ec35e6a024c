import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { type Mutation, mutate } from './mutation.js';

const SOURCES = fileURLToPath(new URL('../../../src/realtime', import.meta.url));
const WORKER = fileURLToPath(new URL('../worker.ts', import.meta.url));

/** The source with the mutation in it. @throws Error when its text is not found exactly once. */
export function mutatedSource(mutation: Mutation): string {
  return mutate(readFileSync(join(SOURCES, mutation.file), 'utf8'), mutation);
}

/**
 * Bundles the simulation's worker around the mutated client, as one file that runs by itself. `null`: nothing is dropped.
 *
 * @throws Error when the mutation's text is not found exactly once.
 */
export async function bundleMutant(mutation: Mutation | null, outfile: string): Promise<void> {
  await build({
    entryPoints: [WORKER],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
    external: ['bufferutil', 'utf-8-validate'],
    plugins: mutation === null ? [] : [pluginOf(mutation)],
  });
}

/** Gives the bundler another text for the one file. */
function pluginOf(mutation: Mutation): Plugin {
  const contents = mutatedSource(mutation);
  const mutated = join(SOURCES, mutation.file);
  return {
    name: 'mutation',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => (path === mutated ? { contents, loader: 'ts' } : undefined));
    },
  };
}

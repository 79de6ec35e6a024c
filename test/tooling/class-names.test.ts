import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const root = fileURLToPath(new URL('../..', import.meta.url));
const doors = Object.keys(manifest.exports)
  .filter((door) => door !== './package.json')
  .map((door) => `${root}src${door.slice(1)}/index.ts`);

describe('a built class', () => {
  // A bundler gives a class that names itself in its own body another name, and traces show that one.
  it('is called what it is called in the source', async () => {
    const { outputFiles } = await build({
      entryPoints: doors,
      outdir: '/out',
      bundle: true,
      write: false,
      platform: 'node',
      target: 'es2022',
      format: 'esm',
      packages: 'external',
    });
    const text = outputFiles.map((file) => file.text).join('\n');
    expect([...new Set(text.match(/\bclass _\w+/g))]).toEqual([]);
  });
});

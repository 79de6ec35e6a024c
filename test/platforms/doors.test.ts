import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const names = readdirSync(`${root}/src/platforms`).filter((name) => name !== 'shared');

/** The files of which something is in a bundle of a door. */
async function bundled(name: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [`src/platforms/${name}/index.ts`],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    external: ['node:*'],
    logLevel: 'silent',
  });
  return Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
}

describe.each(names)('the door of %s', (name) => {
  it('loads no other platform, no socket, no schemas and no store', async () => {
    const files = await bundled(name);
    expect(files.some((file) => file.startsWith(`src/platforms/${name}/`))).toBe(true);
    const others = names.filter((other) => other !== name).map((other) => `src/platforms/${other}/`);
    const unwanted = [
      ...others,
      'node_modules/ws/',
      'isomorphic-ws',
      'valibot',
      'src/stores/',
      'src/rest/',
      'src/bot/',
    ];
    expect(files.filter((file) => unwanted.some((part) => file.includes(part)))).toEqual([]);
  });
});

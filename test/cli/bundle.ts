import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The command line of the sources, as programs that Node runs without more ado. */
export interface Bundle {
  readonly program: string;
  remove(): Promise<void>;
}

/** Below `node_modules`, where what it imports is found. */
export async function bundleCli(): Promise<Bundle> {
  const folder = mkdtempSync(join(root, 'node_modules', '.agentchat-cli-'));
  await build({
    entryPoints: { agentchat: join(root, 'src/cli/main.ts') },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    external: ['ws', 'isomorphic-ws', 'lmdb'],
  });
  return {
    program: join(folder, 'agentchat.mjs'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VERSION } from 'agentchat-client';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const root = fileURLToPath(new URL('../..', import.meta.url));
const doors = Object.keys(manifest.exports).filter((door) => door !== './package.json');

describe('the package', () => {
  it('says its version in one voice', () => {
    expect(VERSION).toBe(manifest.version);
  });

  it.each(doors)('has a room behind the door %s', (door) => {
    expect(existsSync(join(root, 'src', door === '.' ? 'index.ts' : `${door.slice(2)}/index.ts`))).toBe(true);
  });

  it('names no registry in its lock file', () => {
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toMatch(
      /"resolved"|https?:\/\/[^"]*\.tgz/,
    );
  });

  /** Bundles the front door as a browser's bundler would; gives the files that went in. */
  const bundleForBrowsers = async (contents: string) => {
    const { metafile, outputFiles } = await build({
      stdin: { contents, resolveDir: join(root, 'src'), loader: 'ts' },
      bundle: true,
      write: false,
      metafile: true,
      minify: true,
      platform: 'browser',
      format: 'esm',
    });
    return { files: Object.keys(metafile.inputs), bytes: outputFiles[0]?.contents.length ?? 0 };
  };

  it('brings neither ws nor anything of Node into a browser', async () => {
    const { files } = await bundleForBrowsers("export * from './index.js';");
    expect(files).toContainEqual(expect.stringMatching(/node_modules\/isomorphic-ws\/browser\.js$/));
    expect(files.filter((file) => /node_modules\/ws\/|^node:/.test(file))).toEqual([]);
  });

  it('shows the client under its own name, bundled or not', async () => {
    const stdin = {
      contents: "export * from './index.js';",
      resolveDir: join(root, 'src/rest'),
      loader: 'ts',
    } as const;
    const { outputFiles } = await build({
      stdin,
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
    });
    expect(outputFiles[0]?.text).toMatch(/class AgentChatClient extends|AgentChatClient = class extends/);
  });

  it.each(['es2020', 'es2022'])('shows errors under their own names when bundled for %s', async (target) => {
    const { outputFiles } = await build({
      stdin: { contents: "export * from './index.js';", resolveDir: join(root, 'src/errors'), loader: 'ts' },
      bundle: true,
      write: false,
      target,
      format: 'esm',
    });
    const text = outputFiles[0]?.text ?? '';
    expect(text).toContain('HandlerError');
    expect(text).not.toMatch(/\b_\w+Error\b/);
  });

  it('lets a user of the errors pay for nothing else', async () => {
    const { bytes } = await bundleForBrowsers("export { AgentChatError } from './index.js';");
    expect(bytes).toBeLessThan(8_000);
  });

  // As it is published: one call that is not marked pure would keep all that it reaches in every bundle.
  describe('as one file', () => {
    const inOneFile = build({
      entryPoints: [join(root, 'src/index.ts')],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      target: 'es2022',
      external: ['ws', 'isomorphic-ws'],
    });

    const bundled = async (name: string) => {
      const [file] = (await inOneFile).outputFiles;
      const { outputFiles } = await build({
        stdin: { contents: `${file?.text}`.replace(/^export \{[^}]*\};/m, `export { ${name} };`) },
        bundle: true,
        write: false,
        minify: true,
        format: 'esm',
        external: ['ws', 'isomorphic-ws'],
      });
      return outputFiles[0]?.text ?? '';
    };

    it('lets a user of the errors pay for nothing else', async () => {
      expect((await bundled('AgentChatError')).length).toBeLessThan(9_000);
    });

    it('has no realtime client in the bundle of a program that only sends', async () => {
      expect(await bundled('AgentChatClient')).not.toContain('hello.ok');
    });

    it('has no REST client in the bundle of a program that only listens', async () => {
      expect(await bundled('RealtimeClient')).not.toMatch(/uploadAttachment|\/v1\/directory/);
    });
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { snippetsOf } from '../../scripts/readme.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const snippets = snippetsOf(readme);

describe('the snippets of the README', () => {
  it('are all files under examples/', () => {
    const fenced = readme.match(/^```(ts|js|typescript|javascript)$/gm) ?? [];
    expect(snippets.length).toBeGreaterThan(0);
    expect(fenced).toHaveLength(snippets.length);
  });

  it.each(snippets)('show $file as it is (else: npm run readme)', ({ file, text }) => {
    expect(text).toBe(readFileSync(join(root, file), 'utf8'));
  });

  it('begin with a complete bot in at most twenty lines', () => {
    const bot = snippets.find(({ file }) => file === 'examples/bot.ts');
    expect(bot?.text.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
  });

  it('compile, with every other example, under the strictest settings', () => {
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
    const files = readdirSync(join(root, 'examples')).map((name) => join(root, 'examples', name));
    const program = ts.createProgram(files, options);
    const diagnostics = files.flatMap((path) => {
      const file = program.getSourceFile(path);
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    });
    const told = diagnostics.map(({ file, messageText }) => {
      return `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
    expect(told).toEqual([]);
  }, 60_000);

  it('link to files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path);
    const missing = links.filter(
      (path) => path === undefined || ts.sys.fileExists(join(root, path)) === false,
    );
    expect(missing).toEqual([]);
  });
});

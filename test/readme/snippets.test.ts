import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { snippetsOf } from '../../scripts/readme.mjs';
import { PAGES, page, root } from './pages.js';

const pagesWithSnippets = PAGES.filter(({ text }) => snippetsOf(text).length > 0);
/** A block that needs what is not installed here says so in a comment before it. */
const NOT_RUN = /<!-- not run: [^\n]+ -->\n```ts\n/g;

describe('the snippets of the README and of docs/', () => {
  it('are many', () => {
    const names = pagesWithSnippets.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['README.md', 'docs/webhooks.md', 'docs/api.md']));
  });

  it.each(PAGES)('of $name are all files under examples/', ({ text }) => {
    const fenced = text.match(/^```(ts|js|typescript|javascript)$/gm) ?? [];
    const notRun = text.match(NOT_RUN) ?? [];
    expect(fenced).toHaveLength(snippetsOf(text).length + notRun.length);
  });

  it.each(
    pagesWithSnippets.flatMap(({ name, text }) => snippetsOf(text).map((snippet) => ({ name, ...snippet }))),
  )('of $name show $file as it is (else: npm run readme)', ({ file, text }) => {
    expect(text).toBe(readFileSync(join(root, file), 'utf8'));
  });

  it('show every example, but the one that the README links to', () => {
    const shown = PAGES.flatMap(({ text }) => snippetsOf(text).map(({ file }) => file));
    const examples = readdirSync(join(root, 'examples')).map((name) => `examples/${name}`);
    expect(examples.filter((file) => !shown.includes(file))).toEqual(['examples/always-on-bot.ts']);
  });

  it('begin with a complete bot in at most twenty lines', () => {
    const [bot] = snippetsOf(page('README.md').text);
    expect(bot?.file).toBe('examples/echo-bot.ts');
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
  }, 180_000);
});

/** The anchor of a heading, as npm and GitHub make it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

describe('the links of the README and of docs/', () => {
  it.each(PAGES)('of $name lead to files and headings that exist', ({ name, text }) => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)];
    const broken = links.flatMap(([link, path, anchor]) => {
      const target = path === undefined || path === '' ? name : join(dirname(name), path);
      if (!ts.sys.fileExists(join(root, target))) return [link];
      if (anchor === undefined) return [];
      const headings = [...page(target).text.matchAll(/^#+ (.+)$/gm)];
      return headings.some(([, heading = '']) => anchorOf(heading) === anchor) ? [] : [link];
    });
    expect(broken).toEqual([]);
  });
});

describe('the README', () => {
  it('tells a new user things in the order in which they are needed', () => {
    const headings = [...page('README.md').text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([
      'Install',
      'A complete bot',
      'Try it locally',
      'Command line',
      'The bot kit',
      'Receiving',
      'Sending',
      'Guarantees',
      'Stores',
      'Replicas',
      'Options of `RealtimeClient`',
      'Coming from `agentchatme`',
      'Links',
    ]);
  });

  it('names every page of docs/', () => {
    const { text } = page('README.md');
    const hidden = PAGES.filter(({ name }) => name !== 'README.md' && !text.includes(`(${name})`));
    // Named in CONTRIBUTING.md: it is for those who change the verifier.
    expect(hidden.map(({ name }) => name)).toEqual(['docs/webhooks-mutants.md']);
  });
});

// `npm run readme`: writes what README.md and the pages in docs/ show of other files anew. A snippet is the fenced block after a
// comment that names an example, and shows all of it; the table after the comment that names the list of differences is printed
// from that, and what is said of the commands from their table.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SNIPPET = /<!-- (examples\/[\w-]+\.ts) -->\n```ts\n([\s\S]*?)```/g;

const COMMANDS = /(<!-- src\/cli\/table\.ts -->\n)([\s\S]*?)(<!-- end of src\/cli\/table\.ts -->)/;

const DIFFERENCES = /(<!-- test\/official\/differences\.ts -->\n)((?:\|.*\n)*)/;

/** The table of a page that tells what differs from the official package. */
export function differencesIn(page) {
  return DIFFERENCES.exec(page)?.[2] ?? '';
}

/** The part of a page that tells of the commands. */
export function commandsIn(page) {
  return COMMANDS.exec(page)?.[2] ?? '';
}

/** The snippets of a page: the file that each names, and its text. */
export function snippetsOf(page) {
  return [...page.matchAll(SNIPPET)].map(([, file, text]) => ({ file, text }));
}

/** The pages that users read, below the folder of the project. */
export function pagesIn(root) {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.map((name) => `docs/${name}`)];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const [{ commandsPage }, { COMMANDS: commands }] = await Promise.all([
    import('../src/cli/page.ts'),
    import('../src/cli/table.ts'),
  ]);
  const { differencesTable } = await import('../test/official/differences.ts');
  for (const name of pagesIn(root)) {
    const path = join(root, name);
    const page = readFileSync(path, 'utf8');
    const written = page
      .replace(
        SNIPPET,
        (_, file) => `<!-- ${file} -->\n\`\`\`ts\n${readFileSync(join(root, file), 'utf8')}\`\`\``,
      )
      .replace(DIFFERENCES, (_, comment) => comment + differencesTable())
      .replace(COMMANDS, (_, begin, _old, end) => `${begin}${commandsPage(commands)}${end}`);
    if (written === page) continue;
    writeFileSync(path, written);
    console.log(`${name} written`);
  }
  console.log('README.md and docs/ show the examples as they are');
}

// `npm run readme`: writes what README.md shows of other files anew. A snippet is the fenced block after a comment that names
// an example, and shows all of it; the table after the comment that names the list of differences is printed from that.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SNIPPET = /<!-- (examples\/[\w-]+\.ts) -->\n```ts\n([\s\S]*?)```/g;

const DIFFERENCES = /(<!-- test\/official\/differences\.ts -->\n)((?:\|.*\n)*)/;

/** The table of a README that tells what differs from the official package. */
export function differencesIn(readme) {
  return DIFFERENCES.exec(readme)?.[2] ?? '';
}

/** The snippets of a README: the file that each names, and its text. */
export function snippetsOf(readme) {
  return [...readme.matchAll(SNIPPET)].map(([, file, text]) => ({ file, text }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const path = join(root, 'README.md');
  const readme = readFileSync(path, 'utf8');
  const { differencesTable } = await import('../test/official/differences.ts');
  const written = readme
    .replace(
      SNIPPET,
      (_, file) => `<!-- ${file} -->\n\`\`\`ts\n${readFileSync(join(root, file), 'utf8')}\`\`\``,
    )
    .replace(DIFFERENCES, (_, comment) => comment + differencesTable());
  writeFileSync(path, written);
  console.log(written === readme ? 'README.md shows everything as it is' : 'README.md written');
}

// `npm run readme`: writes the snippets of README.md anew from the examples that they are: a snippet is the fenced block
// after a comment that names a file, and shows all of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SNIPPET = /<!-- (examples\/[\w-]+\.ts) -->\n```ts\n([\s\S]*?)```/g;

/** The snippets of a README: the file that each names, and its text. */
export function snippetsOf(readme) {
  return [...readme.matchAll(SNIPPET)].map(([, file, text]) => ({ file, text }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const path = join(root, 'README.md');
  const readme = readFileSync(path, 'utf8');
  const written = readme.replace(
    SNIPPET,
    (_, file) => `<!-- ${file} -->\n\`\`\`ts\n${readFileSync(join(root, file), 'utf8')}\`\`\``,
  );
  writeFileSync(path, written);
  console.log(written === readme ? 'README.md shows the examples as they are' : 'README.md written');
}

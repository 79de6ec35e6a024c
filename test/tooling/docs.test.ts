import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = (name: string) => readFileSync(`${root}/docs/${name}`, 'utf8');

/** The section of a page below a heading, up to the next heading of its level or above. */
function section(text: string, heading: string): string {
  const from = text.indexOf(`${heading}\n`);
  if (from < 0) throw new Error(`there is no "${heading}"`);
  const below = text.slice(from + heading.length);
  const to = below.search(new RegExp(`\n#{1,${heading.indexOf(' ')}} `));
  return to < 0 ? below : below.slice(0, to);
}

/** Everything in backticks that looks like a file or a folder of the realtime client. */
function namedFiles(text: string): string[] {
  return [...text.matchAll(/`([a-z0-9-]+(?:\/[a-z0-9-]+)*(?:\.ts|\/))`/g)].map(([, name]) => name ?? '');
}

describe('the docs name what is there', () => {
  it.each([
    ['architecture.md', '### The rooms of `src/realtime`', 25],
    ['delivery.md', '## Where each rule is kept', 17],
  ])('%s: %s', (name, heading, atLeast) => {
    const names = namedFiles(section(page(name), heading));
    expect(names.length).toBeGreaterThanOrEqual(atLeast);
    const pathOf = (file: string) => (file.startsWith('src/') ? file : `src/realtime/${file}`);
    expect(names.filter((file) => !existsSync(`${root}/${pathOf(file)}`))).toEqual([]);
  });

  it('delivery.md says of each rule where to start reading', () => {
    const text = page('delivery.md');
    const rules = [...text.matchAll(/^\*\*([A-Z]+-\d)\.\*\*/gm)].map(([, rule]) => rule);
    const kept = [...section(text, '## Where each rule is kept').matchAll(/^\| ([A-Z]+-\d) \|/gm)];
    expect(kept.map(([, rule]) => rule)).toEqual(rules);
  });

  it('production.md names the runtimes that `npm run runtimes` tries', () => {
    const script = readFileSync(`${root}/scripts/runtimes.mjs`, 'utf8');
    const [, nodes = ''] = script.match(/const NODES = \[([\d, ]+)\]/) ?? [];
    const [, bun] = script.match(/'bun@(\d+\.\d+)/) ?? [];
    const [, deno] = script.match(/'deno@(\d+\.\d+)/) ?? [];
    const named = `Node ${nodes.replace(/, (\d+)$/, ' and $1')}, Bun ${bun}, Deno ${deno}`;
    expect(section(page('production.md'), '## Supported runtimes')).toContain(`| ${named} |`);
  });
});

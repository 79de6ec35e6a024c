import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pagesIn } from '../../scripts/readme.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A page that users read: `README.md`, or one in `docs/`. */
export interface Page {
  readonly name: string;
  readonly text: string;
}

export function page(name: string): Page {
  return { name, text: readFileSync(join(root, name), 'utf8') };
}

export const PAGES: readonly Page[] = pagesIn(root).map(page);

/** The cells of the rows of all tables on a page below a heading, without the row of the column names. */
export function rowsBelow({ name, text }: Page, heading: string): string[][] {
  const section = text.split(/\n(?=#+ )/).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`${name} has no "${heading}"`);
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What a cell says in backticks, where it says nothing else: a name, or a number without its separators. */
export function code(cell = ''): string | undefined {
  return cell.match(/^`([^`]+)`$/)?.[1];
}

/** The number in a cell such as `2_000`; NaN where there is none. */
export function numberIn(cell = ''): number {
  return Number((code(cell) ?? 'none').replaceAll('_', ''));
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandsIn } from '../../scripts/readme.mjs';
import { helpOf, overview } from '../../src/cli/help.js';
import { commandsPage } from '../../src/cli/page.js';
import { parse } from '../../src/cli/parse.js';
import { COMMANDS } from '../../src/cli/table.js';

const root = join(import.meta.dirname, '../..');

describe('the table of commands', () => {
  it('is what docs/cli.md tells (else: npm run readme)', () => {
    const page = readFileSync(join(root, 'docs/cli.md'), 'utf8');
    expect(commandsIn(page)).toBe(commandsPage(COMMANDS));
  });

  it('has every file of commands/, under its name', () => {
    const files = readdirSync(join(root, 'src/cli/commands')).map((file) => file.replace('.ts', ''));
    expect(COMMANDS.map(({ name }) => name).sort()).toEqual(files.sort());
  });

  it.each(COMMANDS)('tells the same of $name in its help and on the page', (command) => {
    const [page, help] = [commandsPage(COMMANDS), helpOf(command)];
    for (const name of Object.keys(command.args)) {
      expect(help).toContain(name);
      expect(page).toContain(name);
    }
    for (const { run } of command.examples) {
      expect(help).toContain(run);
      expect(page).toContain(run);
    }
    expect(overview(COMMANDS, '1.0.0')).toContain(command.summary);
  });

  // The last command of each example is read as it stands there; quotes are taken off as a shell would.
  it.each(
    COMMANDS.flatMap((command) =>
      command.examples
        .map(({ run }) => ({
          command,
          run,
          line: /(?:^|[|(] ?|\$\()(?:npx )?agentchat(?:-client)? ([^|<>)]*)/.exec(run)?.[1] ?? '',
        }))
        .filter(({ line }) => line !== ''),
    ),
  )('the example "$run" can be read', ({ command, line }) => {
    const [name, ...words] = [...line.matchAll(/"([^"]*)"|'([^']*)'|([^\s"']+"[^"]*"|[^\s<]+)/g)].map(
      ([, double, single, bare]) => double ?? single ?? bare?.replaceAll('"', '') ?? '',
    );
    expect(name).toBe(command.name);
    expect(() => parse(command, words)).not.toThrow();
  });
});

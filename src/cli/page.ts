import type { Command } from './command.js';
import { argumentsOf, optionsOf, usageOf } from './help.js';

/** The part of docs/cli.md that tells of each command: the same table as `--help`, for reading on a page. */
export function commandsPage(commands: readonly Command[]): string {
  const list = commands.map(({ name, summary }) => `| [\`${name}\`](#${name}) | ${summary} |`);
  return ['| command | |', '|---|---|', ...list, '', ...commands.flatMap(sectionOf)].join('\n');
}

function sectionOf(command: Command): string[] {
  const rows = [...argumentsOf(command), ...optionsOf(command)].map(
    ({ left, right }) => `| \`${cell(left)}\` | ${cell(right)} |`,
  );
  return [
    `### ${command.name}`,
    '',
    `\`${usageOf(command)}\``,
    '',
    command.summary,
    '',
    ...command.about.flatMap((paragraph) =>
      paragraph.includes('\n  ') ? ['```text', paragraph, '```', ''] : [plain(paragraph), ''],
    ),
    '| | |',
    '|---|---|',
    ...rows,
    '',
    '```sh',
    ...command.examples.flatMap(({ run, does }) => [`# ${does}`, run]),
    '```',
    '',
  ];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** Angle brackets are tags to a page. */
function plain(text: string): string {
  return text.replace(/(?<!`[^`]*)<(\w+)>/g, '&lt;$1&gt;');
}

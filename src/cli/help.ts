import type { ArgDef, ArgsDef } from 'citty';
import { COMMON_ARGS, type Command } from './command.js';

/** A row of a help text: what to type, and what it does. */
interface Row {
  readonly left: string;
  readonly right: string;
}

const NAME = 'agentchat';

/** How a command is called, in one line. */
export function usageOf(command: Command): string {
  const named = positionalsOf(command).map(([name, def]) =>
    def.required === true ? `<${name}>` : `[${name}]`,
  );
  const { furtherWords, program } = command;
  const further = furtherWords === undefined ? [] : [furtherWords.usage];
  const last = program === undefined ? [] : [program.usage];
  return [NAME, command.name, ...named, ...further, '[options]', ...last].join(' ');
}

/** The words of a command that have names. */
export function argumentsOf(command: Command): Row[] {
  const named = positionalsOf(command).map(([name, { description = '' }]) => ({
    left: name,
    right: description,
  }));
  const further = [command.furtherWords ?? [], command.program ?? []].flat();
  return [...named, ...further.map(({ usage, does }) => ({ left: usage, right: does }))];
}

/** The options of a command, its own before those that all have. */
export function optionsOf(command: Command): Row[] {
  return Object.entries({ ...command.args, ...COMMON_ARGS } as ArgsDef)
    .filter(([, { type }]) => type !== 'positional')
    .map(([name, def]) => ({ left: optionUsage(name, def), right: describe(def) }));
}

/** The help of one command. */
export function helpOf(command: Command): string {
  return [
    `${usageOf(command)}\n`,
    command.summary,
    ...command.about.map((paragraph) => `\n${paragraph}`),
    ...table('Arguments', argumentsOf(command)),
    ...table('Options', optionsOf(command)),
    '\nExamples:',
    ...command.examples.map(({ run, does }) => `  ${run}\n      ${does}`),
  ].join('\n');
}

/** The help of the whole: what there is. */
export function overview(commands: readonly Command[], version: string): string {
  return [
    `${NAME} ${version}: AgentChat from the command line`,
    `\nusage: ${NAME} <command> [options]`,
    ...table(
      'Commands',
      commands.map(({ name, summary }) => ({ left: name, right: summary })),
    ),
    `\n${NAME} <command> --help shows the options and examples of a command.`,
    'Exit codes: 0 done, 1 failed, 2 usage, 3 refused, 4 no usable answer.',
  ].join('\n');
}

function positionalsOf({ args }: Command): [string, ArgDef][] {
  return Object.entries(args).filter(([, { type }]) => type === 'positional');
}

function optionUsage(name: string, def: ArgDef): string {
  const short = 'alias' in def && def.alias !== undefined ? [`-${def.alias}`] : [];
  const value = def.type === 'string' || def.type === 'enum' ? ` <${def.valueHint ?? 'value'}>` : '';
  return [...short, `--${name}${value}`].join(', ');
}

function describe(def: ArgDef): string {
  const choices =
    def.type === 'enum' && def.options !== undefined ? ` One of: ${def.options.join(', ')}.` : '';
  const fallback = def.default === undefined ? '' : ` Default: ${def.default}.`;
  return `${def.description ?? ''}${choices}${fallback}`;
}

function table(title: string, rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  const width = Math.max(...rows.map(({ left }) => left.length));
  return [`\n${title}:`, ...rows.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`)];
}

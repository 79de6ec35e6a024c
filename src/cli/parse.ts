import { stripVTControlCharacters } from 'node:util';
import { type ArgDef, type ArgsDef, type ParsedArgs, parseArgs } from 'citty';
import { nearestName } from '../http/index.js';
import { COMMON_ARGS, type Command } from './command.js';
import { UsageError } from './failure.js';

/** The words of a command line, read. */
export interface Parsed {
  readonly args: ParsedArgs;
  readonly words: readonly string[];
  readonly program: readonly string[];
  readonly isJson: boolean;
}

/**
 * Reads what stands behind the name of a command. The parser is lenient; here everything is refused that nobody would read.
 *
 * @throws UsageError
 */
export function parse(command: Command, given: readonly string[]): Parsed {
  const end = given.indexOf('--');
  const own = end < 0 ? given : given.slice(0, end);
  const behind = end < 0 ? [] : given.slice(end + 1);
  // A program of its own; else words that are no options, whatever they look like.
  const isProgram = command.program !== undefined;
  if (behind.length > 0 && !isProgram && command.furtherWords === undefined) {
    throw new UsageError('Nothing may stand behind "--" here.');
  }
  const defs: ArgsDef = { ...command.args, ...COMMON_ARGS };
  const args = read(defs, own);
  refuseUnknown(args, defs);
  for (const [name, def] of Object.entries(defs)) checkValue(name, def, args[name]);
  const named = Object.values(defs).filter(({ type }) => type === 'positional').length;
  const words = [...args._.slice(named), ...(isProgram ? [] : behind)];
  if (words.length > 0 && command.furtherWords === undefined) {
    throw new UsageError(`"${words[0]}" is one word too many.`);
  }
  return { args, words, program: isProgram ? behind : [], isJson: args.json === true };
}

function read(defs: ArgsDef, words: readonly string[]): ParsedArgs {
  try {
    return parseArgs([...words], defs);
  } catch (error) {
    // The parser colours names, terminal or not.
    const text = stripVTControlCharacters(error instanceof Error ? error.message : String(error));
    const missing = /^Missing required (?:positional )?argument: (.+)$/.exec(text)?.[1];
    if (missing === undefined) throw new UsageError(`${text.replace(/\.$/, '')}.`);
    throw new UsageError(`${missing.startsWith('-') ? missing : `<${missing.toLowerCase()}>`} is missing.`);
  }
}

function refuseUnknown(args: ParsedArgs, defs: ArgsDef): void {
  const known = Object.entries(defs).flatMap(([name, def]) => [name, ...aliasesOf(def)]);
  const plain = new Set(known.map(withoutCase));
  const unknown = Object.keys(args).find((name) => name !== '_' && !plain.has(withoutCase(name)));
  if (unknown === undefined) return;
  const nearest = nearestName(
    unknown,
    known.filter((name) => name.length > 1 && defs[name]?.type !== 'positional'),
  );
  const advice = nearest === undefined ? '' : ` Did you mean --${nearest}?`;
  throw new UsageError(`There is no option ${unknown.length > 1 ? '--' : '-'}${unknown}.${advice}`);
}

function checkValue(name: string, def: ArgDef, value: unknown): void {
  // A value that looks like an option is one that was forgotten.
  if (def.type === 'string' && (value === '' || (typeof value === 'string' && value.startsWith('--')))) {
    throw new UsageError(`--${name} needs a value.`);
  }
}

function aliasesOf(def: ArgDef): readonly string[] {
  const alias = 'alias' in def ? def.alias : undefined;
  return alias === undefined ? [] : [alias].flat();
}

/** The parser gives every option in camel case as well. */
function withoutCase(name: string): string {
  return name.replaceAll('-', '').toLowerCase();
}

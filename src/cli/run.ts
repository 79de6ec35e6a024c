import { nearestName } from '../http/index.js';
import { VERSION } from '../version.js';
import type { Command } from './command.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { Failure, UsageError, type Verdict, verdictOn } from './failure.js';
import { foreign } from './foreign.js';
import { helpOf, overview, usageOf } from './help.js';
import { Output } from './output.js';
import { parse } from './parse.js';
import { COMMANDS } from './table.js';

/** Runs one command line, and says how it ended. Never throws. */
export async function run(words: readonly string[]): Promise<ExitCode> {
  const out = outputFor(words);
  const [name, ...rest] = words;
  let command: Command | undefined;
  try {
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      return await help(rest[0], name === undefined, out);
    }
    if (name === '--version' || name === '-v') {
      out.data({ version: VERSION }, VERSION);
      return EXIT.ok;
    }
    command = commandOf(name);
    if (asksForHelp(rest)) return await help(name, false, out);
    const { args, words: further, program } = parse(command, rest);
    return (await command.run({ args, words: further, program, out, commands: COMMANDS })) ?? EXIT.ok;
  } catch (error) {
    const verdict = verdictOn(error);
    tell(verdict, command, out);
    return verdict.exitCode;
  }
}

/** Tells that what a command says cannot be written, such as into a file on a full disk. */
export function tellOfOutput(words: readonly string[], { code }: NodeJS.ErrnoException): ExitCode {
  const verdict = verdictOn(new Failure(`The output cannot be written (${code}).`));
  tell(verdict, undefined, outputFor(words));
  return verdict.exitCode;
}

/** Before anything is understood, so that a misunderstanding is told as was asked for. */
function outputFor(words: readonly string[]): Output {
  const end = words.indexOf('--');
  const isJson = words.slice(0, end < 0 ? undefined : end).includes('--json');
  return new Output(isJson, process.stdout, process.stderr, process.env);
}

function commandOf(name: string): Command {
  const command = COMMANDS.find((each) => each.name === name);
  if (command !== undefined) return command;
  const nearest = nearestName(
    name,
    COMMANDS.map((each) => each.name),
  );
  throw new UsageError(
    `There is no command "${name}".${nearest === undefined ? '' : ` Did you mean "${nearest}"?`}`,
  );
}

async function help(name: string | undefined, isMissing: boolean, out: Output): Promise<ExitCode> {
  if (isMissing) {
    out.say(overview(COMMANDS, VERSION));
    return EXIT.usage;
  }
  const command = name === undefined || name.startsWith('-') ? undefined : commandOf(name);
  const text = command === undefined ? overview(COMMANDS, VERSION) : helpOf(command);
  out.data({ help: text }, text);
  return EXIT.ok;
}

function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words.slice(0, end < 0 ? undefined : end).some((word) => word === '--help' || word === '-h');
}

/** An error is talk, also with `--json`: then it is one line of JSON on stderr. */
function tell(
  { message, code, exitCode, showsUsage }: Verdict,
  command: Command | undefined,
  out: Output,
): void {
  if (out.isJson) {
    out.say(JSON.stringify({ error: { code, message, exitCode } }));
    return;
  }
  out.say(`${out.talk.red('error:')} ${foreign(message)}`);
  if (!showsUsage) return;
  out.say(
    command === undefined
      ? 'usage: agentchat <command> [options]; agentchat --help lists the commands'
      : `usage: ${usageOf(command)}`,
  );
}

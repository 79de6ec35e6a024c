import type { ArgDef, ArgsDef, ParsedArgs } from 'citty';
import type { ExitCode } from './exit-code.js';
import type { Output } from './output.js';

/** What a command is called with. */
export interface Call<Args extends ArgsDef = ArgsDef> {
  readonly args: ParsedArgs<Args>;
  /** Further words, behind those that have names. Only of commands with `furtherWords`. */
  readonly words: readonly string[];
  /** What stood behind `--`: a command line of its own. Only of commands with `program`. */
  readonly program: readonly string[];
  readonly out: Output;
  /** All there are, for the commands that tell of others. */
  readonly commands: readonly Command[];
}

/** One thing that the command line can do: what is needed to run it, to explain it, and to complete it. */
export interface CommandSpec<Args extends ArgsDef = ArgsDef> {
  readonly name: string;
  /** One line, in the list of all commands. */
  readonly summary: string;
  /** What else is to know: paragraphs. */
  readonly about: readonly string[];
  readonly args: Args;
  /** How the further words are called in usage, such as `<name=rate>...`, and what they are. Default: there may be none. */
  readonly furtherWords?: { readonly usage: string; readonly does: string };
  /** What stands behind `--`. Default: nothing may. */
  readonly program?: { readonly usage: string; readonly does: string };
  readonly examples: readonly { readonly run: string; readonly does: string }[];
  /** Loads what it needs when it is called: `--help` and completion load all specs and nothing else. */
  run(call: Call<Args>): Promise<ExitCode | undefined>;
}

/** A command of the table, whatever its arguments. */
export type Command = CommandSpec;

/** Checks a spec against the types of its own arguments. */
export function defineCommand<const Args extends ArgsDef>(spec: CommandSpec<Args>): Command {
  // What the parser gives follows `args`, so each command gets the arguments that it was written for.
  return spec as unknown as Command;
}

/** Options that every command has. */
export const COMMON_ARGS = {
  json: { type: 'boolean', description: 'Data as JSON, one value a line.' },
  help: { type: 'boolean', alias: 'h', description: 'This help.' },
} as const satisfies ArgsDef;

/** Which local service, for the commands that look for it. */
export const LOCAL_PORT = {
  type: 'string',
  valueHint: 'port',
  description: 'The port of the local service, when several run.',
} as const satisfies ArgDef;

/** Options of the commands that talk to the service. */
export const SERVICE_ARGS = {
  as: {
    type: 'string',
    valueHint: 'handle',
    description: 'An agent of the local service that `agentchat dev` runs.',
  },
  'base-url': {
    type: 'string',
    valueHint: 'url',
    description: 'Where the service is. Default: AGENTCHAT_BASE_URL, then what the credentials file says.',
  },
  port: LOCAL_PORT,
} as const satisfies ArgsDef;

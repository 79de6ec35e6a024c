export interface SoakOptions {
  /** How long messages are sent. */
  minutes: number;
  /** What the messages, the cuts and the faults are drawn from. */
  readonly seed: number;
  /** Messages a second, in all conversations together. */
  readonly rate: number;
  readonly conversations: number;
}

export type ParsedOptions =
  | { readonly kind: 'run'; readonly options: SoakOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problem: string };

interface Range {
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
}

const DEFAULTS: SoakOptions = { minutes: 8, seed: 1, rate: 200, conversations: 2_000 };

const RANGES: Readonly<Record<keyof SoakOptions, Range>> = {
  // Below six seconds there is no cut, and nothing to compare.
  minutes: { min: 0.1, max: 1_440, whole: false },
  seed: { min: 0, max: 2 ** 32 - 1, whole: true },
  rate: { min: 1, max: 2_000, whole: true },
  conversations: { min: 1, max: 20_000, whole: true },
};

export const USAGE =
  'usage: npm run soak -- [--minutes N] [--seed N] [--rate N] [--conversations N] [--help]';

export const HELP = `${USAGE}

A bot with default options in one process, the service in another, real sockets between them. The service cuts the
socket every five seconds, loses 1 % of the frames and fails 5 % of the REST calls.

  --minutes N         how long messages are sent (${range('minutes')}; ${DEFAULTS.minutes})
  --seed N            what is drawn: who writes, how a socket is cut, what fails (${range('seed')}; ${DEFAULTS.seed})
  --rate N            messages a second (${range('rate')}; ${DEFAULTS.rate})
  --conversations N   how many conversations they are spread over (${range('conversations')}; ${DEFAULTS.conversations})

Exits with 0 when every promise was kept, with 1 when not (it names the promise), with 2 for a bad option, with 130 when it was
interrupted.`;

/** Reads `--name value` and `--name=value`; never throws. */
export function parseOptions(args: readonly string[]): ParsedOptions {
  const options = { ...DEFAULTS };
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--help' || arg === '-h') return { kind: 'help' };
    if (!arg.startsWith('--')) return wrong(`"${arg}" is not an option`);
    const [, name = '', inline] = /^--([^=]*)(?:=(.*))?$/.exec(arg) ?? [];
    if (!isName(name)) return wrong(`there is no option --${name}`);
    const value = inline ?? rest.shift();
    if (value === undefined || value === '') return wrong(`--${name} needs a value`);
    const number = Number(value);
    const { min, max, whole } = RANGES[name];
    const isNumber = (whole ? /^\d+$/ : /^\d+(\.\d+)?$/).test(value);
    if (!isNumber || number < min || number > max) {
      return wrong(`--${name} takes a ${whole ? 'whole ' : ''}number from ${range(name)}, not "${value}"`);
    }
    options[name] = number;
  }
  return { kind: 'run', options };
}

function range(name: keyof SoakOptions): string {
  const { min, max } = RANGES[name];
  return `${min} to ${max}`;
}

function wrong(problem: string): ParsedOptions {
  return { kind: 'wrong', problem };
}

function isName(name: string): name is keyof SoakOptions {
  return Object.hasOwn(DEFAULTS, name);
}

/** Which faults strike during the run; the plans are in faults.ts. */
export type FaultLevel = 'off' | 'mild' | 'harsh';

/** What the bot runs on: this client, the official SDK (installed only when asked for), or the bot kit of this package. */
export type ClientName = 'agentchat-client' | 'agentchatme' | 'bot';

export interface DemoOptions {
  conversations: number;
  messages: number;
  seed: number;
  faults: FaultLevel;
  client: ClientName;
}

export type ParsedOptions =
  | { kind: 'run'; options: DemoOptions }
  | { kind: 'help' }
  | { kind: 'wrong'; problem: string };

const DEFAULTS: DemoOptions = {
  conversations: 20,
  messages: 2_000,
  seed: 1,
  faults: 'mild',
  client: 'agentchat-client',
};

export const USAGE =
  'usage: npm start -- [--conversations N] [--messages N] [--seed N] [--faults off|mild|harsh] ' +
  '[--client agentchat-client|agentchatme|bot] [--bot] [--help]';

export const HELP = `${USAGE}

Runs an always-on bot against a local AgentChat server that misbehaves on purpose, and counts what came of it.

  --conversations N   how many agents write to the bot, each in a conversation of its own (1 to 500; ${DEFAULTS.conversations})
  --messages N        how many messages they write in all (1 to 100000; ${DEFAULTS.messages})
  --seed N            which faults strike which frames (0 to 4294967295; ${DEFAULTS.seed})
  --faults LEVEL      off, mild or harsh; harsh includes half-open connections (${DEFAULTS.faults})
  --client NAME       the client that the bot runs on: agentchat-client (this package), or agentchatme (the official
                      SDK 1.0.2212, downloaded into node_modules/.cache when asked for), or bot
  --bot               the same as --client bot: a bot made with createBot of this package

Exits with 0 when every message was handled and answered once and in order, with 1 when not, with 2 for a bad option.`;

const RANGES = {
  conversations: { min: 1, max: 500 },
  messages: { min: 1, max: 100_000 },
  seed: { min: 0, max: 2 ** 32 - 1 },
};

const CHOICES = {
  faults: ['off', 'mild', 'harsh'],
  client: ['agentchat-client', 'agentchatme', 'bot'],
} as const;

/** Reads `--name value` and `--name=value`; never throws. */
export function parseOptions(args: readonly string[]): ParsedOptions {
  const options: DemoOptions = { ...DEFAULTS };
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--help' || arg === '-h') return { kind: 'help' };
    if (arg === '--bot') {
      options.client = 'bot';
      continue;
    }
    if (!arg.startsWith('--')) return wrong(`"${arg}" is not an option`);
    const equals = arg.indexOf('=');
    const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
    if (!isName(name)) return wrong(`there is no option --${name}`);
    const value = equals < 0 ? rest.shift() : arg.slice(equals + 1);
    if (value === undefined || value === '') return wrong(`--${name} needs a value`);
    const problem =
      name === 'faults' || name === 'client' ? choose(options, name, value) : count(options, name, value);
    if (problem !== undefined) return wrong(problem);
  }
  return { kind: 'run', options };
}

const wrong = (problem: string): ParsedOptions => ({ kind: 'wrong', problem });

function isName(name: string): name is keyof DemoOptions {
  return Object.hasOwn(DEFAULTS, name);
}

function count(options: DemoOptions, name: keyof typeof RANGES, value: string): string | undefined {
  const { min, max } = RANGES[name];
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < min || number > max) {
    return `--${name} takes a whole number from ${min} to ${max}, not "${value}"`;
  }
  options[name] = number;
  return undefined;
}

function choose(options: DemoOptions, name: keyof typeof CHOICES, value: string): string | undefined {
  const level = CHOICES.faults.find((choice) => choice === value);
  const client = CHOICES.client.find((choice) => choice === value);
  if (name === 'faults' && level !== undefined) options.faults = level;
  else if (name === 'client' && client !== undefined) options.client = client;
  else return `--${name} is one of ${CHOICES[name].join(', ')}, not "${value}"`;
  return undefined;
}

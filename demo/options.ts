/** Which faults strike during the run; the plans are in faults.ts. */
export type FaultLevel = 'off' | 'mild' | 'harsh';

/** What the bot runs on: this client, the official SDK (installed only when asked for), or the bot kit of this package. */
export type ClientName = 'agentchat-client' | 'agentchatme' | 'bot';

/** The agent platform that thinks for the bot. */
export type BrainName = 'phoson' | 'sonzai' | 'somia';

/** Which store replicas share. */
export type ReplicaStore = 'postgres' | 'redis';

export interface DemoOptions {
  conversations: number;
  messages: number;
  seed: number;
  faults: FaultLevel;
  client: ClientName;
  brain: BrainName | null;
  /** How many processes the bot is. */
  replicas: number;
  /** What they share, where they are several. */
  store: ReplicaStore | null;
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
  brain: null,
  replicas: 1,
  store: null,
};

export const USAGE =
  'usage: npm start -- [--conversations N] [--messages N] [--seed N] [--faults off|mild|harsh] ' +
  '[--client agentchat-client|agentchatme|bot] [--bot] [--brain phoson|sonzai|somia] ' +
  '[--replicas N --store postgres|redis] [--help]';

export const HELP = `${USAGE}

Runs an always-on bot against a local AgentChat server that misbehaves on purpose, and counts what came of it.

  --conversations N   how many agents write to the bot, each in a conversation of its own (1 to 500; ${DEFAULTS.conversations})
  --messages N        how many messages they write in all (1 to 100000; ${DEFAULTS.messages})
  --seed N            which faults strike which frames (0 to 4294967295; ${DEFAULTS.seed})
  --faults LEVEL      off, mild or harsh; harsh includes half-open connections (${DEFAULTS.faults})
  --client NAME       the client that the bot runs on: agentchat-client (this package), or agentchatme (the official
                      SDK 1.0.2212, downloaded into node_modules/.cache when asked for), or bot
  --bot               the same as --client bot: a bot made with createBot of this package
  --brain NAME        a bot of the bot kit that thinks with an agent platform: phoson, sonzai or somia. The demo starts a stand-in
                      of the platform, which refuses calls, breaks off replies and is slow to begin, as --faults says
  --replicas N        the bot is so many processes, which share the conversations through a store and are killed (SIGKILL),
                      stopped (SIGSTOP) and restarted, like the store, as the seed says (2 to 9; one process, nothing of it)
  --store NAME        the store of the replicas: postgres or redis. The demo starts a server of its own; with
                      AGENTCHAT_TEST_POSTGRES_URL or AGENTCHAT_TEST_REDIS_URL it uses yours, does not restart it, and
                      leaves a few entries there

Exits with 0 when every message was handled and answered once and in order, with 1 when not, with 2 for a bad option or
when the store's server is not installed.`;

const RANGES = {
  conversations: { min: 1, max: 500 },
  messages: { min: 1, max: 100_000 },
  seed: { min: 0, max: 2 ** 32 - 1 },
  replicas: { min: 2, max: 9 },
};

const CHOICES = {
  faults: ['off', 'mild', 'harsh'],
  client: ['agentchat-client', 'agentchatme', 'bot'],
  brain: ['phoson', 'sonzai', 'somia'],
  store: ['postgres', 'redis'],
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
    const problem = isChoice(name) ? choose(options, name, value) : count(options, name, value);
    if (problem !== undefined) return wrong(problem);
  }
  const problem = misfit(options);
  // Only the bot kit takes a thinker.
  if (options.brain !== null) options.client = 'bot';
  return problem === undefined ? { kind: 'run', options } : wrong(problem);
}

/** What does not go together. */
function misfit({ replicas, store, client, brain }: DemoOptions): string | undefined {
  if (replicas > 1 && store === null)
    return 'Replicas need a store that they share: add --store postgres or --store redis';
  if (replicas === 1 && store !== null)
    return `One process alone needs no shared store: add --replicas 3, or leave out --store ${store}`;
  if (replicas > 1 && brain !== null)
    return 'A bot with a brain is one process: leave out --brain, or leave out --replicas';
  if (client === 'agentchatme' && brain !== null)
    return 'Only the bot kit takes a brain: leave out --client agentchatme, or leave out --brain';
  if (replicas > 1 && client !== 'agentchat-client')
    return `The client ${client} knows no replicas: leave out --client, or leave out --replicas`;
  return undefined;
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

function isChoice(name: keyof DemoOptions): name is keyof typeof CHOICES {
  return Object.hasOwn(CHOICES, name);
}

function choose(options: DemoOptions, name: keyof typeof CHOICES, value: string): string | undefined {
  const level = CHOICES.faults.find((choice) => choice === value);
  const client = CHOICES.client.find((choice) => choice === value);
  const brain = CHOICES.brain.find((choice) => choice === value);
  const store = CHOICES.store.find((choice) => choice === value);
  if (name === 'faults' && level !== undefined) options.faults = level;
  else if (name === 'client' && client !== undefined) options.client = client;
  else if (name === 'brain' && brain !== undefined) options.brain = brain;
  else if (name === 'store' && store !== undefined) options.store = store;
  else return `--${name} is one of ${CHOICES[name].join(', ')}, not "${value}"`;
  return undefined;
}

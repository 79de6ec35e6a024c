import { HELLO_DEADLINE_MS, SERVER_PING_INTERVAL_MS, SERVER_PONG_DEADLINE_MS } from '../wire/index.js';
import {
  badOption,
  callback,
  checkNames,
  flag,
  LONGEST_DELAY_MS,
  numberWithin,
  oneOf,
  text,
} from './check.js';
import { type FaultSettings, readSettings } from './faults/settings.js';
import { checkQuirks, type QuirkOptions, type Quirks } from './quirks.js';
import { checkSeeds, type SeedAgent } from './seeds.js';

/** How a local server is started. */
export interface LocalServerOptions {
  /** The TCP port on 127.0.0.1; 0 (default) takes a free one. A restart comes back on the same port. */
  port?: number | undefined;
  /**
   * A folder in which the server keeps everything, made if it is not there; default: everything is forgotten when the server
   * is closed. What was answered has reached the disk, and survives `kill -9`. Needs the package `lmdb`.
   */
  dataDir?: string | undefined;
  /** A file that `exportTo` has written: the server begins with what is in it. A data folder must be empty then. */
  importFrom?: string | undefined;
  /**
   * Agents that are to be there: handles, or more about them. With a data folder they are created once, and have the same
   * keys at every start; `server.seeded` has the keys.
   *
   * @example agents: ['alice', { handle: 'bob', apiKey: 'ac_live_for_my_tests' }]
   */
  agents?: readonly (string | SeedAgent)[] | undefined;
  /**
   * `'off'` (default): write to whom you like, as fast as you like. `'documented'`: the limits that the service
   * documents, such as one cold message until it is answered, 60 messages a second, 5 registrations an hour; and 15 blocks in
   * a day restrict an agent.
   */
  limits?: 'off' | 'documented' | undefined;
  /** Determines what the faults strike, and with `ids: 'seeded'` every id; default 1. */
  seed?: number | undefined;
  /**
   * `'random'` (default): ids, keys, secrets and codes are different in each run. `'seeded'`: they follow from the seed, so that
   * two runs that do the same have the same. With a data folder they also follow from how often it was opened. Never show such
   * a server to a bot whose store has seen another run: it would take new messages for old ones.
   */
  ids?: 'random' | 'seeded' | undefined;
  /** Whether delivery acknowledgements are offered; default true. False behaves like a server from before them. */
  ackMode?: boolean | undefined;
  /** Whether an agent's own messages are pushed to its own sockets as well; default false. */
  echoOwnMessages?: boolean | undefined;
  /** Which of several sockets of an agent get a message: `'all'` (default), or `'one'`, each in turn. */
  pushTo?: 'all' | 'one' | undefined;
  /** Where the documentation leaves something open: how it is done here. */
  quirks?: QuirkOptions | undefined;
  /** How often sockets are pinged, in milliseconds; default 45,000. */
  heartbeatIntervalMs?: number | undefined;
  /** How long a pong may take before the socket is closed with 1001, in milliseconds; default 30,000. */
  heartbeatTimeoutMs?: number | undefined;
  /** How long a new socket may take to say hello before it is closed with 1008, in milliseconds; default 5,000. */
  helloDeadlineMs?: number | undefined;
  /**
   * How long before each attempt to deliver a webhook, in milliseconds; as many attempts as numbers. Default: at once, then
   * after 5 s, 30 s, 5 min and 30 min.
   */
  webhookScheduleMs?: readonly number[] | undefined;
  /** How long the receiver of a webhook may take to answer, in milliseconds; default 10,000. */
  webhookTimeoutMs?: number | undefined;
  /** Faults that are on from the start; see `faults.set`. */
  faults?: FaultSettings | undefined;
  /** Gets one line per request and socket, and the one-time codes. API keys are in none of them. */
  log?: ((line: string) => void) | undefined;
  /** The time in milliseconds since 1970, for timestamps, expiry and limits; default `Date.now`. */
  now?: (() => number) | undefined;
}

/** The options with every default filled in. */
export interface CheckedOptions {
  readonly port: number;
  readonly dataDir: string | undefined;
  readonly importFrom: string | undefined;
  readonly agents: readonly SeedAgent[];
  readonly limits: 'off' | 'documented';
  readonly seed: number;
  readonly ids: 'random' | 'seeded';
  readonly ackMode: boolean;
  readonly echoOwnMessages: boolean;
  readonly pushTo: 'all' | 'one';
  readonly quirks: Quirks;
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly helloDeadlineMs: number;
  readonly webhookScheduleMs: readonly number[];
  readonly webhookTimeoutMs: number;
  readonly faults: FaultSettings;
  readonly log: ((line: string) => void) | undefined;
  readonly now: () => number;
}

const NAMES = [
  'port',
  'dataDir',
  'importFrom',
  'agents',
  'limits',
  'seed',
  'ids',
  'ackMode',
  'echoOwnMessages',
  'pushTo',
  'quirks',
  'heartbeatIntervalMs',
  'heartbeatTimeoutMs',
  'helloDeadlineMs',
  'webhookScheduleMs',
  'webhookTimeoutMs',
  'faults',
  'log',
  'now',
] as const satisfies (keyof LocalServerOptions)[];

/** @throws ValidationError that names the option. */
export function checkOptions(options: LocalServerOptions): CheckedOptions {
  const given = checkNames(options, NAMES, 'startLocalServer');
  const delay = { from: 1, to: LONGEST_DELAY_MS };
  if (options.faults !== undefined) readSettings(options.faults);
  return {
    port: numberWithin(given.port, 'port', { from: 0, to: 65_535, whole: true }, 0),
    dataDir: path(given.dataDir, 'dataDir'),
    importFrom: path(given.importFrom, 'importFrom'),
    agents: checkSeeds(given.agents),
    limits: oneOf(given.limits, 'limits', ['off', 'documented']) ?? 'off',
    seed: numberWithin(given.seed, 'seed', { from: 0, to: Number.MAX_SAFE_INTEGER, whole: true }, 1),
    ids: oneOf(given.ids, 'ids', ['random', 'seeded']) ?? 'random',
    ackMode: flag(given.ackMode, 'ackMode', true),
    echoOwnMessages: flag(given.echoOwnMessages, 'echoOwnMessages', false),
    pushTo: oneOf(given.pushTo, 'pushTo', ['all', 'one']) ?? 'all',
    quirks: checkQuirks(given.quirks),
    heartbeatIntervalMs: numberWithin(
      given.heartbeatIntervalMs,
      'heartbeatIntervalMs',
      delay,
      SERVER_PING_INTERVAL_MS,
    ),
    heartbeatTimeoutMs: numberWithin(
      given.heartbeatTimeoutMs,
      'heartbeatTimeoutMs',
      delay,
      SERVER_PONG_DEADLINE_MS,
    ),
    helloDeadlineMs: numberWithin(given.helloDeadlineMs, 'helloDeadlineMs', delay, HELLO_DEADLINE_MS),
    webhookScheduleMs: schedule(given.webhookScheduleMs),
    webhookTimeoutMs: numberWithin(given.webhookTimeoutMs, 'webhookTimeoutMs', delay, 10_000),
    faults: options.faults ?? {},
    log: quiet(callback(options.log, 'log')),
    now: callback(options.now, 'now') ?? Date.now,
  };
}

/** @throws ValidationError unless it is a path. */
export function checkPath(value: unknown): string {
  const given = path(value, 'path');
  if (given === undefined) throw badOption('path', 'must be a path');
  return given;
}

function path(value: unknown, name: string): string | undefined {
  const given = text(value, name);
  if (given === '') throw badOption(name, 'must not be empty');
  return given;
}

/** What the service's documentation leaves open, as receivers of other services know it. */
const WEBHOOK_SCHEDULE_MS = [0, 5_000, 30_000, 300_000, 1_800_000];

function schedule(value: unknown): readonly number[] {
  if (value === undefined) return WEBHOOK_SCHEDULE_MS;
  if (!Array.isArray(value) || value.length === 0) {
    throw badOption('webhookScheduleMs', 'must be a list of milliseconds, one for each attempt');
  }
  return value.map((each) => numberWithin(each, 'webhookScheduleMs', { from: 0, to: LONGEST_DELAY_MS }, 0));
}

/** A log that throws must not take a request or a socket down with it. */
function quiet(log: ((line: string) => void) | undefined): ((line: string) => void) | undefined {
  if (log === undefined) return undefined;
  return (line) => {
    try {
      log(line);
    } catch {
      // Whoever writes the log has to look after it.
    }
  };
}

import { type EndpointKey, endpoints, normalizeHandle } from '../../wire/index.js';
import {
  badOption,
  callback,
  checkNames,
  LONGEST_DELAY_MS,
  numberWithin,
  oneOf,
  text,
  type Unchecked,
} from '../check.js';
import {
  DEFAULT_PARAMETERS,
  type FaultKind,
  type FaultParameters,
  FRAME_FAULTS,
  type FrameFaultKind,
  isFrameFault,
  isRestFault,
  type Moment,
  REST_FAULTS,
  type RestFaultKind,
} from './kinds.js';
import type { CountedFault, RatedFault } from './plan.js';

/** How often a fault strikes, and whom. */
export interface FaultRate {
  /** The share of frames or calls that it strikes, from 0 to 1. */
  rate: number;
  /** Strike this agent only. */
  only?: string | undefined;
}

/** How often a REST fault strikes, and where. */
export interface RestFaultRate extends FaultRate {
  /** Strike this endpoint only, by its name in the endpoint table, such as `sync`. */
  endpoint?: EndpointKey | undefined;
}

/**
 * Faults that strike by chance. A bare number is a rate. What is left out stays as it was; 0 switches a fault off.
 *
 * Frame faults strike events only (`message.new` and the others), never `hello.ok`. One frame or call suffers at most one
 * fault; they are drawn in the order half-open, cut, drop, duplicate, reorder, delay, and rate limit, unavailable, cut,
 * stall.
 */
export interface FaultSettings {
  /** The agent that the faults of this call strike, where they do not say otherwise themselves. */
  only?: string | undefined;
  /** The frame never arrives. In legacy mode its message counts as delivered all the same. */
  dropFrames?: number | FaultRate | undefined;
  /** The frame arrives twice. */
  duplicateFrames?: number | FaultRate | undefined;
  /** The frame is held back until 1 to 3 further frames have gone, or 30 ms have passed. */
  reorderFrames?: number | FaultRate | undefined;
  /** The frame arrives between `minMs` (default 5) and `maxMs` (default 50) late; later frames overtake it. */
  delayFrames?: number | (FaultRate & { minMs?: number | undefined; maxMs?: number | undefined }) | undefined;
  /**
   * The socket is destroyed instead of writing the frame. In legacy mode the message counts as delivered in half of the
   * cases: those in which the frame was lost on the way rather than never written.
   */
  cutConnections?: number | (FaultRate & { when?: Moment | undefined }) | undefined;
  /**
   * From this frame on the connection is silent in both directions, and stays open. In legacy mode the server goes on
   * writing into it, and counts what it writes as delivered, until its heartbeat notices.
   */
  halfOpen?: number | FaultRate | undefined;
  /** 503; in half of the cases (or as `when` says) after the request was carried out. */
  restUnavailable?: number | (RestFaultRate & { when?: Moment | undefined }) | undefined;
  /** The headers, or the second half of the body, come `ms` (default 1,000) late. The request is carried out at once. */
  restStall?:
    | number
    | (RestFaultRate & { ms?: number | undefined; part?: 'headers' | 'body' | undefined })
    | undefined;
  /** 429 with `Retry-After` (default 1 second); nothing is carried out. */
  restRateLimit?: number | (RestFaultRate & { retryAfterSeconds?: number | undefined }) | undefined;
  /** The connection is destroyed instead of an answer; in half of the cases after the request was carried out. */
  restCut?: number | (RestFaultRate & { when?: Moment | undefined }) | undefined;
}

/** Which frames a counted fault strikes. */
export interface NextFrames {
  /** How many frames it strikes; default 1. */
  count?: number | undefined;
  /** How many frames that fit it lets pass first; default 0. */
  skip?: number | undefined;
  /** Strike this agent's frames only. */
  handle?: string | undefined;
  /** Strike only the frames of which this is true. One that throws fits nothing. */
  match?: ((frame: FaultyFrame) => boolean) | undefined;
  /** See {@link FaultSettings.delayFrames}. */
  minMs?: number | undefined;
  maxMs?: number | undefined;
  /** See {@link FaultSettings.cutConnections}. */
  when?: Moment | undefined;
}

/** Which calls a counted fault strikes. */
export interface NextCalls {
  /** How many calls it strikes; default 1. */
  count?: number | undefined;
  /** How many calls that fit it lets pass first; default 0. */
  skip?: number | undefined;
  /** Strike this agent's calls only. */
  handle?: string | undefined;
  /** Strike this endpoint only. */
  endpoint?: EndpointKey | undefined;
  when?: Moment | undefined;
  ms?: number | undefined;
  part?: 'headers' | 'body' | undefined;
  retryAfterSeconds?: number | undefined;
}

/** An event frame, as `match` gets to see it. */
export interface FaultyFrame {
  readonly type: string;
  readonly payload: { readonly [field: string]: unknown };
}

const ALL_FAULTS: readonly FaultKind[] = [...FRAME_FAULTS, ...REST_FAULTS];
const LONGEST_HINT_SECONDS = 86_400;

/** The parameters that each kind has beside its rate. */
const PARAMETERS: Readonly<Record<FaultKind, readonly (keyof FaultParameters)[]>> = {
  dropFrames: [],
  duplicateFrames: [],
  reorderFrames: [],
  delayFrames: ['minMs', 'maxMs'],
  cutConnections: ['when'],
  halfOpen: [],
  restUnavailable: ['when'],
  restStall: ['ms', 'part'],
  restRateLimit: ['retryAfterSeconds'],
  restCut: ['when'],
};

/** Reads what a caller wants to strike by chance. All of it is checked before any of it holds. */
export function readSettings(settings: unknown): [FaultKind, RatedFault][] {
  const given = checkNames(settings, ['only', ...ALL_FAULTS], 'faults');
  const only = handleOf(given.only, 'only');
  return ALL_FAULTS.filter((kind) => given[kind] !== undefined).map((kind) => [
    kind,
    readRate(kind, given[kind], only),
  ]);
}

/** Reads what a caller wants to strike a number of times. */
export function readNext(kind: unknown, options: unknown): CountedFault {
  const known = ALL_FAULTS.find((each) => each === kind);
  if (known === undefined) throw badOption('kind', `must be one of ${ALL_FAULTS.join(', ')}`);
  const scope = isRestFault(known) ? 'endpoint' : 'match';
  const given = checkNames(options, ['count', 'skip', 'handle', scope, ...PARAMETERS[known]], known);
  const upTo = { to: Number.MAX_SAFE_INTEGER, whole: true };
  return {
    kind: known,
    count: numberWithin(given.count, 'count', { from: 1, ...upTo }, 1),
    skip: numberWithin(given.skip, 'skip', { from: 0, ...upTo }, 0),
    handle: handleOf(given.handle, 'handle'),
    endpoint: endpointOf(given.endpoint),
    match: callback(given.match as CountedFault['match'], 'match'),
    parameters: readParameters(given),
  };
}

function readRate(kind: FaultKind, setting: unknown, only: string | undefined): RatedFault {
  const scope = isFrameFault(kind) ? [] : ['endpoint'];
  const given: Unchecked =
    typeof setting === 'object'
      ? checkNames(setting, ['rate', 'only', ...scope, ...PARAMETERS[kind]], kind)
      : { rate: setting };
  if (given.rate === undefined) throw badOption(`${kind}.rate`, 'must be a number from 0 to 1');
  const name = typeof setting === 'object' ? `${kind}.rate` : kind;
  return {
    rate: numberWithin(given.rate, name, { from: 0, to: 1 }, 0),
    only: handleOf(given.only, `${kind}.only`) ?? only,
    endpoint: endpointOf(given.endpoint),
    parameters: readParameters(given),
  };
}

function readParameters(given: Unchecked): FaultParameters {
  const delay = { from: 0, to: LONGEST_DELAY_MS };
  const minMs = numberWithin(given.minMs, 'minMs', delay, DEFAULT_PARAMETERS.minMs);
  const maxMs = numberWithin(given.maxMs, 'maxMs', delay, Math.max(minMs, DEFAULT_PARAMETERS.maxMs));
  if (minMs > maxMs && given.minMs !== undefined)
    throw badOption('minMs', `must not be above maxMs (${maxMs})`);
  return {
    minMs: Math.min(minMs, maxMs),
    maxMs,
    ms: numberWithin(given.ms, 'ms', delay, DEFAULT_PARAMETERS.ms),
    retryAfterSeconds: numberWithin(
      given.retryAfterSeconds,
      'retryAfterSeconds',
      { from: 0, to: LONGEST_HINT_SECONDS },
      DEFAULT_PARAMETERS.retryAfterSeconds,
    ),
    when: oneOf(given.when, 'when', ['before', 'after']),
    part: oneOf(given.part, 'part', ['headers', 'body']),
  };
}

function handleOf(value: unknown, name: string): string | undefined {
  const handle = text(value, name);
  return handle === undefined ? undefined : normalizeHandle(handle);
}

function endpointOf(value: unknown): EndpointKey | undefined {
  const name = text(value, 'endpoint');
  if (name === undefined) return undefined;
  if (!Object.hasOwn(endpoints, name)) throw badOption('endpoint', 'must be a name in the endpoint table');
  return name as EndpointKey;
}

/** The options of `next` for one kind of fault. */
export type NextOptions<Kind extends FaultKind> = Kind extends FrameFaultKind
  ? NextFrames
  : Kind extends RestFaultKind
    ? NextCalls
    : never;

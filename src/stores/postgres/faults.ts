import { type Outcome, StoreError, type StoreFault } from '../../errors/index.js';
import { plainCause } from '../plain-cause.js';

/** What users call the engine. */
export const ENGINE = 'Postgres';

interface Diagnosis {
  readonly fault: StoreFault;
  readonly advice?: string;
}

/** Codes of Postgres (https://www.postgresql.org/docs/current/errcodes-appendix.html), and of sockets. */
const BY_CODE: readonly (readonly [RegExp, Diagnosis])[] = [
  [
    /^(ECONN|E[A-Z]*UNREACH$|EPIPE$|ENOTFOUND$|EAI_|ETIMEDOUT$|ENOENT$|EHOSTDOWN$|ENETDOWN$)/,
    { fault: 'unreachable' },
  ],
  [
    /^53300$/,
    {
      fault: 'unreachable',
      advice:
        'Its server has no connection left. Lower `max` of the pools that use it, or raise max_connections.',
    },
  ],
  [/^53100$/, { fault: 'full', advice: 'The disk of its server is full. Make room there.' }],
  [/^53200$/, { fault: 'full', advice: 'Its server is out of memory. Give it more, or lower its load.' }],
  [
    /^25006$/,
    {
      fault: 'read_only',
      advice: 'This server, or this user, may only read: connect to the primary server.',
    },
  ],
  [
    /^57P03$/,
    { fault: 'unreachable', advice: 'Its server is starting or stopping. No action needed if that passes.' },
  ],
  [/^(08|57P0[125])/, { fault: 'unreachable' }],
  [
    /^55P03$/,
    {
      fault: 'timeout',
      advice:
        'Another session has locked what was to be written. Look for it in pg_locks and pg_stat_activity.',
    },
  ],
  [
    /^57014$/,
    { fault: 'timeout', advice: 'The statement was cancelled: by a statement_timeout, or by hand.' },
  ],
  [/^3D000$/, { fault: 'refused', advice: 'The database does not exist. Create it, or correct its name.' }],
  [
    /^42501$/,
    {
      fault: 'refused',
      advice:
        'Its user lacks a permission (see the cause). Let the user own the schema, or create it for that user.',
    },
  ],
  [
    /^28/,
    {
      fault: 'refused',
      advice: 'Its server does not accept this user and password from here (see the cause).',
    },
  ],
  [
    /^(42P01|42883|42703|42704|3F000)$/,
    {
      fault: 'corrupt',
      advice:
        'Its tables are not there any more, or were changed. Restore them from a backup, or open the store again to begin with an empty one.',
    },
  ],
  [/^XX00[12]$/, { fault: 'corrupt' }],
];

/** What `pg` says without a code. */
const BY_WORDS: readonly (readonly [RegExp, Diagnosis])[] = [
  [
    /timeout exceeded when trying to connect/,
    {
      fault: 'timeout',
      advice:
        'No connection of the pool came free in time. Raise `max` of the pool, or give the store a pool of its own.',
    },
  ],
  [/query read timeout/i, { fault: 'timeout' }],
  [/connection|not queryable|after calling end on the pool/i, { fault: 'unreachable' }],
  [/SASL|SSL|password/, { fault: 'refused' }],
];

/**
 * What went wrong, as an error that says what to do.
 *
 * @param secrets What must not be read in it.
 * @param outcome What is known of the effect; default: what the fault says.
 */
export function faultOf(error: unknown, secrets: readonly string[], outcome?: Outcome): StoreError {
  if (error instanceof StoreError) return error;
  const cause = plainCause(error, secrets);
  const { fault, advice } = diagnosisOf(cause.code, cause.message);
  return new StoreError({
    engine: ENGINE,
    fault,
    advice,
    cause,
    ...(outcome === undefined ? {} : { outcome }),
  });
}

function diagnosisOf(code: string | undefined, words: string): Diagnosis {
  const [texts, text] = code === undefined ? [BY_WORDS, words] : [BY_CODE, code];
  return texts.find(([pattern]) => pattern.test(text))?.[1] ?? { fault: 'failed' };
}

/** No connection of the pool came free: nothing was asked for. */
export function poolExhausted(): StoreError {
  const [, { fault, advice }] = BY_WORDS[0] as readonly [RegExp, Diagnosis];
  return new StoreError({ engine: ENGINE, fault, advice, outcome: 'not_sent' });
}

/** Two writes got in each other's way, and Postgres undid this one: it may be made again. */
export function isCollision(error: unknown): boolean {
  const { cause } = Object(error) as { cause?: { code?: unknown } };
  return cause?.code === '40P01' || cause?.code === '40001';
}

/** Whether a connection is as good as before after this error: Postgres answered, and goes on. */
export function leavesConnection(error: unknown): boolean {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' && /^(?!08|57|XX)[0-9A-Z]{5}$/.test(code) && !/^E/.test(code);
}

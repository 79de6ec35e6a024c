import { StoreError, type StoreFault } from '../../errors/index.js';
import { plainCause } from '../plain-cause.js';

/** What users call the engine. */
export const ENGINE = 'Redis';

interface Diagnosis {
  readonly fault: StoreFault;
  readonly advice?: string;
}

/** The first words of what Redis answers, wherever in a message they stand: a script puts its own before. */
const DIAGNOSES: readonly (readonly [RegExp, Diagnosis])[] = [
  [/\bOOM\b/, { fault: 'full', advice: 'Its memory is full. Raise maxmemory, or make room.' }],
  [
    /\bREADONLY\b/,
    { fault: 'read_only', advice: 'This server is a replica, which may only read: connect to the primary.' },
  ],
  [
    /\bMISCONF\b/,
    {
      fault: 'read_only',
      advice:
        'Its server cannot write to its disk, and takes no more writes (see the cause). Look at that disk.',
    },
  ],
  [
    /\bNOREPLICAS\b/,
    {
      fault: 'read_only',
      advice: 'Too few of its replicas are there (min-replicas-to-write). Look at them.',
    },
  ],
  [
    /\b(NOAUTH|WRONGPASS)\b|invalid (username-)?password|AUTH <password>/i,
    { fault: 'refused', advice: 'Its server does not accept this user and password.' },
  ],
  [
    /\bNOPERM\b|unknown command/i,
    {
      fault: 'refused',
      advice:
        'Its server does not allow a command that the store needs (see the cause). Let the user run scripts on its keys.',
    },
  ],
  [
    /\bLOADING\b/,
    { fault: 'unreachable', advice: 'Its server is loading what it holds. No action needed if that passes.' },
  ],
  [/\b(CLUSTERDOWN|TRYAGAIN|MASTERDOWN)\b/, { fault: 'unreachable', advice: 'Its cluster is not complete.' }],
  [
    /\bWRONGTYPE\b/,
    { fault: 'corrupt', advice: 'Something else uses its keys. Give the store a prefix of its own.' },
  ],
  [/\bBUSY\b/, { fault: 'timeout', advice: 'A script has kept its server busy for seconds. Look for it.' }],
  [/^Command timed out/, { fault: 'timeout' }],
  [
    /^connect |^Connection |^Stream isn't writeable|retries per request|^Cluster isn't|refresh slots cache/i,
    { fault: 'unreachable' },
  ],
];

const BROKEN_SOCKET =
  /^(ECONN|E[A-Z]*UNREACH$|EPIPE$|ENOTFOUND$|EAI_|ETIMEDOUT$|ENOENT$|EHOSTDOWN$|ENETDOWN$)/;

/**
 * What went wrong, as an error that says what to do.
 *
 * @param secrets What must not be read in it.
 */
export function faultOf(error: unknown, secrets: readonly string[]): StoreError {
  if (error instanceof StoreError) return error;
  const cause = plainCause(error, secrets);
  const { fault, advice } = diagnosisOf(cause.code, cause.message);
  return new StoreError({ engine: ENGINE, fault, advice, cause });
}

function diagnosisOf(code: string | undefined, words: string): Diagnosis {
  if (code !== undefined && BROKEN_SOCKET.test(code)) return { fault: 'unreachable' };
  return DIAGNOSES.find(([pattern]) => pattern.test(words))?.[1] ?? { fault: 'failed' };
}

/** The connection was not there. Why it is not, its own errors say better. */
export function isNotConnected(error: unknown): boolean {
  return /^Connection is closed|^Stream isn't writeable|retries per request/i.test(
    String(Object(error).message),
  );
}

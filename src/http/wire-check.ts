import { ProtocolError } from '../errors/index.js';
import { findProblems, type Schema, type WireProblem } from '../wire/index.js';
import { tell } from './hooks.js';
import { invalid } from './invalid.js';

/**
 * How closely what the service sends is compared with the contract. `off`: not at all. `warn`: samples are, and
 * `onWireMismatch` is told; nothing else happens. `strict`: everything is, and a mismatch is a `ProtocolError` (for tests
 * against a server, not for a bot: servers change before clients do). A call rejects with it; a frame that came over the
 * socket is delivered all the same, and `onError` is told.
 */
export type ValidateMode = 'off' | 'warn' | 'strict';
const VALIDATE_MODES: readonly unknown[] = ['off', 'warn', 'strict'];

/** The option `validate`, when it is given at all. */
export function checkValidateMode(mode: unknown): void {
  if (mode !== undefined && !VALIDATE_MODES.includes(mode)) {
    throw invalid('validate', '"validate" must be "off", "warn" or "strict"');
  }
}

/** Something of the service's that does not look as the contract says. */
export interface WireMismatch {
  /** The endpoint's key, or the type of the frame. */
  readonly kind: string;
  /** Where, and what is wrong; at most ten. Values are never shown: they may be secrets. */
  readonly problems: readonly WireProblem[];
}

/** In `warn`, the first of a kind are all looked at, and after that one in so many: a parse costs more than a message. */
const ALWAYS_FIRST = 20;
const THEN_ONE_IN = 1_000;
const MOST_PROBLEMS = 10;

/** How often a kind is looked at, counted down. */
interface Sampling {
  /** Of the first, so many are still to come. */
  first: number;
  /** Values until the next look. */
  skip: number;
}

/** Compares what comes in with the contract, as often as the mode asks for. */
export class WireCheck {
  private readonly samplings = new Map<string, Sampling>();

  constructor(
    readonly mode: ValidateMode = 'warn',
    private readonly onWireMismatch?: ((mismatch: WireMismatch) => void) | undefined,
  ) {}

  /** False when no value is ever looked at: it need not be asked. */
  get active(): boolean {
    return this.mode === 'strict' || (this.mode === 'warn' && this.onWireMismatch !== undefined);
  }

  /**
   * Looks at a value, or not, as the mode says.
   *
   * @throws ProtocolError in `strict`, when the value does not look as it should.
   */
  check(kind: string, schema: Schema, value: unknown): void {
    const problems = this.look(kind, schema, value);
    if (problems.length > 0 && this.mode === 'strict') {
      throw mismatchError(kind, problems, 'With "validate" as "warn" it would pass.');
    }
  }

  /** The same without the throwing: what is wrong with the value, at most ten; nothing when nobody looked. */
  look(kind: string, schema: Schema, value: unknown): readonly WireProblem[] {
    if (!this.active || (this.mode === 'warn' && !this.isSample(kind))) return [];
    const problems = findProblems(schema, value).slice(0, MOST_PROBLEMS);
    // Copied: an observer may change what it is given.
    if (problems.length > 0) {
      tell(this.onWireMismatch, { kind, problems: problems.map((problem) => ({ ...problem })) });
    }
    return problems;
  }

  private isSample(kind: string): boolean {
    const sampling = this.samplings.get(kind);
    if (sampling === undefined) {
      this.samplings.set(kind, { first: ALWAYS_FIRST - 1, skip: THEN_ONE_IN - ALWAYS_FIRST });
      return true;
    }
    if (sampling.first > 0) {
      sampling.first -= 1;
      return true;
    }
    if (sampling.skip > 0) {
      sampling.skip -= 1;
      return false;
    }
    sampling.skip = THEN_ONE_IN - 1;
    return true;
  }
}

/** What a mismatch is where it must be told. `consequence` ends the message. */
export function mismatchError(
  kind: string,
  problems: readonly WireProblem[],
  consequence: string,
): ProtocolError {
  const [first] = problems;
  const where = first === undefined || first.field === '' ? 'it' : `\`${first.field}\``;
  return new ProtocolError({
    message: `What came as "${kind}" is not as the contract says: ${where} ${first?.problem ?? 'differs'}. ${consequence}`,
    details: { problems },
    outcome: 'unknown',
    retryable: false,
  });
}

import { ProtocolError } from '../errors/index.js';
import { findProblems, type Schema, type WireProblem } from '../wire/index.js';
import { tell } from './hooks.js';

/**
 * How closely what the service sends is compared with the contract. `off`: not at all. `warn`: samples are, and
 * `onWireMismatch` is told; nothing else happens. `strict`: everything is, and a mismatch is a `ProtocolError` (for tests
 * against a server, not for a bot: servers change before clients do).
 */
export type ValidateMode = 'off' | 'warn' | 'strict';

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

/** Compares what comes in with the contract, as often as the mode asks for. */
export class WireCheck {
  private readonly seen = new Map<string, number>();

  constructor(
    readonly mode: ValidateMode = 'warn',
    private readonly onWireMismatch?: ((mismatch: WireMismatch) => void) | undefined,
  ) {}

  /**
   * Looks at a value, or not, as the mode says.
   *
   * @throws ProtocolError in `strict`, when the value does not look as it should.
   */
  check(kind: string, schema: Schema, value: unknown): void {
    if (this.mode === 'off') return;
    if (this.mode === 'warn' && (this.onWireMismatch === undefined || !this.isSample(kind))) return;
    const problems = findProblems(schema, value).slice(0, MOST_PROBLEMS);
    const [first] = problems;
    if (first === undefined) return;
    // Copied: an observer may change what it is given.
    tell(this.onWireMismatch, { kind, problems: problems.map((problem) => ({ ...problem })) });
    if (this.mode === 'strict') throw mismatchError(kind, first, problems);
  }

  private isSample(kind: string): boolean {
    const count = this.seen.get(kind) ?? 0;
    this.seen.set(kind, count + 1);
    return count < ALWAYS_FIRST || count % THEN_ONE_IN === 0;
  }
}

function mismatchError(kind: string, first: WireProblem, problems: readonly WireProblem[]): ProtocolError {
  const where = first.field === '' ? 'it' : `\`${first.field}\``;
  return new ProtocolError({
    message: `What came as "${kind}" is not as the contract says: ${where} ${first.problem}. With "validate" as "warn" it would pass.`,
    details: { problems },
    outcome: 'unknown',
    retryable: false,
  });
}

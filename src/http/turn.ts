/** What happens between two refusals that close a barrier. */
export class Round {
  /** How many of the calls that left in it got through. */
  passed = 0;
  refused = 0;
}

/** How a wait at a barrier ends: the call may leave; nobody got through in its time; another barrier took this one's place. */
export type WaitEnd = 'go' | 'in_vain' | 'moved';

/** One call, as the gate sees it. */
export class Turn {
  /** What is counted apart by the service: method and path. */
  readonly kind: string;
  /** To whom it speaks, where it does: some limits hold for one agent or group alone. */
  readonly addressee: string | undefined;
  /** Smaller for calls that began earlier. */
  readonly age: number;
  readonly maxRetries: number;
  /** How many of its attempts have failed, but for those that do not count (RATE-3). */
  failures = 0;
  /** In which round it left, if it was at a barrier. */
  round: Round | undefined;
  /** How many rounds had been in vain when it began to wait. */
  joinedAt = 0;
  /** Told when the wait is over. */
  end: ((how: WaitEnd) => void) | undefined;

  constructor(kind: string, addressee: string | undefined, age: number, maxRetries: number) {
    this.kind = kind;
    this.addressee = addressee;
    this.age = age;
    this.maxRetries = maxRetries;
  }
}

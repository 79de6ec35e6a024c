/** What the bot answers in a soak, as JSON behind words that a guard takes for different texts. */
export interface Answer {
  /** The key of its turn. */
  readonly key: string;
  /** The numbers of the messages that it answers, as their peer has counted them. */
  readonly numbers: readonly number[];
  /** How many turns its session has counted, this one included. */
  readonly turn: number;
  /** Whether a note with the same numbers was sent before it. */
  readonly noted: boolean;
}

/**
 * - `steady`: every turn succeeds within its retries.
 * - `stubborn`: some turns fail for good at first, are put aside, and come again behind later ones.
 * - `chatty`: writes so much that the guard has to intervene.
 */
export type PeerKind = 'steady' | 'stubborn' | 'chatty';

interface Account {
  readonly kind: PeerKind;
  said: number;
  /** The highest number that was answered. */
  through: number;
  /** Lower ones that were not. */
  readonly passed: Set<number>;
  turns: number;
  answers: number;
  /** The numbers of each note whose answer has not come yet. */
  readonly notes: Set<string>;
}

/** Reads what the bot says, and names what is not as promised. Keeps a few numbers for each peer. */
export class Judge {
  readonly faults: string[] = [];
  answered = 0;
  charges = 0;
  guarded = 0;
  private readonly accounts = new Map<string, Account>();
  /** How often each turn was charged that has not been answered yet. */
  private readonly charged = new Map<string, number>();

  meet(peer: string, kind: PeerKind): void {
    const account = {
      kind,
      said: 0,
      through: 0,
      passed: new Set<number>(),
      turns: 0,
      answers: 0,
      notes: new Set<string>(),
    };
    this.accounts.set(peer, account);
  }

  /** @returns The number of the message. */
  says(peer: string): number {
    const account = this.of(peer);
    account.said += 1;
    return account.said;
  }

  chargedFor(key: string): void {
    this.charges += 1;
    this.charged.set(key, (this.charged.get(key) ?? 0) + 1);
  }

  guardActs(peer: string): void {
    this.guarded += 1;
    if (this.of(peer).kind !== 'chatty') this.object(peer, 'the guard has silenced the bot');
  }

  /** Whether all that the peer has said is answered. */
  isServed(peer: string): boolean {
    const { said, through, passed } = this.of(peer);
    return through === said && passed.size === 0;
  }

  noteFrom(peer: string, numbers: readonly number[]): void {
    const account = this.of(peer);
    if (account.notes.has(numbers.join())) this.object(peer, `TURN-2: a second note for ${numbers}`);
    account.notes.add(numbers.join());
  }

  answerFrom(peer: string, { key, numbers, turn, noted }: Answer): void {
    const account = this.of(peer);
    account.answers += 1;
    this.answered += numbers.length;
    account.turns += 1;
    if (turn !== account.turns)
      this.object(peer, `TURN-2: turn ${account.turns} found ${turn} in its session`);
    if (this.charged.get(key) !== 1)
      this.object(peer, `TURN-2: ${key} was charged ${this.charged.get(key) ?? 0} times`);
    this.charged.delete(key);
    if (account.notes.delete(numbers.join()) !== noted)
      this.object(peer, `TURN-2: ${numbers} ${noted ? 'without its' : 'with a'} note`);
    for (const number of numbers) this.take(peer, account, number);
  }

  /** What holds when all is over. */
  close(tenMinutes: number): void {
    for (const [peer, { kind, answers, said }] of this.accounts) {
      // The guard's window slides, so a run of one window touches two.
      if (kind === 'chatty' && answers > 20 * (tenMinutes + 1))
        this.object(peer, `${answers} answers to a chatty peer`);
      if (kind !== 'chatty' && !this.isServed(peer))
        this.object(peer, `of ${said} messages some were never answered`);
    }
  }

  private take(peer: string, account: Account, number: number): void {
    if (account.passed.delete(number)) return;
    if (number <= account.through) {
      this.object(peer, `${number} was answered twice`);
      return;
    }
    // What the guard has kept from the bot is answered never, and in no order.
    for (let passed = account.through + 1; passed < number && account.kind !== 'chatty'; passed += 1) {
      account.passed.add(passed);
      if (account.kind === 'steady') this.object(peer, `${number} was answered before ${passed}`);
    }
    account.through = number;
  }

  private object(peer: string, fault: string): void {
    if (this.faults.length < 20) this.faults.push(`${peer}: ${fault}`);
  }

  private of(peer: string): Account {
    const account = this.accounts.get(peer);
    if (account === undefined) throw new Error(`nobody knows ${peer}`);
    return account;
  }
}

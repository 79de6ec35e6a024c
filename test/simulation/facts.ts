/** More of them would only hide the first. */
const OBJECTIONS = 5;

/** What is known about the run so far, for all who watch it. Messages are named by their keys. */
export class Facts {
  readonly violations: string[] = [];
  readonly trace: string[] = [];
  /** Messages that handlers were given, in any life of the bot. */
  readonly started = new Set<string>();
  /** The same in the life that is under way. */
  readonly startedInLife = new Set<string>();
  /** Messages that were handled, in any life. */
  readonly handled = new Set<string>();
  /** Messages that were handled in the life that is under way. */
  readonly handledInLife = new Set<string>();
  /** Messages that a report named as missing, in any life. */
  readonly named = new Set<string>();
  /** Messages that no client could still have delivered. */
  readonly excused = new Set<string>();
  /** Messages whose handlers failed as often as they may: parked, or waited for. */
  readonly exhausted = new Set<string>();
  /** HND-2: messages on which there is a verdict that stands, so that they do not come again in this life. */
  readonly resting = new Set<string>();
  /** Far-off messages that were delivered by themselves: they have no place in the order, and no cursor covers them. */
  readonly strays = new Set<string>();

  constructor(
    private readonly now: () => number,
    private readonly traced: boolean,
  ) {}

  note(line: () => string): void {
    if (this.traced) this.trace.push(`${String(Math.round(this.now())).padStart(8)}  ${line()}`);
  }

  /** A rule is broken. The first objections say it; what follows from them says nothing new. */
  object(rule: string, what: string): void {
    if (this.violations.length >= OBJECTIONS) return;
    this.note(() => `!! ${rule}: ${what}`);
    this.violations.push(`${rule}: ${what} (at ${Math.round(this.now())} ms)`);
  }

  get isBroken(): boolean {
    return this.violations.length > 0;
  }
}

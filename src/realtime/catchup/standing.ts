import type { Clock, TimerHandle } from '../../clock/index.js';
import { normalizeHandle } from '../../wire/index.js';
import type { Life } from '../util/life.js';
import { Retrying } from '../util/retrying.js';
import { fieldsOf } from './answers.js';
import { readMutes } from './deafness.js';
import type { RestPorts } from './rest-gate.js';

/** A session that lives for so long is worth a question. */
const FIRST_ASK_MS = 5_000;
/** Sessions that follow each other need not ask each. */
const ASK_AGAIN_MS = 3_600_000;
/** Whoever looks at an answer that is older than this, or at none, has it asked anew. */
const FRESH_MS = 5_000;

/** What the service says of our agent that explains a silence. As of the last time that it was asked. */
export interface StandingInsight {
  /** Whose key it is; `null` where `getMe()` has not said it. */
  readonly handle: string | null;
  /** `active`, `restricted`, ...; `null` where `getMe()` has not said it. */
  readonly status: string | null;
  /** What the owner has paused in the dashboard: `none`, `send`, or `full`, when nothing is pushed; `null` if not known. */
  readonly pausedByOwner: string | null;
  /** Agents and conversations that are muted, whose messages are not pushed; `null` if not known. */
  readonly muted: number | null;
  /** How long ago the service was asked, in milliseconds; `null` if it was not. */
  readonly askedAgoMs: number | null;
}

type Known = Omit<StandingInsight, 'askedAgoMs'>;

const NOTHING: Known = { handle: null, status: null, pausedByOwner: null, muted: null };

export const NO_STANDING: StandingInsight = { ...NOTHING, askedAgoMs: null };

/**
 * Asks how our agent stands: a moment after a connect, and again when somebody looks (`explain()`), who then sees it the next
 * time. Nothing that is delivered depends on it, so nobody else asks.
 */
export class Standing {
  private known: Known = NOTHING;
  private askedAt = Number.NEGATIVE_INFINITY;
  private isAsking = false;
  /** Of the session; null while there is none. */
  private life: Life | null = null;
  private timer: TimerHandle = null;
  private readonly clock: Clock;

  /** `onHandle` is told whose key it is. */
  constructor(
    private readonly ports: RestPorts,
    private readonly onHandle: (handle: string) => void,
  ) {
    this.clock = ports.clock;
  }

  sessionStarted(life: Life): void {
    this.life = life;
    if (this.clock.now() < this.askedAt + ASK_AGAIN_MS) return;
    this.timer = this.clock.setTimer(() => void this.ask(life), FIRST_ASK_MS, 'background');
  }

  sessionEnded(): void {
    this.life = null;
    this.clock.clearTimer(this.timer);
  }

  /** What is known. Asks anew, if that is worth it: whoever looks again sees it. */
  look(): StandingInsight {
    const { life, known } = this;
    const agoMs = this.clock.now() - this.askedAt;
    if (life !== null && agoMs >= FRESH_MS && !this.isAsking) void this.ask(life);
    return { ...known, askedAgoMs: Number.isFinite(agoMs) ? agoMs : null };
  }

  /** Never rejects. Who we are is asked until it is told, or the session ends; what else cannot be read stays as it was. */
  private async ask(life: Life): Promise<void> {
    const { source, rest } = this.ports;
    const { getMe, listMutes } = source;
    this.clock.clearTimer(this.timer);
    this.askedAt = this.clock.now();
    if (getMe !== undefined) {
      this.isAsking = true;
      // GAP-5: nobody else would find out that the option `handle` is another's.
      await new Retrying(this.clock).until(life, async () =>
        this.saw(await rest.run((call) => getMe.call(source, call), life)),
      );
      this.isAsking = false;
    }
    try {
      if (listMutes !== undefined)
        this.sawMutes(await rest.run((call) => listMutes.call(source, call), life));
    } catch {
      // Then it is not known.
    }
    // Cut short: the next session asks.
    if (life.ended) this.askedAt = Number.NEGATIVE_INFINITY;
  }

  private saw(me: unknown): void {
    const { handle, status, paused_by_owner } = fieldsOf(me);
    const text = (value: unknown) => (typeof value === 'string' ? value : null);
    const known = normalizeHandle(text(handle) ?? '') || null;
    this.known = {
      ...this.known,
      handle: known,
      status: text(status),
      pausedByOwner: text(paused_by_owner),
    };
    if (known !== null) this.onHandle(known);
  }

  private sawMutes(mutes: unknown): void {
    const muted = readMutes(mutes, this.ports.serviceClock.latest(this.clock.now()));
    if (muted === null) return;
    this.known = { ...this.known, muted: muted.total };
  }
}

import type { Thinker, Turn } from 'agentchat-client/bot';
import type { Clock } from '../../../src/clock/index.js';
import type { Rng } from '../../simulation/rng.js';
import type { Answer, Judge } from './judge.js';

/** What the bot keeps of a conversation. */
export interface SoakSession {
  turns: number;
}

/** So many calls fail before a turn is put aside. */
const ALL_TRIES = 4;

/** Thinks for a while, charges, takes notes, and fails in every way. Turns of a stubborn peer may fail until they are put aside. */
export class SoakThinker {
  failures = 0;
  /** How often each turn has to fail yet, by key. */
  private readonly doomed = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    private readonly rng: Rng,
    private readonly judge: Judge,
  ) {}

  readonly think: Thinker<SoakSession> = async (turn) => {
    const numbers = turn.messages.map(({ content }) => Number(/#(\d+)$/.exec(content.text ?? '')?.[1]));
    await turn.step('charge', () => this.judge.chargedFor(turn.key));
    await this.pause(this.rng.int(20, 2_000), turn.signal);
    // The same in each run of the turn.
    const noted = (numbers[0] ?? 0) % 4 === 0;
    if (noted) await turn.reply(`${words(this.rng)} note ${JSON.stringify(numbers)}`);
    turn.session.turns += 1;
    const answer: Answer = { key: turn.key, numbers, turn: turn.session.turns, noted };
    const text = `${words(this.rng)} answer ${JSON.stringify(answer)}`;
    return this.fails(turn) ? this.failing() : text;
  };

  private fails({ key, attempt, sender }: Turn<SoakSession>): boolean {
    const { rng, doomed } = this;
    if (sender.startsWith('stubborn') && !doomed.has(key)) doomed.set(key, rng.chance(0.2) ? ALL_TRIES : 0);
    const left = doomed.get(key) ?? 0;
    if (left > 0) doomed.set(key, left - 1);
    // A turn that is not doomed succeeds at its third call at the latest.
    return left > 0 || (attempt < 3 && rng.chance(0.05));
  }

  private failing(): Promise<string> | AsyncIterable<string> {
    this.failures += 1;
    const how = this.rng.int(1, 10);
    // Takes longer than turns.timeoutMs, and does not listen to its signal.
    if (how === 1) return new Promise(() => {});
    if (how <= 5) return breaksOff();
    return Promise.reject(new Error('on purpose'));
  }

  private pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.clock.clearTimer(timer);
        reject(signal.reason);
      };
      const timer = this.clock.setTimer(() => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}

async function* breaksOff(): AsyncGenerator<string> {
  yield 'half an ans';
  throw new Error('the stream broke off');
}

/** No two texts are alike to a guard. */
export function words(rng: Rng): string {
  const word = () => String.fromCharCode(...Array.from({ length: 6 }, () => rng.int(97, 122)));
  return `${word()} ${word()} ${word()} ${word()}`;
}

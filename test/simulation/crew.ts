import { type ChildProcess, fork } from 'node:child_process';
import type { Portion, PortionResult, World } from './portion.js';

/** A portion that takes longer does not end at all: a loop without a way out is a broken rule like any other. */
const PATIENCE_MS = 120_000;

/** One worker process, started anew when it had to be ended. */
class Hand {
  private child: ChildProcess | null = null;

  constructor(private readonly file: string) {}

  /** Rejects when the worker dies or does not come to an end. */
  run(portion: Portion): Promise<PortionResult> {
    this.child ??= fork(this.file, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const { child } = this;
    return new Promise((resolve, reject) => {
      const over = (settle: () => void) => {
        clearTimeout(timer);
        child.removeAllListeners();
        settle();
      };
      const timer = setTimeout(() => {
        this.dismiss();
        over(() => reject(new Error(`no end after ${PATIENCE_MS / 1_000} s`)));
      }, PATIENCE_MS);
      child.once('message', (result) => over(() => resolve(result as PortionResult)));
      child.once('exit', (code) => {
        this.child = null;
        over(() => reject(new Error(`the worker ended with code ${code}`)));
      });
      child.send(portion);
    });
  }

  dismiss(): void {
    this.child?.kill('SIGKILL');
    this.child = null;
  }
}

/** What became of a portion: its result, or why there is none. */
export type Outcome = { readonly portion: Portion } & (
  | { readonly kind: 'done'; readonly result: PortionResult }
  | { readonly kind: 'stuck'; readonly why: string }
);

/**
 * Worker processes that share out portions, each to whoever is free. `onOutcome` is told of each, and says whether to go
 * on.
 */
export async function work(
  file: string,
  jobs: number,
  portions: Iterable<Portion>,
  onOutcome: (outcome: Outcome) => 'go on' | 'stop',
): Promise<void> {
  const queue = portions[Symbol.iterator]();
  let isOver = false;
  const serve = async (hand: Hand) => {
    while (!isOver) {
      const { value: portion, done } = queue.next();
      if (done) break;
      const outcome = await hand.run(portion).then(
        (result): Outcome => ({ portion, kind: 'done', result }),
        (error: Error): Outcome => ({ portion, kind: 'stuck', why: error.message }),
      );
      if (!isOver && onOutcome(outcome) === 'stop') isOver = true;
    }
    hand.dismiss();
  };
  await Promise.all(Array.from({ length: jobs }, () => serve(new Hand(file))));
}

/** Seeds from `first` on, cut into portions. */
export function* portionsOf(
  world: World,
  first: number,
  count: number,
  size: number,
  shrink: boolean,
): Generator<Portion> {
  for (let at = 0; at < count; at += size) {
    yield { world, first: first + at, count: Math.min(size, count - at), shrink };
  }
}

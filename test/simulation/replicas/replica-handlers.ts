import type { EventContext, MessageEvent } from '../../../src/realtime/index.js';
import type { Message } from '../../../src/wire/index.js';
import type { Rng } from '../rng.js';
import type { ModelProcess } from './model-process.js';
import type { ReplicaHandlerMode } from './schedule.js';
import type { Work, WorkWitness } from './work-witness.js';

export interface ReplicaHandlersPorts {
  readonly process: ModelProcess;
  readonly rng: Rng;
  readonly witness: WorkWitness;
  readonly leaseMs: number;
  mode(): ReplicaHandlerMode;
  /** Sends the one reply to a message; rejects when its response is lost. */
  reply(message: Message): Promise<void>;
}

/** What the handlers of one replica do with a message. They end when their signal aborts. */
export class ReplicaHandlers {
  constructor(private readonly ports: ReplicaHandlersPorts) {}

  readonly handle = ({ payload }: MessageEvent, context: EventContext): unknown => {
    const { process, witness, rng, mode } = this.ports;
    if (!process.isAlive()) return undefined;
    const work = witness.begins(process, payload, context);
    const kind = mode();
    const fails = kind === 'failing' && rng.chance(0.6);
    const isQuick = kind === 'sync' || rng.chance(0.2);
    if (isQuick && kind !== 'hanging') return this.settle(work, payload, fails);
    return this.untilAborted(work, context, this.work(kind, work, payload, fails));
  };

  private async work(kind: ReplicaHandlerMode, work: Work, message: Message, fails: boolean): Promise<void> {
    if (kind === 'hanging') await new Promise(() => {});
    if (kind === 'replying')
      await this.ports.reply(message).catch((error) => this.fail(work, message, error));
    else await this.pause(this.duration(kind));
    this.settle(work, message, fails);
  }

  private settle(work: Work, message: Message, fails: boolean): void {
    if (fails) this.fail(work, message, new Error('the handler fails'));
    this.ports.witness.ends(work, message, true);
  }

  private fail(work: Work, message: Message, error: Error): never {
    this.ports.witness.ends(work, message, false);
    throw error;
  }

  /** A third of them say that they have succeeded, although nobody listens any more. */
  private untilAborted(work: Work, { signal }: EventContext, done: Promise<void>): Promise<void> {
    const { witness, rng } = this.ports;
    return new Promise((resolve, reject) => {
      const abort = () => {
        witness.aborted(work);
        if (rng.chance(0.3)) resolve();
        else reject(new Error('interrupted'));
      };
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort);
      done.then(resolve, reject);
    });
  }

  private duration(kind: ReplicaHandlerMode): number {
    const { rng, leaseMs } = this.ports;
    if (kind === 'very slow') return rng.int(leaseMs / 4, 2 * leaseMs);
    return kind === 'slow' ? rng.int(50, 3_000) : rng.int(1, 30);
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.ports.process.setTimer(resolve, ms, 'background');
    });
  }
}

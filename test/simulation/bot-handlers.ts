import { createAgentChatError } from '../../src/errors/index.js';
import type { EventContext, MessageEvent } from '../../src/realtime/index.js';
import type { Message } from '../../src/wire/index.js';
import type { VirtualClock } from '../support/virtual-clock.js';
import type { HandlerWitness } from './handler-witness.js';
import { LONGEST_TOIL_MS } from './loop-witness.js';
import type { Rng } from './rng.js';
import type { DeadLetterMode, HandlerMode } from './schedule.js';

export interface BotHandlersPorts {
  readonly clock: VirtualClock;
  readonly rng: Rng;
  readonly witness: HandlerWitness;
  readonly deadLetter: DeadLetterMode;
  isAlive(): boolean;
  /** How handlers are at this hour. */
  mode(): HandlerMode;
  /** Keeps the process at work for so long. */
  toil(ms: number): void;
  /** Sends the one reply to a message; resolves with the response, rejects when it is lost. */
  reply(message: Message): Promise<void>;
}

/** HND-2: what the service may say to a send. Some of it stands; the rest can be lifted. */
const VERDICTS = [
  { code: 'BLOCKED', status: 403, stands: true },
  { code: 'CONVERSATION_NOT_FOUND', status: 404, stands: true },
  { code: 'VALIDATION_ERROR', status: 400, stands: true },
  { code: 'AWAITING_REPLY', status: 403, stands: false },
  { code: 'INBOX_RESTRICTED', status: 403, stands: false },
  { code: 'AGENT_PAUSED_BY_OWNER', status: 403, stands: false },
] as const;

/** What the bot's handlers do with a message, in one life of the bot. */
export class BotHandlers {
  /** Conversations with a handler that will not settle before the client stops. */
  readonly hanging = new Set<string>();

  constructor(private readonly ports: BotHandlersPorts) {}

  /** The handler that does the work. */
  readonly first = (event: MessageEvent, context: EventContext): unknown => {
    const { isAlive, witness } = this.ports;
    if (!isAlive()) return undefined;
    witness.starts('first', event, context);
    return this.work(event, context);
  };

  /** One more, which is quick, and fails on its own account. */
  readonly second = (event: MessageEvent, context: EventContext): unknown => {
    const { isAlive, witness, rng, mode } = this.ports;
    if (!isAlive()) return undefined;
    witness.starts('second', event, context);
    const fails = mode() === 'failing' && rng.chance(0.3);
    witness.ends('second', event.payload, !fails);
    if (fails) throw new Error('the second handler fails');
    return undefined;
  };

  readonly deadLetter = (event: MessageEvent): unknown => {
    const { isAlive, witness, rng, deadLetter } = this.ports;
    if (!isAlive()) return undefined;
    witness.deadLetterStarts(event);
    const fails = deadLetter === 'failing' && rng.chance(0.7);
    const over = () => witness.deadLetterEnds(event, !fails);
    if (deadLetter === 'slow') return this.later(rng.int(200, 5_000), () => over());
    over();
    if (fails) throw new Error('the dead letter handler fails');
    return undefined;
  };

  private work({ payload }: MessageEvent, context: EventContext): unknown {
    const { rng, witness } = this.ports;
    const mode = this.ports.mode();
    const fails = mode === 'failing' && rng.chance(0.6);
    const over = (succeeded: boolean) => {
      if (this.ports.isAlive()) witness.ends('first', payload, succeeded);
    };
    if (mode === 'refused' && rng.chance(0.5)) return this.refuse(payload, context, over);
    if (mode === 'hanging' && rng.chance(0.2)) return this.hang(payload, context, over);
    if (mode === 'replying' && rng.chance(0.5)) return this.answer(payload, over);
    if (mode === 'busy' || mode === 'busy promises') return this.toil(mode, () => over(true));
    if (mode === 'sync' || rng.chance(0.3)) {
      over(!fails);
      if (fails) throw new Error('fails at once');
      return undefined;
    }
    return this.later(this.duration(mode), () => {
      over(!fails);
      if (fails) throw new Error('fails later');
    });
  }

  /** HND-2: the service refuses what the handler asks of it, at once or later. */
  private refuse(message: Message, { signal }: EventContext, over: (succeeded: boolean) => void): unknown {
    const { rng, witness, isAlive } = this.ports;
    const { code, status, stands } = rng.pick(VERDICTS);
    const fail = () => {
      over(false);
      // Left behind by a stop, nobody hears it (STOP-3).
      if (isAlive() && !signal.aborted) witness.refused(message, stands);
      throw createAgentChatError({ code, message: 'No.' }, status);
    };
    return rng.chance(0.5) ? fail() : this.later(rng.int(1, 300), fail);
  }

  /** BP-2: works without ever waiting, be it by itself or behind a promise. */
  private toil(mode: HandlerMode, over: () => void): unknown {
    const { rng, toil } = this.ports;
    const work = () => {
      toil(rng.int(1, LONGEST_TOIL_MS));
      over();
    };
    return mode === 'busy' ? work() : Promise.resolve().then(work);
  }

  private duration(mode: HandlerMode): number {
    const { rng } = this.ports;
    if (mode === 'very slow') return rng.int(1_000, 90_000);
    return mode === 'slow' ? rng.int(50, 3_000) : rng.int(1, 30);
  }

  /** Does not settle until the client stops, and then mostly as a failure. */
  private hang(
    { conversation_id: id }: Message,
    { signal }: EventContext,
    over: (succeeded: boolean) => void,
  ): Promise<void> {
    this.hanging.add(id);
    const gaveUp = this.ports.rng.chance(0.7);
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => {
        this.hanging.delete(id);
        over(!gaveUp);
        if (gaveUp) reject(new Error('interrupted'));
        else resolve();
      });
    });
  }

  private answer(message: Message, over: (succeeded: boolean) => void): Promise<void> {
    return this.ports.reply(message).then(
      () => over(true),
      (error: unknown) => {
        over(false);
        throw error;
      },
    );
  }

  private later(ms: number, work: () => void): Promise<void> {
    const { clock, isAlive } = this.ports;
    return new Promise((resolve, reject) => {
      const come = () => {
        if (!isAlive()) return;
        try {
          work();
          resolve();
        } catch (error) {
          reject(error);
        }
      };
      clock.setTimer(come, ms, 'background');
    });
  }
}

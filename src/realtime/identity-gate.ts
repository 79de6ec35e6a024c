import type { Clock, TimerHandle } from '../clock/index.js';
import { ConnectionError } from '../errors/index.js';
import { TIMING } from './bounds.js';
import type { Identity } from './identity.js';
import type { Life } from './life.js';
import type { BackgroundRest } from './recovery/background-rest.js';
import type { RealtimeSource } from './source.js';

/**
 * GAP-5: messages wait until we know which of them are our own, or are told that we cannot know. A REST that does not
 * answer `getMe` would not take replies either; an error after five seconds, and `explain()`, say what is going on.
 */
export class IdentityGate {
  private state: 'waiting' | 'open' = 'waiting';
  private timer: TimerHandle = null;

  constructor(
    private readonly clock: Clock,
    private readonly identity: Identity,
    private readonly onOpen: () => void,
    private readonly onError: (error: ConnectionError) => void,
  ) {}

  get isOpen(): boolean {
    return this.state === 'open';
  }

  /** Asks, unless there is nobody to ask or nothing to ask for. */
  learn(source: RealtimeSource | undefined, rest: BackgroundRest | undefined, life: Life): void {
    if (this.identity.known || source?.getMe === undefined || rest === undefined) {
      this.open();
      return;
    }
    this.close();
    this.timer = this.clock.setTimer(() => this.onError(unknown()), TIMING.identityPatience, 'background');
    this.identity.ask(source, rest, life).then(() => {
      if (!life.ended) this.open();
    });
  }

  /** The client stops: no report any more. */
  close(): void {
    this.clock.clearTimer(this.timer);
    this.timer = null;
  }

  private open(): void {
    this.close();
    this.state = 'open';
    this.onOpen();
  }
}

function unknown(): ConnectionError {
  return new ConnectionError({
    code: 'IDENTITY_UNKNOWN',
    message:
      'Messages wait: getMe() has not said yet who we are, which tells our own messages from others. It is asked ' +
      'again; the option `handle` makes the question unnecessary.',
    outcome: 'rejected',
  });
}

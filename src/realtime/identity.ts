import type { Clock, TimerHandle } from '../clock/index.js';
import { ConnectionError } from '../errors/index.js';
import { type Message, normalizeHandle, senderOf } from '../wire/index.js';
import { TIMING } from './bounds.js';
import type { RestGate } from './catchup/rest-gate.js';
import { Retrying } from './catchup/retrying.js';
import type { RealtimeSource } from './source.js';
import type { Life } from './util/life.js';
import { LruSet } from './util/lru-set.js';

/** Sends of our own that are remembered while we do not know our handle. */
const SENDS_REMEMBERED = 2_000;

/** Who we are, which tells our own echoes from other people's messages (GAP-5). */
export class Identity {
  private handle: string | null;
  private readonly sends = new LruSet<string>(SENDS_REMEMBERED);

  constructor(
    private readonly clock: Clock,
    handle: string | undefined,
  ) {
    this.handle = handle === undefined ? null : normalizeHandle(handle);
  }

  get known(): boolean {
    return this.handle !== null;
  }

  /** Runs for every message: looks at the length before it normalises anything. */
  isOwn(message: Message): boolean {
    const { handle } = this;
    const { sender } = message;
    if (handle === null) return this.sends.has(message.client_msg_id);
    if (sender === handle) return true;
    if (typeof sender === 'string' && sender.length !== handle.length && isBare(sender)) return false;
    return senderOf(message) === handle;
  }

  /** What the service stored for a send of ours says who we are. */
  learnFromSend(message: Message): void {
    this.handle ??= senderOf(message) || null;
    if (this.handle === null && message.client_msg_id) this.sends.add(message.client_msg_id);
  }

  /** Asks until it is told, or refused. */
  async ask(source: RealtimeSource, rest: RestGate, life: Life): Promise<void> {
    await new Retrying(this.clock).until(life, async () => {
      if (this.handle !== null) return;
      const me = await rest.run((call) => source.getMe?.(call) ?? Promise.resolve(undefined), life);
      if (typeof me?.handle === 'string') this.handle ??= normalizeHandle(me.handle);
    });
  }
}

/** No `@` or space around it that normalising would take away: '@Alice' is 'alice' too, 'alicia' is not. */
function isBare(sender: string): boolean {
  const first = sender.charCodeAt(0);
  return first > SPACE && first !== AT && sender.charCodeAt(sender.length - 1) > SPACE;
}

const SPACE = 32;
const AT = 64;

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
  learn(source: RealtimeSource | undefined, rest: RestGate | undefined, life: Life): void {
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

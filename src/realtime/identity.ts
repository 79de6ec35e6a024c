import type { Clock, TimerHandle } from '../clock/index.js';
import { type AgentChatClientError, ConnectionError } from '../errors/index.js';
import { type Message, normalizeHandle, senderOf } from '../wire/index.js';
import { TIMING } from './bounds.js';
import type { RestGate } from './catchup/rest-gate.js';
import type { RealtimeSource } from './source.js';
import { LruSet } from './util/collections.js';
import type { Life } from './util/life.js';
import { Retrying } from './util/retrying.js';

/** Sends of our own that are remembered while we do not know our handle. */
const SENDS_REMEMBERED = 2_000;

export interface IdentityListener {
  identitySettled(): void;
  onError(error: AgentChatClientError): void;
}

/** Who can be asked, and until when. */
interface Question {
  readonly source: RealtimeSource & Required<Pick<RealtimeSource, 'getMe'>>;
  readonly rest: RestGate;
  readonly life: Life;
}

/**
 * Who we are, which tells our own echoes from other people's messages (GAP-5). Messages wait until we know, or are told
 * that we cannot know; without any, nobody is asked. A REST that does not answer `getMe` would not take replies either; an
 * error after five seconds, and `explain()`, say what is going on.
 */
export class Identity {
  private handle: string | null;
  /** What we believed to be called, and are not. */
  mistaken: string | null = null;
  private readonly sends = new LruSet<string>(SENDS_REMEMBERED);
  private settled = false;
  /** What is asked once it matters; null while it is being asked, or need not be. */
  private question: Question | null = null;
  /** The life in which it is being asked; null while it is not. */
  private asking: Life | null = null;
  /** There are messages, or may be any moment. */
  private matters = false;
  private patience: TimerHandle = null;

  constructor(
    private readonly clock: Clock,
    handle: string | undefined,
    private readonly deliverOwn: boolean,
    private readonly listener: IdentityListener,
  ) {
    this.handle = handle === undefined ? null : normalizeHandle(handle);
  }

  /** Our handle, bare; null while that is not known. */
  get name(): string | null {
    return this.handle;
  }

  /** False while only the ids of our sends tell. */
  get isKnown(): boolean {
    return this.handle !== null;
  }

  /** Somebody waits for the answer. */
  get isAwaited(): boolean {
    return this.matters && !this.settled;
  }

  /** True when messages need not wait for it. */
  get isSettled(): boolean {
    return this.settled;
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

  /** Our own message, of which nobody wants to hear. */
  isEcho(message: Message): boolean {
    return !this.deliverOwn && this.isOwn(message);
  }

  /** The service has said whose key it is. It knows better than the option `handle`: a bot must not answer itself. */
  confirm(handle: string): void {
    const { handle: believed } = this;
    this.handle = handle;
    this.learnt();
    if (believed === null || believed === handle) return;
    this.mistaken = believed;
    this.listener.onError(mistaken(believed, handle));
  }

  /** What the service stored for a send of ours says who we are. */
  learnFromSend(message: Message): void {
    this.handle ??= senderOf(message) || null;
    if (this.handle !== null) this.learnt();
    else if (message.client_msg_id) this.sends.add(message.client_msg_id);
  }

  /** It has been told for another reason. Nobody waits then for a getMe() that hangs, or is not to be asked again so soon. */
  private learnt(): void {
    const life = this.question?.life ?? this.asking;
    if (life !== null && !life.ended) this.settle();
  }

  /** A life begins. Settled at once where there is nobody to ask, or nothing to ask for. */
  start(source: RealtimeSource | undefined, rest: RestGate | null, life: Life): void {
    if (this.isKnown || rest === null || !canTell(source)) {
      this.settle();
      return;
    }
    this.question = { source, rest, life };
    if (this.matters) this.need();
  }

  /** Messages are there, or are being fetched. */
  need(): void {
    this.matters = true;
    const { question } = this;
    // STOP-1: of a life that is over nobody is asked any more. The next one asks.
    if (question === null || question.life.ended) return;
    this.question = null;
    void this.ask(question);
  }

  /** Until it is told, or refused. */
  private async ask({ source, rest, life }: Question): Promise<void> {
    this.asking = life;
    this.stopWaiting();
    this.patience = this.clock.setTimer(
      () => this.listener.onError(unknown()),
      TIMING.identityPatience,
      'background',
    );
    await new Retrying(this.clock).until(life, async () => {
      if (this.handle !== null) return;
      const me = await rest.run((call) => source.getMe(call), life);
      if (typeof me?.handle === 'string') this.handle ??= normalizeHandle(me.handle);
    });
    if (this.asking === life && !life.ended) this.settle();
  }

  stopWaiting(): void {
    this.clock.clearTimer(this.patience);
    this.patience = null;
  }

  private settle(): void {
    this.stopWaiting();
    this.question = null;
    this.asking = null;
    this.settled = true;
    this.listener.identitySettled();
  }
}

function canTell(source: RealtimeSource | undefined): source is Question['source'] {
  return source?.getMe !== undefined;
}

/** No `@` or space around it that normalising would take away: '@Alice' is 'alice' too, 'alicia' is not. */
function isBare(sender: string): boolean {
  const first = sender.charCodeAt(0);
  return first > SPACE && first !== AT && sender.charCodeAt(sender.length - 1) > SPACE;
}

const SPACE = 32;
const AT = 64;

function mistaken(believed: string, handle: string): ConnectionError {
  return new ConnectionError({
    code: 'HANDLE_MISMATCH',
    message: `The option \`handle\` is "${believed}", but the key is that of "${handle}": from now on, messages of "${handle}" count as our own. Correct the option, or leave it out.`,
    outcome: 'rejected',
    retryable: false,
  });
}

function unknown(): ConnectionError {
  return new ConnectionError({
    code: 'IDENTITY_UNKNOWN',
    message:
      'Messages wait until getMe() has told us our own handle, which tells our own messages from those of others. The ' +
      'client keeps asking. With the option `handle`, it need not ask.',
    outcome: 'rejected',
  });
}

import { ACK_CAPABILITY, type HelloFrame, parseFrame, type ServerFrame } from '../../wire/index.js';
import type { Ending } from './endings.js';
import type { KeyRing } from './key-ring.js';
import { type LivenessNews, LivenessWatch } from './liveness.js';
import type { ConnectionSettings } from './options.js';
import { PingLore } from './ping-lore.js';
import type { FrameTaker, Session } from './session.js';
import type { Socket, SocketEnding, SocketEvents } from './socket.js';
import type { Event } from './state.js';
import type { Teller } from './teller.js';
import { readUpgradeAnswer } from './upgrade-answer.js';

interface Link {
  readonly attempt: number;
  socket: Socket | null;
}

/** Frames before `hello.ok` that may say why there will be none. */
const REFUSAL_FRAMES = /* @__PURE__ */ new Set(['hello.error', 'error', 'auth.rejected']);

/**
 * The place where the one socket lives. What an earlier socket still says is not heard, because its link is not the
 * one in the slot.
 */
export class SocketSlot {
  private link: Link | null = null;
  /** Who takes the frames; null while nobody does. */
  private intake: FrameTaker | null = null;
  watch: LivenessWatch | null = null;
  readonly pings: PingLore;

  constructor(
    private readonly settings: ConnectionSettings,
    private readonly teller: Teller,
    private readonly keys: KeyRing,
    private readonly dispatch: (event: Event) => void,
  ) {
    this.pings = new PingLore(settings.liveness.pongTimeoutMs, settings.canAskRest);
  }

  get socket(): Socket | null {
    return this.link?.socket ?? null;
  }

  open(attempt: number): void {
    this.discard(1000, '');
    const link: Link = { attempt, socket: null };
    this.link = link;
    try {
      link.socket = this.settings.openSocket(this.settings.url, this.eventsOf(link));
    } catch (cause) {
      this.dispatch({ type: 'ended', attempt, ending: { kind: 'not_opened', cause } });
    }
  }

  sayHello(): void {
    const { clientIdentity } = this.settings;
    const hello: HelloFrame = { type: 'hello', api_key: this.keys.key, capabilities: [ACK_CAPABILITY] };
    if (clientIdentity !== undefined) hello.client = clientIdentity.name;
    if (clientIdentity?.version !== undefined) hello.client_version = clientIdentity.version;
    // A hello that cannot be sent is noticed by its deadline, if the socket's end does not come first.
    this.socket?.send(JSON.stringify(hello));
  }

  /** From here on frames go to the owner, and the peer's silence is judged. */
  startIntake(session: Session): void {
    const { link, socket } = this;
    if (link === null || socket === null) return;
    const { clock, liveness } = this.settings;
    this.watch?.stop();
    this.pings.sessionBegan(link.attempt);
    this.watch = new LivenessWatch(clock, liveness, socket, this.pings, (news) =>
      this.onNews(link.attempt, session, news),
    );
    this.intake = this.teller.inbox;
  }

  stopIntake(): void {
    this.intake = null;
  }

  sayGoodbye(): void {
    this.intake = null;
    this.stopWatch();
    this.socket?.close(1000, '');
  }

  /** Fences the socket and ends it. Nobody waits for its close. */
  discard(code: number, reason: string): void {
    const { link } = this;
    this.link = null;
    this.intake = null;
    this.stopWatch();
    link?.socket?.discard(code, reason);
  }

  private eventsOf(link: Link): SocketEvents {
    const { attempt } = link;
    return {
      onOpen: () => {
        if (this.link === link) this.dispatch({ type: 'opened', attempt });
      },
      // The hot path.
      onMessage: (data) => {
        if (this.link !== link) return;
        const parsed = parseFrame(data);
        if (!parsed.ok) this.teller.badFrame(parsed.problem);
        else if (this.intake === null) this.takeEarly(attempt, parsed.frame);
        else if (parsed.frame.type !== 'hello.ok') this.take(this.intake, parsed.frame);
      },
      onEnd: (ending) => {
        if (this.link === link) this.dispatch({ type: 'ended', attempt, ending: this.endingOf(ending) });
      },
    };
  }

  /** The hot path: everything after `hello.ok`. An exception that escaped into `ws` would wedge the socket for ever. */
  private take(intake: FrameTaker, frame: ServerFrame): void {
    try {
      intake.frame(frame);
    } catch (cause) {
      this.teller.failed('frame', cause);
    }
  }

  /** Before `hello.ok`, and after `beginStop()`: nothing goes to the owner. */
  private takeEarly(attempt: number, frame: ServerFrame): void {
    if (frame.type === 'hello.ok') {
      const { capabilities } = frame;
      const ackMode = Array.isArray(capabilities) && capabilities.includes(ACK_CAPABILITY);
      this.teller.tell('onHelloOk', (listener) => listener.onHelloOk(frame));
      this.dispatch({ type: 'hello_ok', attempt, ackMode });
    } else if (REFUSAL_FRAMES.has(frame.type)) {
      const hint = hintOf(frame);
      if (hint !== null) this.dispatch({ type: 'hello_hint', attempt, hint: this.keys.hide(hint) });
    }
  }

  /** What an end comes to. Its words are told to listeners, kept for `explain()`, and logged: they bear no key. */
  private endingOf(end: SocketEnding): Ending {
    if (end.kind === 'closed')
      return end.reason === '' ? end : { ...end, reason: this.keys.hide(end.reason) };
    if (end.kind === 'not_opened') return end;
    const ending = readUpgradeAnswer(end, this.settings.clock.wallNow());
    return ending.said === undefined ? ending : { ...ending, said: this.keys.hide(ending.said) };
  }

  private onNews(attempt: number, session: Session, news: LivenessNews): void {
    if (news === 'quiet') this.teller.tell('onSilence', (listener) => listener.onSilence(session));
    else {
      if (news === 'silent') this.pings.fellSilent(attempt);
      this.dispatch({ type: 'ended', attempt, ending: { kind: news } });
    }
  }

  private stopWatch(): void {
    this.watch?.stop();
    this.watch = null;
  }
}

/** Why the service says no, under any of the names that it may use. */
function hintOf(frame: ServerFrame): string | null {
  const { payload, message, reason } = frame;
  const inner: Record<string, unknown> = typeof payload === 'object' ? { ...payload } : {};
  const texts = [inner.message, inner.reason, message, reason];
  return texts.find((text): text is string => typeof text === 'string' && text !== '') ?? null;
}

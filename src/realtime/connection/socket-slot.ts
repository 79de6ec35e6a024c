import { ACK_CAPABILITY, type HelloFrame, parseFrame, type ServerFrame } from '../../wire/index.js';
import type { ConnectionInsight } from './insight.js';
import { type LivenessNews, LivenessWatch } from './liveness.js';
import type { ConnectionSettings } from './options.js';
import type { Session } from './session.js';
import type { Socket, SocketEnding, SocketEvents } from './socket.js';
import type { Event } from './state.js';
import type { Teller } from './teller.js';

/** One socket and the attempt that it belongs to. */
interface Link {
  readonly attempt: number;
  socket: Socket | null;
}

/** Frames before `hello.ok` that may say why there will be none. */
const REFUSAL_FRAMES: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'hello.error',
  'error',
  'auth.rejected',
]);

/**
 * The place where the one socket lives. What an earlier socket still says is not heard, because its link is not the
 * one in the slot.
 */
export class SocketSlot {
  private link: Link | null = null;
  /** The link whose frames go to the owner. */
  private intake: Link | null = null;
  private watch: LivenessWatch | null = null;

  constructor(
    private readonly settings: ConnectionSettings,
    private readonly teller: Teller,
    private readonly dispatch: (event: Event) => void,
    /** Takes secrets out of what the other side writes. */
    private readonly hide: (text: string) => string,
  ) {}

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

  sayHello(key: string): void {
    const { clientIdentity } = this.settings;
    const hello: HelloFrame = { type: 'hello', api_key: key, capabilities: [ACK_CAPABILITY] };
    if (clientIdentity !== undefined) {
      hello.client = clientIdentity.name;
      if (clientIdentity.version !== undefined) hello.client_version = clientIdentity.version;
    }
    // A hello that cannot be sent is noticed by its deadline, if the socket's end does not come first.
    this.link?.socket?.send(JSON.stringify(hello));
  }

  /** From here on frames go to the owner, and the peer's silence is judged. */
  startIntake(session: Session): void {
    const { link } = this;
    if (link?.socket == null) return;
    const { clock, liveness } = this.settings;
    this.stopWatch();
    this.watch = new LivenessWatch(clock, liveness, link.socket, (news) => this.onNews(link, session, news));
    this.intake = link;
  }

  stopIntake(): void {
    this.intake = null;
  }

  sayGoodbye(): void {
    this.intake = null;
    this.stopWatch();
    this.link?.socket?.close(1000, '');
  }

  /** Fences the socket and ends it. Nobody waits for its close. */
  discard(code: number, reason: string): void {
    const { link } = this;
    this.link = null;
    this.intake = null;
    this.stopWatch();
    link?.socket?.discard(code, reason);
  }

  send(frame: string): boolean {
    return this.link?.socket?.send(frame) ?? false;
  }

  sendBatch(frames: readonly string[]): boolean {
    return this.link?.socket?.sendBatch(frames) ?? false;
  }

  networkChanged(online: boolean): void {
    this.watch?.networkChanged(online);
  }

  insight(): Pick<ConnectionInsight, 'silentForMs' | 'pingOutForMs' | 'unsentBytes'> {
    const heard = this.watch?.insight();
    return {
      silentForMs: heard?.silentForMs ?? null,
      pingOutForMs: heard?.pingOutForMs ?? null,
      unsentBytes: this.link?.socket?.unsentBytes() ?? 0,
    };
  }

  private eventsOf(link: Link): SocketEvents {
    const { attempt } = link;
    return {
      onOpen: () => {
        if (this.link === link) this.dispatch({ type: 'opened', attempt });
      },
      onMessage: (data) => {
        if (this.intake === link) this.take(data);
        else if (this.link === link) this.takeEarly(attempt, data);
      },
      onEnd: (ending) => {
        if (this.link === link)
          this.dispatch({ type: 'ended', attempt, ending: this.withoutSecrets(ending) });
      },
    };
  }

  /** The hot path: everything after `hello.ok`. */
  private take(data: unknown): void {
    const parsed = parseFrame(data);
    if (!parsed.ok) this.teller.badFrame(parsed.problem);
    else if (parsed.frame.type !== 'hello.ok') this.teller.frame(parsed.frame);
  }

  /** Before `hello.ok`, and after `beginStop()`: nothing goes to the owner. */
  private takeEarly(attempt: number, data: unknown): void {
    const parsed = parseFrame(data);
    if (!parsed.ok) {
      this.teller.badFrame(parsed.problem);
      return;
    }
    const { frame } = parsed;
    if (frame.type === 'hello.ok') {
      this.teller.tell('onHelloOk', (listener) => listener.onHelloOk(frame));
      this.dispatch({ type: 'hello_ok', attempt, ackMode: offers(frame, ACK_CAPABILITY) });
    } else if (REFUSAL_FRAMES.has(frame.type)) {
      const hint = hintOf(frame);
      if (hint !== null) this.dispatch({ type: 'hello_hint', attempt, hint: this.hide(hint) });
    }
  }

  /** The reason of a close is told to listeners, kept for `explain()`, and logged. */
  private withoutSecrets(ending: SocketEnding): SocketEnding {
    return ending.kind === 'closed' && ending.reason !== ''
      ? { ...ending, reason: this.hide(ending.reason) }
      : ending;
  }

  private onNews(link: Link, session: Session, news: LivenessNews): void {
    if (this.link !== link) return;
    if (news === 'quiet') {
      this.teller.tell('onSilence', (listener) => listener.onSilence(session));
    } else {
      this.dispatch({ type: 'ended', attempt: link.attempt, ending: { kind: news } });
    }
  }

  private stopWatch(): void {
    this.watch?.stop();
    this.watch = null;
  }
}

function offers(frame: ServerFrame, capability: string): boolean {
  const { capabilities } = frame;
  return Array.isArray(capabilities) && capabilities.includes(capability);
}

/** Why the service says no, under any of the names that it may use. */
function hintOf(frame: ServerFrame): string | null {
  const { payload } = frame;
  const inner: Record<string, unknown> =
    typeof payload === 'object' && payload !== null ? { ...payload } : {};
  const found = [inner.message, inner.reason, frame.message, frame.reason].find(
    (text) => typeof text === 'string' && text !== '',
  );
  return typeof found === 'string' ? found : null;
}

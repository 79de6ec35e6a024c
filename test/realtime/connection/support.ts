import { Connection } from '../../../src/realtime/connection/connection.js';
import { type ConnectionSettings, connectionSettings } from '../../../src/realtime/connection/options.js';
import type { WatchNetwork } from '../../../src/realtime/connection/platform.js';
import type {
  ConnectionListener,
  ConnectionState,
  DisconnectInfo,
  Session,
} from '../../../src/realtime/connection/session.js';
import type {
  OpenSocket,
  Socket,
  SocketEnding,
  SocketEvents,
  UpgradeAnswer,
} from '../../../src/realtime/connection/socket.js';
import type { RealtimeOptions } from '../../../src/realtime/index.js';
import type { ServerFrame } from '../../../src/wire/index.js';
import { VirtualClock } from '../../support/virtual-clock.js';

/** How the service refuses. */
export const OWN_FORM = {
  headers: { 'content-type': 'application/json' },
  body: '{"code":"REFUSED","message":"we do not know you"}',
};
/** How a proxy refuses in its place. */
export const PROXY_PAGE = {
  headers: { 'content-type': 'text/html' },
  body: '<html><h1>Forbidden</h1></html>',
};

/** A socket that does what the test says. Events after `discard()` are still passed on, to see whether they are heard. */
export class FakeSocket implements Socket {
  state: 'opening' | 'open' | 'closing' | 'discarded' = 'opening';
  readonly sent: string[] = [];
  readonly batches: (readonly string[])[] = [];
  pings = 0;
  unsent = 0;
  letGo: () => void = () => {};
  farewell: { code: number; reason: string } | null = null;
  private heard = 0;
  private answered = 0;

  constructor(
    readonly url: string,
    readonly events: SocketEvents,
    readonly canPing: boolean,
  ) {}

  ping(): void {
    this.pings++;
  }
  activity(): number {
    return this.heard;
  }
  unsentBytes(): number {
    return this.unsent;
  }
  takenBytes(): number {
    return -this.unsent;
  }
  send(text: string): boolean {
    if (this.state !== 'open') return false;
    this.sent.push(text);
    return true;
  }
  sendBatch(texts: readonly string[]): boolean {
    if (this.state !== 'open') return false;
    this.batches.push(texts);
    this.sent.push(...texts);
    return true;
  }
  close(code: number, reason: string): void {
    this.state = 'closing';
    this.farewell = { code, reason };
  }
  discard(code: number, reason: string): void {
    if (this.state === 'open') this.farewell = { code, reason };
    this.state = 'discarded';
  }

  pongs(): number {
    return this.answered;
  }

  pong(): void {
    this.heard++;
    this.answered++;
  }
  open(): void {
    if (this.state === 'opening') this.state = 'open';
    this.events.onOpen();
  }
  data(data: unknown): void {
    this.heard++;
    this.events.onMessage(data);
  }
  frame(frame: unknown): void {
    this.data(JSON.stringify(frame));
  }
  helloOk(capabilities: unknown = ['ack']): void {
    this.frame({ type: 'hello.ok', capabilities });
  }
  end(ending: Partial<SocketEnding & { kind: 'closed' }> = {}): void {
    this.events.onEnd({ kind: 'closed', code: 1006, reason: '', wasClean: false, ...ending });
  }
  /** The upgrade is answered with a status: in the service's own form, or as given. */
  refuse(status: number, answer: Pick<UpgradeAnswer, 'headers' | 'body'> = OWN_FORM): void {
    this.events.onEnd({ kind: 'http', status, ...answer });
  }
}

/** Makes fake sockets and keeps them. */
export class FakeNetwork {
  readonly sockets: FakeSocket[] = [];
  /** Called with each new socket. */
  onOpenSocket: (socket: FakeSocket) => void = () => {};

  constructor(private readonly canPing = true) {}

  readonly openSocket: OpenSocket = (url, events) => {
    const socket = new FakeSocket(url, events, this.canPing);
    this.sockets.push(socket);
    this.onOpenSocket(socket);
    return socket;
  };

  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('no socket was opened');
    return socket;
  }

  /** Sockets that were not given up. */
  get alive(): FakeSocket[] {
    return this.sockets.filter((socket) => socket.state !== 'discarded');
  }
}

/** Writes down everything that it is told. */
export class Recorder implements ConnectionListener {
  /** In the order of the calls. */
  readonly log: string[] = [];
  readonly frames: ServerFrame[] = [];
  readonly sessions: Session[] = [];
  readonly ended: Session[] = [];
  readonly disconnects: DisconnectInfo[] = [];
  readonly states: ConnectionState[] = [];
  readonly errors: Error[] = [];
  /** The sessions that were silent. */
  readonly silences: number[] = [];
  private waiting: { done: () => boolean; resolve: () => void }[] = [];

  readonly inbox = { frame: (frame: ServerFrame) => this.onFrame(frame) };

  onHelloOk(): void {}
  onSilence({ id }: Session): void {
    this.silences.push(id);
  }
  onSessionStart(session: Session): void {
    this.sessions.push(session);
    this.note(`start ${session.id}`);
  }
  onFrame(frame: ServerFrame): void {
    this.frames.push(frame);
    this.note(`frame ${frame.type}`);
  }
  onSessionEnd(session: Session): void {
    this.ended.push(session);
    this.note(`end ${session.id}`);
  }
  onDisconnect(info: DisconnectInfo): void {
    this.disconnects.push(info);
    this.note(`disconnect ${info.code}`);
  }
  onStateChange(state: ConnectionState, previous: ConnectionState): void {
    this.states.push(state);
    this.note(`${previous} -> ${state}`);
  }
  onGivenUp(why: Error | undefined): void {
    this.note(`given up ${why?.name ?? 'by its signal'}`);
  }
  onError(error: Error): void {
    this.errors.push(error);
    this.note(`error ${error.name}`);
  }

  /** Resolves as soon as something was told that makes `done` true. */
  until(done: () => boolean): Promise<void> {
    if (done()) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ done, resolve }));
  }

  private note(line: string): void {
    this.log.push(line);
    const ready = this.waiting.filter(({ done }) => done());
    this.waiting = this.waiting.filter((waiter) => !ready.includes(waiter));
    for (const { resolve } of ready) resolve();
  }
}

export interface Bench {
  readonly clock: VirtualClock;
  readonly network: FakeNetwork;
  readonly recorder: Recorder;
  readonly connection: Connection;
  /** Opens the socket of the moment and says `hello.ok`. */
  accept(capabilities?: unknown): FakeSocket;
}

/** The options of a client, and what only tests decide. */
export interface TestOptions extends RealtimeOptions {
  readonly watchNetwork?: WatchNetwork;
}

export function settingsFor(given: TestOptions = {}): ConnectionSettings {
  const { watchNetwork, ...options } = given;
  const settings = connectionSettings({ apiKey: 'ac_test_key', ...options });
  return { ...settings, watchNetwork: watchNetwork ?? settings.watchNetwork };
}

/** A connection in virtual time, on fake sockets. */
export function bench(options: TestOptions & { seed?: number; canPing?: boolean } = {}): Bench {
  const { seed = 1, canPing = true, ...rest } = options;
  const clock = new VirtualClock({ seed });
  const network = new FakeNetwork(canPing);
  const recorder = new Recorder();
  const { openSocket } = network;
  const settings = settingsFor({ baseUrl: 'http://127.0.0.1:1', clock, openSocket, ...rest });
  const connection = new Connection(settings, recorder);
  const accept = (capabilities: unknown = ['ack']) => {
    const socket = network.last;
    socket.open();
    socket.helloOk(capabilities);
    return socket;
  };
  return { clock, network, recorder, connection, accept };
}

/** What became of a promise, without waiting for it. */
export function watchPromise(promise: Promise<unknown>): {
  outcome: 'pending' | 'resolved' | 'rejected';
  error: unknown;
} {
  const seen: { outcome: 'pending' | 'resolved' | 'rejected'; error: unknown } = {
    outcome: 'pending',
    error: undefined,
  };
  promise.then(
    () => {
      seen.outcome = 'resolved';
    },
    (error: unknown) => {
      seen.outcome = 'rejected';
      seen.error = error;
    },
  );
  return seen;
}

/** A bench whose connection has a session. */
export async function connected(...args: Parameters<typeof bench>): Promise<Bench> {
  const made = bench(...args);
  const connecting = made.connection.connect();
  await made.clock.settle();
  made.accept();
  await connecting;
  return made;
}

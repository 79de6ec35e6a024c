import type { Socket, SocketEvents } from '../../src/realtime/connection/socket.js';
import type { VirtualClock } from '../support/virtual-clock.js';
import type { Rng } from './rng.js';

/** BP-3: what each of our frames weighs here, so that nine are more than is much. */
const FRAME_BYTES = 512 * 1024;

/** What the way to the service is like at present. */
export interface Way {
  /** How long everything takes on it. */
  latency(): number;
  /** LIVE-3: whether something on it keeps pings for itself. */
  swallowsPings(): boolean;
  /** BP-3: how long the service takes to read one of our frames. */
  readingMs(): number;
}

/** Who is told what becomes of a socket. */
export interface SocketWitness {
  /** It ended by itself. */
  ended(socket: SimulatedSocket): void;
  /** The bot gave it up. */
  discarded(socket: SimulatedSocket, reason: string, wasOpen: boolean): void;
  /** A ping was answered. */
  ponged(): void;
  /** The bot writes acknowledgements, where so much waits already. */
  writes(unsentBytes: number): void;
}

/** How long an answer to a ping is waited for at first. */
const PONG_WAIT_MS = 10_000;

/** One simulated socket, as the bot holds it. */
export class SimulatedSocket implements Socket {
  readonly canPing = true;
  /** Since when it is open and silent both ways; null while it works. */
  deadSince: number | null = null;
  /** Whether its session negotiated acks. */
  ackMode = false;
  /** When the service last took something of ours off it. */
  takenAt = 0;
  /** Whether a ping of its was kept by something on the way, or is answered too late. */
  hasLostPing = false;
  private state: 'opening' | 'open' | 'closing' | 'given up' | 'closed' = 'opening';
  private heardCount = 0;
  private lastArrival = 0;
  private pongCount = 0;
  private takenCount = 0;
  /** What the service has not taken off yet, oldest first. */
  private readonly untaken: (() => void)[] = [];

  constructor(
    private readonly clock: VirtualClock,
    private readonly rng: Rng,
    private readonly events: SocketEvents,
    private readonly witness: SocketWitness,
    private readonly way: Way,
    private readonly toService: (text: string) => void,
  ) {}

  /** Nothing goes through it any more, and the bot knows. */
  get isOver(): boolean {
    return this.state === 'closed' || this.state === 'given up';
  }

  open(): void {
    if (this.state !== 'opening') return;
    this.state = 'open';
    this.events.onOpen();
  }

  /** In order, but for a frame that is held up by `extraMs`: those behind it overtake it. */
  deliver(text: string, wayMs: number, extraMs: number): void {
    const inOrder = Math.max(this.clock.now() + wayMs, this.lastArrival);
    this.lastArrival = inOrder;
    const arrive = () => {
      if (this.deadSince !== null || (this.state !== 'open' && this.state !== 'given up')) return;
      this.heardCount += 1;
      this.events.onMessage(text);
    };
    this.clock.setTimer(arrive, inOrder + extraMs - this.clock.now(), 'background');
  }

  /** The network or the service ends it. On a dead one nobody hears of that. */
  end(code: number): void {
    if (this.isOver || this.deadSince !== null) return;
    this.state = 'closed';
    this.witness.ended(this);
    this.events.onEnd({ kind: 'closed', code, reason: '', wasClean: code !== 1006 });
  }

  /** The upgrade is answered with an ordinary response. */
  refuse(status: number, headers: Readonly<Record<string, string>>): void {
    if (this.isOver) return;
    this.state = 'closed';
    this.witness.ended(this);
    this.events.onEnd({ kind: 'http', status, headers, body: '<html>no</html>' });
  }

  ping(): void {
    const answer = () => {
      if (this.state !== 'open' || this.deadSince !== null) return;
      this.heardCount += 1;
      this.pongCount += 1;
      this.witness.ponged();
    };
    const askedAt = this.clock.now();
    this.write(() => {
      const answerMs = this.rng.int(5, 50) + this.way.latency();
      // Nobody waits for an answer that comes so late.
      const isLate = this.clock.now() - askedAt + answerMs > PONG_WAIT_MS;
      if (this.way.swallowsPings() || isLate) this.hasLostPing = true;
      if (!this.way.swallowsPings()) this.clock.setTimer(answer, answerMs, 'background');
    });
  }

  pongs(): number {
    return this.pongCount;
  }

  activity(): number {
    return this.heardCount;
  }

  unsentBytes(): number {
    return this.untaken.length * FRAME_BYTES;
  }

  takenBytes(): number {
    return this.takenCount * FRAME_BYTES;
  }

  send(text: string): boolean {
    if (this.state !== 'open') return false;
    const arrive = () => {
      if (this.deadSince === null && !this.isOver) this.toService(text);
    };
    this.write(() => this.clock.setTimer(arrive, 5, 'background'));
    return true;
  }

  sendBatch(texts: readonly string[]): boolean {
    this.witness.writes(this.unsentBytes());
    return this.state === 'open' && texts.every((text) => this.send(text));
  }

  close(): void {
    if (this.isOver) return;
    this.state = 'closing';
    const answered = () => {
      if (this.isOver || this.deadSince !== null) return;
      this.state = 'closed';
      this.witness.ended(this);
      this.events.onEnd({ kind: 'closed', code: 1000, reason: '', wasClean: true });
    };
    this.clock.setTimer(answered, 10, 'background');
  }

  /** Everything of ours goes one way, pings too: they wait behind what the service has not taken off yet. */
  private write(taken: () => void): void {
    const ms = this.way.readingMs();
    if (ms === 0 && this.untaken.length === 0) {
      this.takenAt = this.clock.now();
      this.takenCount += 1;
      taken();
      return;
    }
    this.untaken.push(taken);
    if (this.untaken.length === 1) this.clock.setTimer(() => this.take(), ms, 'background');
  }

  private take(): void {
    if (this.isOver || this.deadSince !== null) return;
    this.takenAt = this.clock.now();
    const ms = this.way.readingMs();
    const taken = this.untaken.splice(0, ms === 0 ? this.untaken.length : 1);
    this.takenCount += taken.length;
    for (const read of taken) read();
    if (this.untaken.length > 0) this.clock.setTimer(() => this.take(), ms, 'background');
  }

  /** What it was dead of is over, and it ends like others. */
  reset(): void {
    if (this.deadSince === null) return;
    this.deadSince = null;
    this.end(1006);
  }

  /** The bot gives it up. A rude one: it goes on telling what comes, and its end, late. */
  discard(code: number, reason: string): void {
    if (this.isOver) return;
    const wasOpen = this.state === 'open';
    this.state = 'given up';
    this.witness.discarded(this, reason, wasOpen);
    const end = () => {
      this.state = 'closed';
      this.events.onEnd({ kind: 'closed', code, reason, wasClean: true });
    };
    this.clock.setTimer(end, this.rng.int(5, 3_000), 'background');
  }

  /** Its process is gone, and with it everybody who could be told. */
  vanish(): void {
    this.state = 'closed';
  }
}

import type { Socket, SocketEvents } from '../../src/realtime/connection/socket.js';
import type { VirtualClock } from '../support/virtual-clock.js';
import type { ConnectionWitness } from './connection-witness.js';
import type { Rng } from './rng.js';

/** One simulated socket, as the bot holds it. */
export class SimulatedSocket implements Socket {
  readonly canPing = true;
  /** Since when it is open and silent both ways; null while it works. */
  deadSince: number | null = null;
  /** Whether its session negotiated acks. */
  ackMode = false;
  private state: 'opening' | 'open' | 'closing' | 'given up' | 'closed' = 'opening';
  private heardCount = 0;
  private lastArrival = 0;

  constructor(
    private readonly clock: VirtualClock,
    private readonly rng: Rng,
    private readonly events: SocketEvents,
    private readonly witness: ConnectionWitness,
    /** How long everything takes at present. */
    private readonly latency: () => number,
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
      if (this.state === 'open' && this.deadSince === null) this.heardCount += 1;
    };
    this.clock.setTimer(answer, this.rng.int(5, 50) + this.latency(), 'background');
  }

  activity(): number {
    return this.heardCount;
  }

  unsentBytes(): number {
    return 0;
  }

  takenBytes(): number {
    return 0;
  }

  send(text: string): boolean {
    if (this.state !== 'open') return false;
    const arrive = () => {
      if (this.deadSince === null && !this.isOver) this.toService(text);
    };
    this.clock.setTimer(arrive, 5, 'background');
    return true;
  }

  sendBatch(texts: readonly string[]): boolean {
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

  /** The bot gives it up. A rude one: it goes on telling what comes, and its end, late. */
  discard(code: number): void {
    if (this.isOver) return;
    const wasOpen = this.state === 'open';
    this.state = 'given up';
    this.witness.discarded(this, code, wasOpen);
    const end = () => {
      this.state = 'closed';
      this.events.onEnd({ kind: 'closed', code, reason: '', wasClean: true });
    };
    this.clock.setTimer(end, this.rng.int(5, 3_000), 'background');
  }

  /** Its process is gone, and with it everybody who could be told. */
  vanish(): void {
    this.state = 'closed';
  }
}

import type { OpenSocket } from '../../src/realtime/connection/socket.js';
import type { Message } from '../../src/wire/index.js';
import type { VirtualClock } from '../support/virtual-clock.js';
import type { ConnectionWitness } from './connection-witness.js';
import type { Facts } from './facts.js';
import type { ModelService, Wire } from './model-service.js';
import { SimulatedSocket, type Way } from './model-socket.js';
import type { Rng } from './rng.js';
import type { DoorMode, NetworkMode, Schedule } from './schedule.js';

/** What the network does to each frame: lose it, double it, hold it up, and all of them together for `latency`. */
export const NETWORK: Record<NetworkMode, { drop: number; double: number; spread: number; latency: number }> =
  {
    calm: { drop: 0, double: 0, spread: 0, latency: 0 },
    lossy: { drop: 0.15, double: 0, spread: 0, latency: 0 },
    shuffled: { drop: 0, double: 0, spread: 3_000, latency: 0 },
    doubled: { drop: 0, double: 0.3, spread: 200, latency: 0 },
    delayed: { drop: 0, double: 0, spread: 0, latency: 7_000 },
    terrible: { drop: 0.2, double: 0.2, spread: 2_500, latency: 500 },
  };
/** How long sessions live behind a door that ends them, at least and at most. */
const LIVES: { readonly [D in DoorMode]?: readonly [number, number] } = {
  flapping: [20, 1_500],
  brief: [2_000, 20_000],
};
/** How long a service that is late takes to answer a hello, at most. */
const MOST_HELLO_MS = 14_000;
/** What a service that is busy asks for at most. */
const MOST_RETRY_AFTER_S = 40;
/** The shortest way of a frame, in milliseconds. */
export const WAY_MS = 5;

/** Everything between the service and the bot's sockets. At most one of them is the line that messages are written to. */
export class ModelNetwork implements Wire {
  mode: NetworkMode = 'calm';
  door: DoorMode = 'open';
  /** So many of the next messages are lost. */
  dropNext = 0;
  /** LIVE-3: whether something on the way keeps pings for itself. */
  swallowsPings = false;
  /** BP-3: how long the service takes to read one of our frames. */
  readingMs = 0;
  /** Whether the session of the line negotiated acks. */
  ackMode = false;
  /** Until then the service is down. */
  downUntil = 0;
  service: ModelService | null = null;
  private line: SimulatedSocket | null = null;
  private readonly way: Way = {
    latency: () => NETWORK[this.mode].latency,
    swallowsPings: () => this.swallowsPings,
    readingMs: () => this.readingMs,
  };
  private sockets: SimulatedSocket[] = [];

  constructor(
    private readonly clock: VirtualClock,
    private readonly rng: Rng,
    private readonly schedule: Schedule,
    private readonly facts: Facts,
    private readonly witness: ConnectionWitness,
  ) {}

  get isConnected(): boolean {
    return this.line !== null;
  }

  get isDown(): boolean {
    return this.clock.now() < this.downUntil;
  }

  // -- what happens to it -----------------------------------------------------------------------------------------

  cut(): void {
    const { line } = this;
    this.line = null;
    line?.end(1006);
  }

  halfOpen(): void {
    if (this.line === null || this.line.deadSince !== null) return;
    this.line.deadSince = this.clock.now();
  }

  goDown(ms: number): void {
    this.cut();
    this.downUntil = this.clock.now() + ms;
  }

  /** The peer's process is gone, and every socket of it. */
  peerDied(): void {
    this.line = null;
    for (const socket of this.sockets) socket.vanish();
    this.sockets = [];
  }

  /** Pings stay what they are, and so does the reader: everything has to arrive all the same. */
  calmDown(): void {
    // LIVE-3: without pings a dead socket may look well for as long as nothing is to be said.
    if (this.swallowsPings || this.witness.isPingLost) for (const socket of this.sockets) socket.reset();
    this.mode = 'calm';
    this.door = 'open';
    this.dropNext = 0;
  }

  /** Writes a message to the line, if there is one. */
  transmit(frame: { type: string; payload: Message }): void {
    const { line } = this;
    if (line === null) return;
    const lost = this.dropNext > 0;
    if (lost) {
      this.dropNext -= 1;
      return;
    }
    const { drop, double, spread, latency } = NETWORK[this.mode];
    if (this.rng.chance(drop)) return;
    const copies = this.rng.chance(double) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const extra = spread > 0 && this.rng.chance(0.4) ? this.rng.int(1, spread) : 0;
      line.deliver(JSON.stringify(frame), WAY_MS + latency, extra);
    }
  }

  // -- sockets ----------------------------------------------------------------------------------------------------

  readonly openSocket: OpenSocket = (_url, events) => {
    const { clock, rng, witness } = this;
    const socket = new SimulatedSocket(clock, rng, events, witness, this.way, (text) =>
      this.heard(socket, text),
    );
    this.sockets = [...this.sockets.filter((other) => !other.isOver), socket];
    witness.opened(socket);
    if (this.isDown || this.door === 'refusing') {
      clock.setTimer(() => socket.end(1006), WAY_MS, 'background');
    } else if (this.door === 'forbidding') {
      clock.setTimer(() => socket.refuse(rng.pick([401, 403]), {}), rng.int(2, 40), 'background');
    } else if (this.door === 'busy') {
      clock.setTimer(() => this.askToWait(socket), rng.int(2, 40), 'background');
    } else if (this.door !== 'hanging') {
      clock.setTimer(() => socket.open(), rng.int(2, 40), 'background');
    }
    return socket;
  };

  private askToWait(socket: SimulatedSocket): void {
    if (socket.isOver) return;
    const seconds = this.rng.int(0, MOST_RETRY_AFTER_S);
    this.witness.askedToWait(seconds * 1_000);
    socket.refuse(this.rng.pick([429, 503]), { 'retry-after': String(seconds) });
  }

  private heard(socket: SimulatedSocket, text: string): void {
    const frame = JSON.parse(text) as { type: string; message_id?: string };
    if (frame.type === 'hello') this.hello(socket);
    // An ack counts whichever socket it comes on; none is lost but with its socket.
    else if (frame.type === 'ack' && frame.message_id !== undefined) this.ack(socket, frame.message_id);
  }

  private ack(socket: SimulatedSocket, messageId: string): void {
    if (!socket.ackMode) this.facts.object('ACK-1', `ack of ${messageId} on a session that took none`);
    this.service?.ackCame(messageId);
  }

  private hello(socket: SimulatedSocket): void {
    if (this.door === 'speechless') return;
    if (this.door !== 'late') {
      this.welcome(socket);
      return;
    }
    this.clock.setTimer(() => this.welcome(socket), this.rng.int(3_000, MOST_HELLO_MS), 'background');
  }

  private welcome(socket: SimulatedSocket): void {
    if (socket.isOver) return;
    const { acks } = this.schedule;
    const before = this.line;
    this.line = socket;
    before?.end(1006);
    this.ackMode = acks === 'ack' || (acks === 'changing' && this.rng.chance(0.5));
    socket.ackMode = this.ackMode;
    const hello = this.ackMode ? { type: 'hello.ok', capabilities: ['ack'] } : { type: 'hello.ok' };
    socket.deliver(JSON.stringify(hello), WAY_MS, 0);
    this.service?.helloCame();
    const lives = LIVES[this.door];
    if (lives === undefined) return;
    const close = () => {
      if (this.line === socket) this.line = null;
      socket.end(1001);
    };
    this.clock.setTimer(close, this.rng.int(...lives), 'background');
  }
}

import type { OpenSocket } from '../../../src/realtime/connection/socket.js';
import type { Message } from '../../../src/wire/index.js';
import type { VirtualClock } from '../../support/virtual-clock.js';
import { NETWORK, WAY_MS } from '../model-network.js';
import type { ModelService, Wire } from '../model-service.js';
import { SimulatedSocket, type SocketWitness, type Way } from '../model-socket.js';
import type { Rng } from '../rng.js';
import type { NetworkMode } from '../schedule.js';
import type { ModelProcess } from './model-process.js';
import type { ReplicaSchedule } from './schedule.js';

/** What becomes of single sockets is judged where there is one bot. */
const NOBODY: SocketWitness = { ended() {}, discarded() {}, ponged() {}, writes() {} };

/** Everything between the service and the sockets of several replicas of one agent. */
export class FleetNetwork implements Wire {
  readonly ackMode = true;
  readonly isDown = false;
  service: ModelService | null = null;
  mode: NetworkMode = 'calm';
  /** So many of the next messages are lost. */
  dropNext = 0;
  /** The sockets that have said hello. */
  private readonly lines = new Map<ModelProcess, SimulatedSocket>();
  private readonly sockets = new Map<SimulatedSocket, ModelProcess>();
  /** Until then the service takes no socket of the process. */
  private readonly deafUntil = new Map<ModelProcess, number>();
  /** While the backlog is written: the one socket that gets it. */
  private newcomer: SimulatedSocket | null = null;
  private readonly way: Way = {
    latency: () => NETWORK[this.mode].latency,
    swallowsPings: () => false,
    readingMs: () => 0,
  };

  constructor(
    private readonly clock: VirtualClock,
    private readonly rng: Rng,
    private readonly schedule: ReplicaSchedule,
  ) {}

  get isConnected(): boolean {
    return this.lines.size > 0;
  }

  has(process: ModelProcess): boolean {
    return this.lines.get(process)?.isOver === false;
  }

  cut(process: ModelProcess): void {
    const line = this.lines.get(process);
    this.lines.delete(process);
    line?.end(1006);
  }

  halfOpen(process: ModelProcess): void {
    const line = this.lines.get(process);
    if (line !== undefined) line.deadSince ??= this.clock.now();
  }

  deafen(process: ModelProcess, ms: number): void {
    this.deafUntil.set(process, this.clock.now() + ms);
    this.cut(process);
  }

  died(process: ModelProcess): void {
    this.lines.delete(process);
    for (const [socket, owner] of this.sockets) {
      if (owner !== process) continue;
      socket.vanish();
      this.sockets.delete(socket);
    }
  }

  calmDown(): void {
    this.mode = 'calm';
    this.dropNext = 0;
    this.deafUntil.clear();
    for (const socket of this.sockets.keys()) socket.reset();
  }

  transmit(frame: { type: string; payload: Message }): void {
    if (this.newcomer === null && this.dropNext > 0) {
      this.dropNext -= 1;
      return;
    }
    for (const line of this.receivers()) this.write(line, JSON.stringify(frame));
  }

  private receivers(): readonly SimulatedSocket[] {
    if (this.newcomer !== null) return [this.newcomer];
    const lines = [...this.lines.values()].filter(({ isOver }) => !isOver);
    return this.schedule.pushTo === 'all' || lines.length < 2 ? lines : [this.rng.pick(lines)];
  }

  private write(line: SimulatedSocket, text: string): void {
    const { drop, double, spread, latency } = NETWORK[this.mode];
    if (this.rng.chance(drop)) return;
    for (let copies = this.rng.chance(double) ? 2 : 1; copies > 0; copies -= 1) {
      const extra = spread > 0 && this.rng.chance(0.4) ? this.rng.int(1, spread) : 0;
      line.deliver(text, WAY_MS + latency, extra);
    }
  }

  openSocketOf(process: ModelProcess): OpenSocket {
    return (_url, events) => {
      const { clock, rng } = this;
      if (!process.isAlive()) throw new Error('this process is dead');
      const told = {
        onOpen: () => process.hear(() => events.onOpen()),
        onMessage: (data: unknown) => process.hear(() => events.onMessage(data)),
        onEnd: (ending: Parameters<typeof events.onEnd>[0]) => process.hear(() => events.onEnd(ending)),
      };
      const socket = new SimulatedSocket(clock, rng, told, NOBODY, this.way, (text) =>
        this.heard(process, socket, text),
      );
      for (const old of this.sockets.keys()) if (old.isOver) this.sockets.delete(old);
      this.sockets.set(socket, process);
      const isDeaf = clock.now() < (this.deafUntil.get(process) ?? 0);
      if (isDeaf) clock.setTimer(() => socket.end(1006), WAY_MS, 'background');
      else clock.setTimer(() => socket.open(), rng.int(2, 40), 'background');
      return socket;
    };
  }

  private heard(process: ModelProcess, socket: SimulatedSocket, text: string): void {
    const frame = JSON.parse(text) as { type: string; message_id?: string };
    if (frame.type === 'hello') this.welcome(process, socket);
    else if (frame.type === 'ack' && frame.message_id !== undefined) this.service?.ackCame(frame.message_id);
  }

  private welcome(process: ModelProcess, socket: SimulatedSocket): void {
    if (socket.isOver) return;
    const before = this.lines.get(process);
    this.lines.set(process, socket);
    before?.end(1006);
    socket.deliver(JSON.stringify({ type: 'hello.ok', capabilities: ['ack'] }), WAY_MS, 0);
    this.newcomer = socket;
    this.service?.helloCame();
    this.newcomer = null;
  }
}

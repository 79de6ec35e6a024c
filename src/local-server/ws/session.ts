import { ACK_CAPABILITY, type HelloOkFrame } from '../../wire/index.js';
import type { Keeper } from '../data/keeper.js';
import type { FaultPlan } from '../faults/plan.js';
import { isReceiving } from '../state/agents.js';
import type { AgentRecord, Envelope } from '../state/records.js';
import type { World } from '../state/world.js';
import { messageFrame, type OutgoingFrame } from './frames.js';
import { Heartbeat, type HeartbeatTimes } from './heartbeat.js';
import { Line } from './line.js';
import { Outbox, type Outgoing } from './outbox.js';
import type { Peer } from './peer.js';

/** `legacy`: written to the socket is delivered. `ack`: delivered is what the client acknowledges. */
export type DeliveryMode = 'legacy' | 'ack';

/** Entries written per turn when a socket has thousands waiting, so that other sockets get their share. */
const BURST = 256;

/** What an agent's side of an authenticated connection is built from. */
export interface SessionParts {
  readonly world: World;
  readonly keeper: Keeper;
  readonly agent: AgentRecord;
  readonly mode: DeliveryMode;
  readonly peer: Peer;
  readonly faults: FaultPlan;
  readonly heartbeat: HeartbeatTimes;
  /** The server has given the connection up; the socket itself may live on, silently. */
  onEnd(session: Session): void;
}

/** One authenticated connection: hello, backlog, live events, heartbeat. */
export class Session {
  readonly agent: AgentRecord;
  readonly mode: DeliveryMode;
  readonly #parts: SessionParts;
  readonly #peer: Peer;
  readonly #line: Line;
  readonly #outbox = new Outbox();
  readonly #heartbeat: Heartbeat;
  #ended = false;
  #burst: NodeJS.Immediate | undefined;
  /** Everything in the inbox up to here was offered to this connection, or kept from it on purpose. */
  #offeredThrough = 0;
  /** Everything up to here comes as backlog, also what is stored but not on the disk yet. */
  #backlogThrough = 0;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.agent = parts.agent;
    this.mode = parts.mode;
    this.#peer = parts.peer;
    this.#line = new Line(parts.peer, parts.agent.handle, parts.faults, {
      silence: () => this.silence(),
      cut: () => this.destroy(),
    });
    this.#heartbeat = new Heartbeat(
      { ping: () => parts.peer.ping(), lost: () => this.#lost() },
      parts.heartbeat,
    );
  }

  /** Greets, and pushes what has waited. `capabilities` is left out by servers that negotiate nothing. */
  begin(negotiates: boolean): void {
    const hello: HelloOkFrame = negotiates
      ? { type: 'hello.ok', capabilities: this.mode === 'ack' ? [ACK_CAPABILITY] : [] }
      : { type: 'hello.ok' };
    this.#peer.send(JSON.stringify(hello));
    this.#heartbeat.rest();
    this.offerBacklog();
  }

  /**
   * Pushes what is undelivered and was not offered here before, oldest first. Muted messages are left to sync.
   *
   * Only what is there now: what is stored while this is written is not on the disk when this is, and comes live.
   */
  offerBacklog(): void {
    const through = this.agent.inbox.lastPosition;
    this.#backlogThrough = through;
    this.#parts.keeper.afterSaved(() => this.#offerThrough(through));
  }

  /** Pushes a message that has just been stored; unless it comes as backlog, or has come so. */
  offer(envelope: Envelope, frame: OutgoingFrame): void {
    if (envelope.position <= Math.max(this.#backlogThrough, this.#offeredThrough)) return;
    this.#offeredThrough = envelope.position;
    this.#outbox.put({ kind: 'live', envelope, frame });
    this.#pump();
  }

  /** Passes over a message that this agent does not want pushed. */
  passOver({ position }: Envelope): void {
    if (position > this.#backlogThrough) this.#offeredThrough = Math.max(this.#offeredThrough, position);
  }

  push(frame: OutgoingFrame): void {
    this.#outbox.put({ kind: 'event', frame });
    this.#pump();
  }

  pong(): void {
    this.#heartbeat.rest();
  }

  drained(): void {
    this.#pump();
  }

  close(code: number, reason: string): void {
    this.#peer.close(code, reason);
    this.end();
  }

  destroy(): void {
    this.#peer.destroy();
    this.end();
  }

  silence(): void {
    this.#peer.silence();
  }

  /** The connection no longer counts. What was not written stays where it was: in the inbox. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#heartbeat.stop();
    this.#line.close();
    this.#outbox.clear();
    clearImmediate(this.#burst);
    this.#parts.onEnd(this);
  }

  #offerThrough(through: number): void {
    const { agent, world } = this.#parts;
    if (this.#ended || !isReceiving(agent)) return;
    const now = world.now();
    for (const envelope of agent.inbox.undelivered()) {
      if (envelope.position > through) break;
      if (envelope.position <= this.#offeredThrough) continue;
      const { sender, conversation_id } = envelope.stored.message;
      if (world.quirks.mutedBacklog || !world.mutes.silences(agent.handle, sender, conversation_id, now)) {
        this.#outbox.put({ kind: 'backlog', envelope });
      }
    }
    this.#offeredThrough = Math.max(this.#offeredThrough, through);
    this.#pump();
  }

  #lost(): void {
    this.close(1001, 'Heartbeat timeout');
  }

  #pump(): void {
    if (this.#burst !== undefined) return;
    for (let written = 0; written < BURST; written += 1) {
      const entry = this.#takeIfRoom();
      if (entry === undefined) return;
      this.#write(entry);
    }
    this.#burst = setImmediate(() => {
      this.#burst = undefined;
      this.#pump();
    });
  }

  #takeIfRoom(): Outgoing | undefined {
    return this.#ended || this.#peer.isGone || this.#peer.isFull ? undefined : this.#outbox.take();
  }

  #write(entry: Outgoing): void {
    if (entry.kind === 'event') {
      this.#line.send(entry.frame);
      return;
    }
    const { envelope } = entry;
    if (envelope.state === 'expired' || (entry.kind === 'backlog' && envelope.state !== 'stored')) return;
    const frame = entry.kind === 'live' ? entry.frame : messageFrame(envelope.stored.message);
    const belief = this.#line.send(frame);
    if (belief === 'written' && this.mode === 'legacy') {
      this.agent.inbox.markDelivered(envelope, this.#parts.world.timestamp());
    }
  }
}

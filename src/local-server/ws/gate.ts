import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { CAPABILITIES_HEADER, ErrorCode, WEBSOCKET_PATH } from '../../wire/index.js';
import { connectionChanged } from '../actions/presence.js';
import type { Pushes } from '../actions/pushes.js';
import type { Keeper } from '../data/keeper.js';
import type { FaultPlan } from '../faults/plan.js';
import type { ShutOut } from '../faults/shut-out.js';
import { credentialsOf } from '../http/credentials.js';
import { refusalOf } from '../http/origin.js';
import { requestIdOf } from '../http/request-id.js';
import type { AgentRecord } from '../state/records.js';
import type { World } from '../state/world.js';
import { parseClientFrame, receiveClientFrame } from './client-frames.js';
import type { HeartbeatTimes } from './heartbeat.js';
import { offersAckInHeader, readHello } from './hello.js';
import type { Hub } from './hub.js';
import { Peer } from './peer.js';
import { Session } from './session.js';

/** The longest frame that a client may send. The largest legitimate one, a hello, is a few hundred bytes. */
const MAX_CLIENT_FRAME_BYTES = 64 * 1024;

/** What the gate needs to know and to reach. */
export interface GateParts {
  readonly world: World;
  readonly keeper: Keeper;
  readonly hub: Hub;
  readonly pushes: Pushes;
  readonly faults: FaultPlan;
  readonly shutOut: ShutOut;
  readonly ackMode: boolean;
  readonly heartbeat: HeartbeatTimes;
  readonly helloDeadlineMs: number;
  log(line: string): void;
}

/** What becomes of an upgrade. */
type Entry =
  | { readonly kind: 'admitted'; readonly agent: AgentRecord | undefined }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly message: string };

/** Where a connection stands. */
type Stage =
  | { readonly kind: 'waiting'; readonly deadline: NodeJS.Timeout }
  | { readonly kind: 'session'; readonly session: Session }
  | { readonly kind: 'over' };

/** Lets sockets in: upgrade, hello, and from then on a session. */
export class Gate {
  readonly #parts: GateParts;
  readonly #sockets = new Set<Duplex>();
  readonly #peers = new Set<Peer>();
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_CLIENT_FRAME_BYTES,
  });

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** Handles an HTTP upgrade. Never throws. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, port: number): void {
    socket.on('error', () => undefined);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));

    const entry = this.#judge(request, port);
    if (entry.kind === 'refused') {
      this.#parts.log(`socket refused: ${entry.status}`);
      refuse(socket, entry, requestIdOf(request, this.#parts.world.ids));
      return;
    }
    const offersAck = offersAckInHeader(request.headers[CAPABILITIES_HEADER]);
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#welcome(
        webSocket,
        socket,
        entry.agent === undefined ? undefined : { agent: entry.agent, offersAck },
      );
    });
  }

  /** What is known before the upgrade: everything, when the key comes in a header. */
  #judge(request: IncomingMessage, port: number): Entry {
    if (refusalOf(request, port) !== undefined) {
      return refused(403, ErrorCode.FORBIDDEN, 'Only programs and pages of this machine may connect.');
    }
    if ((request.url ?? '').split('?')[0] !== WEBSOCKET_PATH) {
      return refused(404, ErrorCode.NOT_FOUND, 'There is no socket at this path.');
    }
    const credentials = credentialsOf(request);
    if (credentials.kind === 'none') return { kind: 'admitted', agent: undefined };
    const agent = this.#parts.world.agents.byKey(credentials.apiKey);
    if (agent === undefined) return refused(401, ErrorCode.UNAUTHORIZED, 'The API key is not valid.');
    return this.#parts.shutOut.fromSockets(agent.handle)
      ? refused(503, ErrorCode.INTERNAL_ERROR, 'The agent is shut out for the moment.')
      : { kind: 'admitted', agent };
  }

  /** Closes all connections, properly. Those that do not answer must be destroyed afterwards. */
  closeAll(code: number, reason: string): void {
    for (const session of this.#parts.hub.sessions()) session.close(code, reason);
    for (const peer of this.#peers) peer.close(code, reason);
  }

  /** Resolves when no connection is left, or after `graceMs`. */
  async empty(graceMs: number): Promise<void> {
    if (this.#sockets.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      for (const socket of this.#sockets) {
        socket.once('close', () => {
          if (this.#sockets.size > 0) return;
          clearTimeout(timer);
          resolve();
        });
      }
    });
  }

  /** Ends all connections without a word, silent ones too. */
  destroyAll(): void {
    for (const session of this.#parts.hub.sessions()) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }

  #welcome(
    webSocket: WebSocket,
    socket: Duplex,
    known: { readonly agent: AgentRecord; readonly offersAck: boolean } | undefined,
  ): void {
    let stage: Stage = { kind: 'over' };
    const peer = new Peer(webSocket, socket, {
      frame: (text) => {
        if (stage.kind === 'waiting') {
          clearTimeout(stage.deadline);
          stage = this.#greet(peer, text);
        } else if (stage.kind === 'session') {
          this.#receive(stage.session, text);
        }
      },
      pong: () => {
        if (stage.kind === 'session') stage.session.pong();
      },
      drained: () => {
        if (stage.kind === 'session') stage.session.drained();
      },
      gone: () => {
        this.#peers.delete(peer);
        if (stage.kind === 'waiting') clearTimeout(stage.deadline);
        if (stage.kind === 'session') stage.session.end();
        stage = { kind: 'over' };
      },
    });
    this.#peers.add(peer);
    if (known !== undefined) {
      stage = this.#open(peer, known.agent, known.offersAck);
      return;
    }
    const deadline = setTimeout(() => {
      stage = { kind: 'over' };
      peer.close(1008, 'HELLO timeout');
    }, this.#parts.helloDeadlineMs);
    deadline.unref();
    stage = { kind: 'waiting', deadline };
  }

  #greet(peer: Peer, text: string | undefined): Stage {
    const hello = readHello(text);
    if (hello.kind === 'not_hello') {
      peer.close(1008, 'The first frame must be a hello');
      return { kind: 'over' };
    }
    const agent = this.#parts.world.agents.byKey(hello.apiKey);
    if (agent === undefined) {
      this.#parts.log('socket refused: 4401');
      peer.close(4401, 'The API key is not valid');
      return { kind: 'over' };
    }
    if (this.#parts.shutOut.fromSockets(agent.handle)) {
      peer.destroy();
      return { kind: 'over' };
    }
    return this.#open(peer, agent, hello.offersAck);
  }

  #open(peer: Peer, agent: AgentRecord, offersAck: boolean): Stage {
    const { world, keeper, hub, faults, ackMode, heartbeat } = this.#parts;
    const mode = ackMode && offersAck ? 'ack' : 'legacy';
    const session = new Session({
      world,
      keeper,
      agent,
      mode,
      peer,
      faults,
      heartbeat,
      onEnd: (ended) => {
        hub.remove(ended);
        if (hub.count(agent.handle) === 0) connectionChanged(this.#parts, agent, false);
        this.#parts.log(`socket of ${agent.handle} ended`);
      },
    });
    hub.add(session);
    this.#parts.log(`socket of ${agent.handle} open (${mode} mode)`);
    session.begin(ackMode);
    if (hub.count(agent.handle) === 1) connectionChanged(this.#parts, agent, true);
    return { kind: 'session', session };
  }

  /** An exception here would leave the socket open and deaf for good, so none may leave. */
  #receive(session: Session, text: string | undefined): void {
    const frame = parseClientFrame(text);
    if (frame === undefined) return;
    try {
      receiveClientFrame(this.#parts, session, frame);
    } catch (error) {
      this.#parts.log(`frame of ${session.agent.handle} failed: ${String(error)}`);
    }
  }
}

function refused(status: number, code: string, message: string): Entry {
  return { kind: 'refused', status, code, message };
}

/** Answers an upgrade with a status instead, and hangs up. */
function refuse(socket: Duplex, entry: Entry & { readonly kind: 'refused' }, requestId: string): void {
  const { status, code, message } = entry;
  const body = JSON.stringify({ code, message });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `x-request-id: ${requestId}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  // Without this, a peer that keeps its side open would keep ours.
  socket.on('finish', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

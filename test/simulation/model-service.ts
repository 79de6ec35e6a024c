import { RateLimitedError, ServerError } from '../../src/errors/index.js';
import type { OpenSocket, Socket, SocketEvents } from '../../src/realtime/connection/socket.js';
import type { RealtimeSource } from '../../src/realtime/source.js';
import type { ConversationListItem, Message, SyncEnvelope } from '../../src/wire/index.js';
import type { VirtualClock } from '../support/virtual-clock.js';
import type { Rng } from './rng.js';
import type { NetworkMode, RestMode, Schedule } from './schedule.js';

export const BOT = 'bot';

/** A message as the service keeps it. */
export interface Stored {
  readonly message: Message;
  readonly deliveryId: string;
  readonly writtenAt: number;
  state: 'stored' | 'delivered';
  hidden: boolean;
}

interface Line {
  readonly socket: SimulatedSocket;
  ready: boolean;
}

/** What the network does to each frame: drop, double, and how long it takes. */
const NETWORK: Record<NetworkMode, { drop: number; double: number; spread: number }> = {
  calm: { drop: 0, double: 0, spread: 0 },
  lossy: { drop: 0.15, double: 0, spread: 0 },
  shuffled: { drop: 0, double: 0, spread: 3_000 },
  doubled: { drop: 0, double: 0.3, spread: 200 },
  terrible: { drop: 0.2, double: 0.2, spread: 2_500 },
};

/** The service, in virtual time: one agent's inbox, its sockets and its REST. */
export class ModelService {
  readonly inbox: Stored[] = [];
  readonly history = new Map<string, Stored[]>();
  readonly opened: number[] = [];
  network: NetworkMode = 'calm';
  rest: RestMode = 'ok';
  dropNext = 0;
  private readonly muted = new Set<string>();
  private paused = false;
  private downUntil = 0;
  private line: Line | null = null;
  private sockets: SimulatedSocket[] = [];
  private nextId = 1;

  constructor(
    private readonly clock: VirtualClock,
    private readonly rng: Rng,
    private readonly schedule: Schedule,
    /** Told when an acknowledgement is about to count. */
    private readonly onAcked: (stored: Stored, how: 'frame' | 'cursor' | 'write') => void,
  ) {}

  // -- what happens to it -----------------------------------------------------------------------------------------

  send(conversation: number, sender: string): Stored {
    const conversationId = `conv_${conversation}`;
    const history = this.history.get(conversationId) ?? [];
    this.history.set(conversationId, history);
    const n = this.nextId++;
    const message = {
      id: `msg_${n}`,
      conversation_id: conversationId,
      sender,
      client_msg_id: `client_${n}`,
      seq: history.length + 1,
      type: 'text',
      content: { text: `${n}` },
      metadata: {},
      created_at: new Date(this.clock.wallNow()).toISOString(),
    } satisfies Message;
    const stored: Stored = {
      message,
      deliveryId: `del_${String(n).padStart(32, '0')}`,
      writtenAt: this.clock.now(),
      state: 'stored',
      hidden: false,
    };
    history.push(stored);
    if (sender !== BOT) {
      this.inbox.push(stored);
      this.push(stored);
    } else if (this.schedule.echo) {
      this.transmit({ type: 'message.new', payload: message });
    }
    return stored;
  }

  hideLast(conversation: number): Stored | undefined {
    const last = this.history
      .get(`conv_${conversation}`)
      ?.findLast((stored) => stored.message.sender !== BOT);
    if (last !== undefined) last.hidden = true;
    return last;
  }

  mute(conversation: number, on: boolean): void {
    if (on) this.muted.add(`conv_${conversation}`);
    else this.muted.delete(`conv_${conversation}`);
  }

  pause(on: boolean): void {
    const ends = this.paused && !on;
    this.paused = on;
    if (ends) for (const stored of this.inbox) if (stored.state === 'stored') this.push(stored);
  }

  cut(): void {
    const { line } = this;
    this.line = null;
    line?.socket.end(1006);
  }

  /** The peer's process is gone, and every socket of it. */
  peerDied(): void {
    this.line = null;
    for (const socket of this.sockets) socket.discard();
    this.sockets = [];
  }

  halfOpen(): void {
    if (this.line !== null) this.line.socket.dead = true;
  }

  goDown(ms: number): void {
    this.cut();
    this.downUntil = this.clock.now() + ms;
  }

  calmDown(): void {
    this.network = 'calm';
    this.rest = 'ok';
    this.dropNext = 0;
    this.muted.clear();
    this.pause(false);
  }

  // -- the socket -------------------------------------------------------------------------------------------------

  readonly openSocket: OpenSocket = (_url, events) => {
    this.opened.push(this.clock.now());
    const socket = new SimulatedSocket(this.clock, this.rng, events, (text) => this.heard(socket, text));
    this.sockets.push(socket);
    if (this.clock.now() < this.downUntil) this.clock.setTimer(() => socket.end(1006), 5, 'background');
    else this.clock.setTimer(() => socket.open(), this.rng.int(2, 40), 'background');
    return socket;
  };

  private heard(socket: SimulatedSocket, text: string): void {
    const frame = JSON.parse(text) as { type: string; message_id?: string };
    if (frame.type === 'hello') {
      const before = this.line;
      this.line = { socket, ready: true };
      before?.socket.end(1006);
      socket.deliver(
        this.schedule.ackMode ? { type: 'hello.ok', capabilities: ['ack'] } : { type: 'hello.ok' },
        5,
      );
      for (const stored of this.inbox) if (stored.state === 'stored') this.push(stored);
    } else if (frame.type === 'ack' && this.schedule.ackMode) {
      const stored = this.inbox.find((one) => one.message.id === frame.message_id);
      if (stored !== undefined) this.deliver(stored, 'frame');
    }
  }

  private push(stored: Stored): void {
    if (this.line === null || this.paused || stored.hidden) return;
    if (this.muted.has(stored.message.conversation_id)) return;
    this.transmit({ type: 'message.new', payload: stored.message });
    // Without ack mode "delivered" means "written to a socket", whatever became of it.
    if (!this.schedule.ackMode) this.deliver(stored, 'write');
  }

  private transmit(frame: { type: string; payload: Message }): void {
    const { line } = this;
    if (line === null) return;
    if (this.dropNext > 0) {
      this.dropNext -= 1;
      return;
    }
    const { drop, double, spread } = NETWORK[this.network];
    if (this.rng.chance(drop)) return;
    const copies = this.rng.chance(double) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const extra = spread > 0 && this.rng.chance(0.4) ? this.rng.int(0, spread) : 0;
      // A new object each time, as from a parser.
      line.socket.deliver({ ...frame, payload: { ...frame.payload } }, 5 + extra);
    }
  }

  private deliver(stored: Stored, how: 'frame' | 'cursor' | 'write'): void {
    if (stored.state === 'delivered') return;
    this.onAcked(stored, how);
    stored.state = 'delivered';
  }

  // -- REST -------------------------------------------------------------------------------------------------------

  /** A client of its REST for one life of the bot. `alive` turns false when the process crashes. */
  source(alive: () => boolean): RealtimeSource & { sent(message: Message): void } {
    const listeners = new Set<(message: Message) => void>();
    const call = <T>(answer: () => T) => this.answer(alive, answer);
    return {
      getMessages: (id, { limit = 50, afterSeq, beforeSeq } = {}) =>
        call(() => {
          const rows = this.visible(id);
          if (afterSeq !== undefined) return rows.filter(({ seq }) => seq > afterSeq).slice(0, limit);
          const older = beforeSeq === undefined ? rows : rows.filter(({ seq }) => seq < beforeSeq);
          return older.reverse().slice(0, limit);
        }),
      sync: ({ limit = 200, after } = {}) =>
        call(() => {
          if (this.paused) return [];
          const from = after === undefined ? 0 : this.inbox.findIndex((one) => one.deliveryId === after) + 1;
          return this.inbox
            .slice(from)
            .filter((one) => one.state === 'stored' && !one.hidden)
            .slice(0, limit)
            .map(
              (one): SyncEnvelope => ({
                ...one.message,
                metadata: {},
                content: { ...one.message.content },
                delivery_id: one.deliveryId,
              }),
            );
        }),
      syncAck: (cursor) =>
        call(() => {
          if (this.paused) return { acked: 0 };
          const through = this.inbox.findIndex((one) => one.deliveryId === cursor);
          const open = this.inbox
            .slice(0, through + 1)
            .filter((one) => one.state === 'stored' && !one.hidden);
          for (const stored of open) this.deliver(stored, 'cursor');
          return { acked: open.length };
        }),
      listConversations: () => call(() => [...this.history.keys()].map((id) => this.listItem(id))),
      getMe: () => call(() => ({ handle: BOT }) as never),
      onSent: (callback) => {
        listeners.add(callback);
        return () => listeners.delete(callback);
      },
      sent: (message) => {
        for (const listener of listeners) listener({ ...message });
      },
    };
  }

  private visible(id: string): Message[] {
    const lagMs = this.rest === 'lagging' ? 4_000 : 0;
    const latest = this.clock.now() - lagMs;
    return (this.history.get(id) ?? [])
      .filter((stored) => !stored.hidden && stored.writtenAt <= latest)
      .map(({ message }) => ({ ...message }));
  }

  private listItem(id: string): ConversationListItem {
    const rows = (this.history.get(id) ?? []).filter(
      ({ message, hidden }) => !hidden && message.sender !== BOT,
    );
    const last = rows.at(-1)?.message;
    return {
      id,
      type: 'direct',
      participants: [],
      group_name: null,
      group_avatar_url: null,
      group_member_count: null,
      last_message_at: last?.created_at ?? null,
      updated_at: last?.created_at ?? new Date(0).toISOString(),
      newest_unread_seq: last?.seq ?? null,
    } as ConversationListItem;
  }

  private answer<T>(alive: () => boolean, answer: () => T): Promise<T> {
    const trouble = this.rest === 'mixed' ? this.rng.pick(MIXED) : this.rest;
    const slow = trouble === 'slow' ? this.rng.int(1_000, 8_000) : 0;
    return new Promise((resolve, reject) => {
      if (trouble === 'hanging' && this.rng.chance(0.5)) return;
      this.clock.setTimer(
        () => {
          if (!alive()) return;
          if (this.clock.now() < this.downUntil || (trouble === 'failing' && this.rng.chance(0.8))) {
            // Half of the failures happen after the work was done.
            if (this.rng.chance(0.5)) answer();
            reject(new ServerError({ message: 'unavailable', status: 503 }));
          } else if (trouble === 'limited' && this.rng.chance(0.6)) {
            reject(
              new RateLimitedError({
                message: 'slow down',
                status: 429,
                retryAfterMs: 1_000 * this.rng.int(1, 5),
              }),
            );
          } else {
            resolve(answer());
          }
        },
        this.rng.int(5, 60) + slow,
        'background',
      );
    });
  }
}

const MIXED: readonly RestMode[] = ['ok', 'slow', 'failing', 'limited', 'hanging'];

/** One simulated socket. `dead`: open, and silent both ways. */
class SimulatedSocket implements Socket {
  readonly canPing = true;
  dead = false;
  private state: 'opening' | 'open' | 'closed' = 'opening';
  private heardCount = 0;
  private lastArrival = 0;

  constructor(
    private readonly clock: VirtualClock,
    private readonly rng: Rng,
    private readonly events: SocketEvents,
    private readonly toService: (text: string) => void,
  ) {}

  open(): void {
    if (this.state !== 'opening') return;
    this.state = 'open';
    this.events.onOpen();
  }

  /** In order, unless the frame was given extra delay: then those behind it overtake. */
  deliver(frame: object, delayMs: number): void {
    const at = this.clock.now() + delayMs;
    const due = delayMs <= 5 ? Math.max(at, this.lastArrival) : at;
    if (delayMs <= 5) this.lastArrival = due;
    this.clock.setTimer(
      () => {
        if (this.state !== 'open' || this.dead) return;
        this.heardCount += 1;
        this.events.onMessage(JSON.stringify(frame));
      },
      due - this.clock.now(),
      'background',
    );
  }

  end(code: number): void {
    if (this.state === 'closed') return;
    if (this.dead) return; // nobody hears of it
    this.state = 'closed';
    this.events.onEnd({ kind: 'closed', code, reason: '', wasClean: code !== 1006 });
  }

  ping(): void {
    this.clock.setTimer(
      () => {
        if (this.state === 'open' && !this.dead) this.heardCount += 1;
      },
      this.rng.int(5, 50),
      'background',
    );
  }

  activity(): number {
    return this.heardCount;
  }

  unsentBytes(): number {
    return 0;
  }

  send(text: string): boolean {
    if (this.state !== 'open') return false;
    this.clock.setTimer(
      () => {
        if (!this.dead && this.state === 'open') this.toService(text);
      },
      5,
      'background',
    );
    return true;
  }

  sendBatch(texts: readonly string[]): boolean {
    for (const text of texts) if (!this.send(text)) return false;
    return true;
  }

  close(): void {
    const { dead } = this;
    this.clock.setTimer(
      () => {
        if (dead || this.state === 'closed') return;
        this.state = 'closed';
        this.events.onEnd({ kind: 'closed', code: 1000, reason: '', wasClean: true });
      },
      10,
      'background',
    );
  }

  discard(): void {
    this.state = 'closed';
  }
}

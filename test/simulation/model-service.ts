import type { Message } from '../../src/wire/index.js';
import type { VirtualClock } from '../support/virtual-clock.js';
import type { Rng } from './rng.js';
import type { Schedule } from './schedule.js';
import { BOT, PEER, type Stored } from './stored.js';

/** How a message became delivered: by an ack frame, by the REST cursor, or because it was written to a socket. */
export type HowAcked = 'frame' | 'cursor' | 'write';

interface ModelConversation {
  readonly history: Stored[];
  nextSeq: number;
}

/** What the service writes to. */
export interface Wire {
  service: ModelService | null;
  readonly isConnected: boolean;
  /** Whether a message counts as delivered only when it is acknowledged. */
  readonly ackMode: boolean;
  transmit(frame: { type: string; payload: Message }): void;
}

/** The service, in virtual time: one agent's inbox and conversations. */
export class ModelService {
  /** Everything that was ever sent to the bot, oldest first. */
  readonly inbox: Stored[] = [];
  isPaused = false;
  private readonly conversations = new Map<string, ModelConversation>();
  private readonly byId = new Map<string, Stored>();
  private readonly muted = new Set<string>();
  private nextId = 1;

  constructor(
    private readonly clock: VirtualClock,
    private readonly rng: Rng,
    private readonly schedule: Pick<Schedule, 'echo' | 'backlog' | 'firstSeqs'>,
    private readonly network: Wire,
    /** Told when an acknowledgement is about to count. */
    private readonly onAcked: (stored: Stored, how: HowAcked) => void,
  ) {
    network.service = this;
  }

  // -- what happens to it -----------------------------------------------------------------------------------------

  /** Somebody sends a message. What the bot sends itself takes a seq like any other, and no place in its inbox. */
  send(conversation: number, sender: string): Stored {
    const stored = this.add(conversation, sender, 'text');
    if (sender !== BOT) this.push(stored);
    else if (this.schedule.echo) this.network.transmit({ type: 'message.new', payload: stored.message });
    return stored;
  }

  /** A message of the system, which takes no seq and is in nobody's history. */
  notice(conversation: number): Stored {
    const stored = this.add(conversation, PEER, 'system');
    this.push(stored);
    return stored;
  }

  /** One of the last messages once more, under another id. */
  twin(conversation: number, back: number): void {
    const stored = this.conversation(conversation).history.at(-1 - back);
    if (stored === undefined || stored.hidden || stored.message.sender === BOT) return;
    const payload = { ...stored.message, id: `${stored.message.id}_twin` };
    this.network.transmit({ type: 'message.new', payload });
  }

  /** A frame with a seq that no history knows. */
  phantom(conversation: number, above: number): Message {
    const { nextSeq } = this.conversation(conversation);
    const payload = { ...this.draft(conversation, PEER, 'text'), seq: nextSeq + above };
    this.network.transmit({ type: 'message.new', payload });
    return payload;
  }

  jump(conversation: number, by: number): void {
    this.conversation(conversation).nextSeq += by;
  }

  hideLast(conversation: number): Stored | undefined {
    const last = this.lastOf(conversation);
    if (last !== undefined) last.hidden = true;
    return last;
  }

  mute(conversation: number, on: boolean): void {
    if (on) this.muted.add(`conv_${conversation}`);
    else this.muted.delete(`conv_${conversation}`);
  }

  pause(on: boolean): void {
    const ends = this.isPaused && !on;
    this.isPaused = on;
    if (ends) this.pushBacklog();
  }

  calmDown(): void {
    this.muted.clear();
    this.pause(false);
  }

  // -- the socket -------------------------------------------------------------------------------------------------

  /** A socket has said hello. */
  helloCame(): void {
    if (this.schedule.backlog) this.pushBacklog();
  }

  ackCame(messageId: string): void {
    const stored = this.byId.get(messageId);
    if (stored !== undefined) this.markDelivered(stored, 'frame');
  }

  /** Whether a message is its own, and undelivered. */
  awaitsAck(messageId: string): boolean {
    return this.byId.get(messageId)?.state === 'stored';
  }

  markDelivered(stored: Stored, how: HowAcked): void {
    if (stored.state === 'delivered') return;
    this.onAcked(stored, how);
    stored.state = 'delivered';
  }

  private pushBacklog(): void {
    for (const stored of this.inbox) if (stored.state === 'stored') this.push(stored);
  }

  private push(stored: Stored): void {
    const { network } = this;
    if (!network.isConnected || this.isPaused || stored.hidden) return;
    if (this.muted.has(stored.message.conversation_id)) return;
    network.transmit({ type: 'message.new', payload: stored.message });
    // Without ack mode "delivered" means "written to a socket", whatever became of it.
    if (!network.ackMode) this.markDelivered(stored, 'write');
  }

  // -- what REST reads --------------------------------------------------------------------------------------------

  get conversationIds(): IterableIterator<string> {
    return this.conversations.keys();
  }

  get mutedIds(): ReadonlySet<string> {
    return this.muted;
  }

  /** The messages of a conversation that have a seq, in its order. */
  historyOf(conversationId: string): readonly Stored[] {
    return this.conversations.get(conversationId)?.history ?? [];
  }

  // -- inside -----------------------------------------------------------------------------------------------------

  private add(conversation: number, sender: string, type: 'text' | 'system'): Stored {
    const { clock } = this;
    const message = this.draft(conversation, sender, type);
    const stored: Stored = {
      message,
      deliveryId: `del_${message.id}`,
      writtenAt: clock.now(),
      visibleAt: clock.now() + this.rng.int(0, 900),
      state: 'stored',
      hidden: false,
    };
    this.byId.set(message.id, stored);
    if (sender !== BOT) this.inbox.push(stored);
    if (type === 'text') {
      const { history } = this.conversation(conversation);
      history.push(stored);
      this.conversation(conversation).nextSeq += 1;
    }
    return stored;
  }

  private draft(conversation: number, sender: string, type: 'text' | 'system'): Message {
    const n = this.nextId++;
    const { nextSeq } = this.conversation(conversation);
    const message = {
      id: `msg_${n}`,
      conversation_id: `conv_${conversation}`,
      sender,
      client_msg_id: `client_${n}`,
      seq: nextSeq,
      type,
      content: { text: `${n}` },
      metadata: {},
      created_at: new Date(this.clock.wallNow()).toISOString(),
    } as Message;
    if (type === 'text') return message;
    const { seq: _, ...unordered } = message;
    return unordered as Message;
  }

  private conversation(n: number): ModelConversation {
    const id = `conv_${n}`;
    const known = this.conversations.get(id);
    if (known !== undefined) return known;
    const conversation = { history: [], nextSeq: this.schedule.firstSeqs[n] ?? 1 };
    this.conversations.set(id, conversation);
    return conversation;
  }

  private lastOf(conversation: number): Stored | undefined {
    return this.conversation(conversation).history.findLast(({ message }) => message.sender !== BOT);
  }
}

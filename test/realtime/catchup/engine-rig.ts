import type { AgentChatClientError } from '../../../src/errors/index.js';
import { Engine } from '../../../src/realtime/engine.js';
import type {
  EventContext,
  EventHandler,
  MessageSource,
  RealtimeOptions,
  RealtimeSource,
  SequenceGapInfo,
} from '../../../src/realtime/index.js';
import { Observers } from '../../../src/realtime/listeners.js';
import { realtimeSettings } from '../../../src/realtime/settings.js';
import type { SourceHistoryOptions } from '../../../src/realtime/source.js';
import type {
  ConversationListItem,
  GroupInvitation,
  Message,
  MuteEntry,
  ServerFrame,
  SyncEnvelope,
} from '../../../src/wire/index.js';
import { VirtualClock } from '../../support/virtual-clock.js';

class SteadyClock extends VirtualClock {
  override random(): number {
    return 0.5;
  }
}

/** A source whose answers the test decides. Everything that was asked is written down. */
export class FakeSource implements RealtimeSource {
  readonly asked: string[] = [];
  /** What history shows. */
  history: Message[] = [];
  /** The undelivered queue: rows, or whatever else a service may answer with. */
  rows: unknown[] = [];
  list: unknown[] = [];
  /** The pending group invitations. */
  invites: unknown[] = [];
  mutes: unknown[] = [];
  /** Instead of an answer, by method: taken first come first served. */
  readonly instead: { method: string; answer: () => Promise<unknown> }[] = [];

  /** The next call of `method` gives this, whatever it asks for. */
  next(method: string, answer: () => Promise<unknown>, times = 1): void {
    for (let n = 0; n < times; n += 1) this.instead.push({ method, answer });
  }

  getMessages(id: string, options: SourceHistoryOptions = {}): Promise<Message[]> {
    const { afterSeq, beforeSeq, limit = 200 } = options;
    const where =
      afterSeq === undefined ? (beforeSeq === undefined ? '' : ` before ${beforeSeq}`) : ` after ${afterSeq}`;
    return this.answer('getMessages', `${id}${where}`, () => {
      const all = this.history.filter(({ conversation_id }) => conversation_id === id);
      if (beforeSeq !== undefined) {
        const older = all.filter(({ seq }) => seq < beforeSeq).sort((a, b) => b.seq - a.seq);
        return older.slice(0, limit);
      }
      return all.filter(({ seq }) => seq > (afterSeq ?? -1)).slice(0, limit);
    });
  }

  sync(options: { limit?: number; after?: string } = {}): Promise<SyncEnvelope[]> {
    return this.answer('sync', options.after ?? '', () => {
      const cursors = this.rows.map((row) => (row as { delivery_id?: unknown } | null)?.delivery_id);
      const from = options.after === undefined ? 0 : cursors.lastIndexOf(options.after) + 1;
      return this.rows.slice(from, from + (options.limit ?? 200)) as SyncEnvelope[];
    });
  }

  syncAck(cursor: string): Promise<{ acked: number }> {
    return this.answer('syncAck', cursor, () => ({ acked: 1 }));
  }

  listConversations(options: { offset?: number; limit?: number } = {}): Promise<ConversationListItem[]> {
    const { offset = 0, limit = 100 } = options;
    return this.answer('list', String(offset), () =>
      (this.list as ConversationListItem[]).slice(offset, offset + limit),
    );
  }

  listGroupInvites(): Promise<GroupInvitation[]> {
    return this.answer('invites', '', () => [...this.invites] as GroupInvitation[]);
  }

  listMutes(): Promise<{ mutes: MuteEntry[] }> {
    return this.answer('mutes', '', () => ({ mutes: [...this.mutes] as MuteEntry[] }));
  }

  count(method: string): number {
    return this.asked.filter((line) => line.startsWith(method)).length;
  }

  private async answer<T>(method: string, what: string, usual: () => T): Promise<T> {
    this.asked.push(`${method} ${what}`.trim());
    const at = this.instead.findIndex((other) => other.method === method);
    const [instead] = at < 0 ? [] : this.instead.splice(at, 1);
    return instead === undefined ? usual() : ((await instead.answer()) as T);
  }
}

/** The engine without a socket: sessions begin and end, and frames come, as the test says. */
export class EngineRig {
  readonly clock = new SteadyClock();
  readonly source = new FakeSource();
  readonly engine: Engine;
  readonly errors: AgentChatClientError[] = [];
  readonly gaps: SequenceGapInfo[] = [];
  readonly acked: string[] = [];
  readonly replaced: { session: number; why: string; at: number }[] = [];
  readonly emitted: { frame: ServerFrame; source: MessageSource }[] = [];
  readonly handled: string[] = [];
  readonly contexts = new Map<string, EventContext>();
  private sessions = 0;

  constructor(options: Partial<RealtimeOptions> & { handler?: EventHandler<'message.new'> } = {}) {
    const { handler, ...rest } = options;
    const all: RealtimeOptions = {
      apiKey: 'ak_test_0123456789',
      baseUrl: 'ws://127.0.0.1:1',
      client: this.source,
      handle: 'me',
      clock: this.clock,
      ...rest,
    };
    const observers = new Observers({ onSequenceGap: (gap) => this.gaps.push(gap) }, this.clock);
    observers.errors.add((error) => this.errors.push(error));
    this.engine = new Engine(realtimeSettings(all), all, observers, {
      replace: ({ id }, why) => this.replaced.push({ session: id, why, at: this.clock.now() }),
      takesMore: true,
      write: (frames) => {
        for (const frame of frames) this.acked.push((JSON.parse(frame) as { message_id: string }).message_id);
        return true;
      },
      pauseReading: () => {},
      resumeReading: () => {},
    });
    this.engine.inbox.emit = (frame, source) => this.emitted.push({ frame, source });
    this.engine.consumers.setHandlers([
      (event, context) => {
        this.contexts.set(event.payload.id, context);
        const result = handler?.(event, context);
        this.handled.push(event.payload.id);
        return result;
      },
    ]);
    this.engine.start();
  }

  /** `hello.ok`: the next session begins. */
  async hello(ackMode = true): Promise<void> {
    this.sessions += 1;
    this.engine.sessionStarted({ id: this.sessions, ackMode, startedAt: this.clock.now() });
    await this.clock.settle();
  }

  async lost(): Promise<void> {
    this.engine.sessionEnded();
    await this.clock.settle();
  }

  /** A frame from the socket. */
  async frame(...messages: Message[]): Promise<void> {
    for (const payload of messages) this.engine.inbox.frame({ type: 'message.new', payload });
    await this.clock.settle();
  }

  async stop(deadlineMs = 1_000): Promise<void> {
    this.engine.sessionEnded();
    const stopped = this.engine.stop(deadlineMs);
    await this.clock.advance(deadlineMs + 1);
    await stopped;
  }
}

export function message(seq: number, conversation = 'conv_a', extra: Partial<Message> = {}): Message {
  const id = `${conversation.slice(-1)}${seq}`;
  return {
    id,
    conversation_id: conversation,
    sender: 'alice',
    client_msg_id: `c-${id}`,
    seq,
    type: 'text',
    content: { text: id },
    metadata: {},
    created_at: '2026-01-01T00:00:01.000Z',
    ...extra,
  } as Message;
}

/** A row of the undelivered queue. */
export function row(seq: number, conversation?: string, extra: Partial<Message> = {}): SyncEnvelope {
  const plain = message(seq, conversation);
  return { ...plain, delivery_id: `del_${plain.id}`, status: 'stored', ...extra } as unknown as SyncEnvelope;
}

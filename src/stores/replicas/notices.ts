import type { Clock, TimerHandle } from '../../clock/index.js';
import type { StoreDriver } from '../driver.js';

const TOPIC = 'replicas';
/** Notices that are collected before they are sent together. */
const COLLECT_MS = 20;
/** Postgres takes 8,000 bytes. */
const MOST_BYTES = 6_000;
/** Conversations that wait to be told of. What is beyond is found by the owner's next look. */
const MOST_WAITING = 5_000;

export interface NoticeListener {
  /** A replica has come, has gone, or has given partitions away. */
  changed(): void;
  heard(conversationId: string, seq: number): void;
}

/** What replicas tell each other (REP-4). Best effort: what is lost is found by the next look. */
export class Notices {
  private readonly waiting = new Map<string, number>();
  private timer: TimerHandle = null;
  private end: (() => Promise<void>) | null = null;

  constructor(
    private readonly driver: StoreDriver,
    private readonly replica: string,
    private readonly clock: Clock,
    private readonly listener: NoticeListener,
  ) {}

  async start(): Promise<void> {
    this.end ??= (await this.driver.listen?.(TOPIC, (text) => this.hear(text))) ?? null;
  }

  async stop(): Promise<void> {
    this.clock.clearTimer(this.timer);
    this.timer = null;
    this.waiting.clear();
    const { end } = this;
    this.end = null;
    await end?.();
  }

  /** Partitions are free, or a replica has come. */
  async tellChange(): Promise<void> {
    await this.send({ kind: 'changed' });
  }

  tellSeq(conversationId: string, seq: number): void {
    const known = this.waiting.get(conversationId);
    if (known === undefined && this.waiting.size >= MOST_WAITING) return;
    this.waiting.set(conversationId, Math.max(seq, known ?? seq));
    this.timer ??= this.clock.setTimer(() => this.sendWaiting(), COLLECT_MS, 'background');
  }

  private sendWaiting(): void {
    this.timer = null;
    let page: [string, number][] = [];
    let bytes = 0;
    const flush = () => {
      if (page.length > 0) void this.send({ kind: 'seqs', seqs: page });
      page = [];
      bytes = 0;
    };
    for (const entry of this.waiting) {
      // Six bytes for a character that JSON or UTF-8 writes at length.
      const size = entry[0].length * 6 + 20;
      if (bytes + size > MOST_BYTES) flush();
      if (size > MOST_BYTES) continue;
      page.push(entry);
      bytes += size;
    }
    flush();
    this.waiting.clear();
  }

  private async send(notice: object): Promise<void> {
    try {
      await this.driver.notify?.(TOPIC, JSON.stringify({ from: this.replica, ...notice }));
    } catch {
      // Best effort.
    }
  }

  /** What another process says is checked: it may be of another version. */
  private hear(text: string): void {
    let notice: unknown;
    try {
      notice = JSON.parse(text);
    } catch {
      return;
    }
    const { from, kind, seqs } = (notice ?? {}) as { from?: unknown; kind?: unknown; seqs?: unknown };
    if (from === this.replica) return;
    if (kind === 'changed') this.listener.changed();
    if (kind !== 'seqs' || !Array.isArray(seqs)) return;
    for (const entry of seqs as readonly unknown[]) {
      const [conversationId, seq] = Array.isArray(entry) ? (entry as readonly unknown[]) : [];
      if (typeof conversationId === 'string' && Number.isSafeInteger(seq))
        this.listener.heard(conversationId, seq as number);
    }
  }
}

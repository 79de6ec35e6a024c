import type { Clock, TimerHandle } from '../../clock/index.js';
import { StoreError } from '../../errors/index.js';
import { noticeOf, Topics } from '../topics.js';
import type { Connections } from './connections.js';
import { ENGINE } from './faults.js';
import { type PgNotice, type PgPoolClient, STATEMENT_MS } from './pg.js';

/** Postgres takes 7,999 bytes. */
const MOST_NOTICE_BYTES = 7_900;
/** A connection that nobody uses may be dead for hours without anybody noticing. */
const PROBE_MS = 15_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** The name of a channel is an identifier of at most 63 bytes. */
export async function channelOf(schema: string, agent: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${schema}\n${agent}`));
  const hex = Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `agentchat_${hex.slice(0, 40)}`;
}

/**
 * What is told on the channel.
 *
 * @throws StoreError when it is too long for one notice.
 */
export function boundedNotice(topic: string, text: string): string {
  const notice = noticeOf(topic, text);
  const bytes = new TextEncoder().encode(notice).length;
  if (bytes <= MOST_NOTICE_BYTES) return notice;
  const advice = `A notice takes ${MOST_NOTICE_BYTES} bytes; this one has ${bytes}. Write an entry, and tell its key.`;
  throw new StoreError({ engine: ENGINE, fault: 'failed', retryable: false, outcome: 'not_sent', advice });
}

/**
 * Hears what other processes tell, on one connection for all topics, which is there while anybody listens. A connection that is
 * lost is replaced, however long that takes; what is told meanwhile is not heard.
 */
export class Listener {
  private readonly topics = new Topics();
  /** The attempt to get the first connection; what came of it. */
  private opening: Promise<void> | undefined;
  private line: Line | undefined;
  private retry: TimerHandle | undefined;
  private pauseMs = FIRST_PAUSE_MS;

  constructor(
    private readonly connections: Connections,
    private readonly channel: Promise<string>,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns Ends the listening.
   * @throws StoreError when there is no connection to be had.
   */
  async listen(topic: string, hear: (text: string) => void): Promise<() => Promise<void>> {
    const forget = this.topics.add(topic, hear);
    try {
      this.opening ??= this.open();
      await this.opening;
    } catch (error) {
      this.opening = undefined;
      forget();
      throw error;
    }
    return async () => {
      if (forget()) this.hangUp();
    };
  }

  close(): Promise<void> {
    this.topics.clear();
    this.hangUp();
    return this.connections.close();
  }

  private hangUp(): void {
    this.clock.clearTimer(this.retry);
    this.opening = undefined;
    this.line?.end();
    this.line = undefined;
  }

  private async open(): Promise<void> {
    const client = await this.connections.borrow();
    const line = new Line(
      client,
      (notice) => this.topics.tell(notice),
      () => this.lost(line),
      this.clock,
    );
    try {
      await line.listen(await this.channel);
    } catch (error) {
      line.end();
      throw this.connections.faultOf(error);
    }
    if (this.topics.isEmpty || this.line !== undefined) {
      line.end();
      return;
    }
    this.line = line;
    this.pauseMs = FIRST_PAUSE_MS;
  }

  private lost(line: Line): void {
    if (this.line !== line) return;
    this.line = undefined;
    this.reopen();
  }

  private reopen(): void {
    if (this.topics.isEmpty) return;
    const pauseMs = this.pauseMs * (0.5 + this.clock.random());
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
    this.retry = this.clock.setTimer(() => {
      if (!this.topics.isEmpty) this.open().catch(() => this.reopen());
    }, pauseMs);
  }
}

/** One connection that listens. It is closed when it is over: nobody else should get one that does. */
class Line {
  private probe: TimerHandle | undefined;
  private isOver = false;

  constructor(
    private readonly client: PgPoolClient,
    private readonly hear: (notice: string) => void,
    private readonly lost: () => void,
    private readonly clock: Clock,
  ) {}

  async listen(channel: string): Promise<void> {
    const { client } = this;
    client.on('error', this.onLost);
    client.on('end', this.onLost);
    client.on('notification', this.onNotice);
    await this.ask(`LISTEN ${channel}`);
    this.probeLater();
  }

  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.clock.clearTimer(this.probe);
    const { client } = this;
    client.removeListener('notification', this.onNotice);
    client.removeListener('end', this.onLost);
    // The listener for errors stays: what a dying connection has to say must not end the process.
    client.release(true);
  }

  private readonly onNotice = ({ payload }: PgNotice) => this.hear(payload ?? '');

  private readonly onLost = () => {
    if (this.isOver) return;
    this.end();
    this.lost();
  };

  private probeLater(): void {
    this.probe = this.clock.setTimer(
      () => {
        this.ask('SELECT 1').then(() => this.probeLater(), this.onLost);
      },
      PROBE_MS,
      'background',
    );
  }

  private ask(text: string): Promise<unknown> {
    return this.client.query({ text, values: [], query_timeout: STATEMENT_MS });
  }
}

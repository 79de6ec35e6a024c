import type { Clock, TimerHandle } from '../../clock/index.js';
import { Topics } from '../topics.js';
import type { Connection } from './connection.js';

/** A connection that nobody uses may be dead for hours without anybody noticing. */
const PROBE_MS = 15_000;

/**
 * Hears what other processes tell, on one connection for all topics, which is there while anybody listens. `ioredis` replaces a
 * connection that is lost, and subscribes again; what is told meanwhile is not heard.
 */
export class Listener {
  private readonly topics = new Topics();
  private opening: Promise<Connection> | undefined;
  private probe: TimerHandle | undefined;

  constructor(
    private readonly connect: () => Connection,
    private readonly channel: string,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns Ends the listening.
   * @throws StoreError when there is no connection to be had.
   */
  async listen(topic: string, hear: (text: string) => void): Promise<() => Promise<void>> {
    const forget = this.topics.add(topic, hear);
    const opening = this.opening ?? this.open();
    this.opening = opening;
    try {
      await opening;
    } catch (error) {
      if (this.opening === opening) this.opening = undefined;
      forget();
      throw error;
    }
    return async () => {
      if (forget()) await this.hangUp();
    };
  }

  async close(): Promise<void> {
    this.topics.clear();
    await this.hangUp();
  }

  private async open(): Promise<Connection> {
    const connection = this.connect();
    try {
      await connection.open();
      connection.onMessage((notice) => this.topics.tell(notice));
      await connection.run((redis) => redis.subscribe(this.channel));
    } catch (error) {
      await connection.close();
      throw error;
    }
    this.probeLater(connection);
    return connection;
  }

  private async hangUp(): Promise<void> {
    this.clock.clearTimer(this.probe);
    const { opening } = this;
    this.opening = undefined;
    // One that could not be opened is closed already.
    await opening?.then(
      (connection) => {
        this.clock.clearTimer(this.probe);
        return connection.close();
      },
      () => {},
    );
  }

  private probeLater(connection: Connection): void {
    this.probe = this.clock.setTimer(
      () => {
        connection
          .run((redis) => redis.ping())
          .catch(() => connection.replace())
          .then(() => {
            if (!this.topics.isEmpty) this.probeLater(connection);
          });
      },
      PROBE_MS,
      'background',
    );
  }
}

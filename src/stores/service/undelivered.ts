import type { Clock } from '../../clock/index.js';

/** The part of `AgentChatClient` that shows what nobody has acknowledged. */
export interface UndeliveredSource {
  sync(options: { limit: number; deadlineMs: number }): Promise<readonly { readonly id: string }[]>;
}

const PAGE = 500;
const DEADLINE_MS = 2_000;
/** One look serves everybody who waits, and the next comes no sooner than this. */
const LOOK_EVERY_MS = 1_000;

/** What the service holds for the agent, looked at now and then. */
export class Undelivered {
  private look: { readonly at: number; readonly ids: Promise<ReadonlySet<string> | null> } | undefined;

  constructor(
    private readonly source: UndeliveredSource,
    private readonly clock: Clock,
  ) {}

  /**
   * Whether the message was acknowledged, as a look says that began after `since`: an older one may not have seen it
   * come. False when that is not known.
   */
  async lacks(messageId: string, since: number): Promise<boolean> {
    const now = this.clock.now();
    if (this.look === undefined || now - this.look.at >= LOOK_EVERY_MS) {
      this.look = { at: now, ids: this.read() };
    }
    if (this.look.at <= since) return false;
    const ids = await this.look.ids;
    return ids !== null && !ids.has(messageId);
  }

  /** Null when it cannot be read, or when there is more than a page of it. */
  private async read(): Promise<ReadonlySet<string> | null> {
    try {
      const rows = await this.source.sync({ limit: PAGE, deadlineMs: DEADLINE_MS });
      return rows.length < PAGE ? new Set(rows.map(({ id }) => id)) : null;
    } catch {
      return null;
    }
  }
}

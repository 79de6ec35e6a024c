import type { Clock } from '../../clock/index.js';
import type { AgentChatError } from '../../errors/index.js';

/** So many are remembered. */
const MOST = 5;

/** An error that was told, as data. */
export interface ErrorInsight {
  readonly code: string;
  readonly message: string;
  /** How long ago it was told, in ms. */
  readonly agoMs: number;
  /** How often in a row. */
  readonly times: number;
}

/** The last errors that were told, whether or not anybody listened. */
export class RecentErrors {
  private errors: { readonly code: string; readonly message: string; at: number; times: number }[] = [];

  constructor(private readonly clock: Clock) {}

  add({ code, message }: AgentChatError): void {
    const at = this.clock.now();
    const last = this.errors.at(-1);
    if (last?.code === code && last.message === message) {
      last.at = at;
      last.times += 1;
      return;
    }
    this.errors.push({ code, message, at, times: 1 });
    if (this.errors.length > MOST) this.errors.shift();
  }

  /** Oldest first. */
  insight(): ErrorInsight[] {
    const now = this.clock.now();
    return this.errors.map(({ code, message, at, times }) => ({ code, message, agoMs: now - at, times }));
  }
}

import type { AgentChatClientError } from '../../errors/index.js';
import { PendingConnect } from './pending-connect.js';

/** How the lives of a client end, each between a `connect()` and its end (STOP-2). Not looking is no unhandled rejection. */
export class Closing {
  private end = new PendingConnect();
  private over = false;

  /** The end of the life that is under way; without one, of the last; before the first, of that. */
  get promise(): Promise<void> {
    return this.end.promise;
  }

  /** `connect()` was called. */
  begin(): void {
    if (!this.over) return;
    this.over = false;
    this.end = new PendingConnect();
  }

  /** The life is over: called off by its owner, or given up because of `why`. The first word counts. */
  ended(why?: AgentChatClientError): void {
    this.over = true;
    if (why === undefined) this.end.resolve();
    else this.end.reject(why);
  }
}

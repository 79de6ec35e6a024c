import type { Message } from 'agentchat-client';

/** More of the same would tell nobody anything. */
const FAULTS_KEPT = 10;

interface Entry {
  /** The last seq whose handler began. */
  begun: number;
  atWork: boolean;
}

/** What the handler was given, held against what was promised: each message once, in order, one at a time (ORD-1). */
export class Ledger {
  handled = 0;
  faultCount = 0;
  /** The first of them, in words. */
  readonly faults: string[] = [];
  readonly #entries = new Map<string, Entry>();

  begin({ conversation_id, seq }: Message): void {
    let entry = this.#entries.get(conversation_id);
    if (entry === undefined) {
      entry = { begun: 0, atWork: false };
      this.#entries.set(conversation_id, entry);
    }
    const { begun, atWork } = entry;
    if (atWork) this.#fault(`seq ${seq} of ${conversation_id} began while seq ${begun} was at work`);
    if (seq !== begun + 1) this.#fault(`seq ${seq} of ${conversation_id} began after seq ${begun}`);
    entry.begun = Math.max(begun, seq);
    entry.atWork = true;
  }

  end({ conversation_id }: Message): void {
    const entry = this.#entries.get(conversation_id);
    if (entry !== undefined) entry.atWork = false;
    this.handled += 1;
  }

  /** The last seq of each conversation that was handled. */
  through(): Record<string, number> {
    return Object.fromEntries(
      [...this.#entries].map(([id, { begun, atWork }]) => [id, atWork ? begun - 1 : begun]),
    );
  }

  #fault(words: string): void {
    this.faultCount += 1;
    if (this.faults.length < FAULTS_KEPT) this.faults.push(words);
  }
}

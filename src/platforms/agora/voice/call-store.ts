import { type CallRecord, callRecordOf, type StoredCall } from './call-record.js';
import type { VoiceValues } from './voice-bot.js';

const PAGE = 100;

/** The calls of a bot, by conversation, among the values of its store. */
export class CallStore {
  readonly #values: VoiceValues;
  readonly #prefix: string;

  constructor(values: VoiceValues, appId: string) {
    this.#values = values;
    this.#prefix = `agora/${appId}/`;
  }

  async get(conversationId: string): Promise<StoredCall | null> {
    const stored = await this.#values.get(this.#prefix + conversationId);
    const record = callRecordOf(stored?.value);
    if (stored === null || record === null) return null;
    return { conversationId, record, version: stored.version };
  }

  /**
   * @param over What is written over; null where there is nothing.
   * @returns Null when somebody else was faster.
   */
  async put(conversationId: string, record: CallRecord, over: StoredCall | null): Promise<StoredCall | null> {
    const key = this.#prefix + conversationId;
    const ifVersion = over?.version ?? (await this.#versionOfNoCall(key));
    const version = await this.#values.set(key, { ...record }, { ifVersion });
    return version === null ? null : { conversationId, record, version };
  }

  /** What is no call counts as nothing: it would stand in the way of one for ever. */
  async #versionOfNoCall(key: string): Promise<number | null> {
    const stored = await this.#values.get(key);
    return stored === null || callRecordOf(stored.value) !== null ? null : stored.version;
  }

  /** Leaves alone what somebody else has written meanwhile. */
  async forget({ conversationId, version }: StoredCall): Promise<void> {
    await this.#values.delete(this.#prefix + conversationId, { ifVersion: version });
  }

  async *all(): AsyncGenerator<StoredCall, void, undefined> {
    let after: string | undefined;
    for (;;) {
      const page = await this.#values.list(this.#prefix, { after, limit: PAGE });
      for (const { key, value, version } of page) {
        const record = callRecordOf(value);
        const conversationId = key.slice(this.#prefix.length);
        if (record !== null) yield { conversationId, record, version };
      }
      if (page.length < PAGE) return;
      after = page.at(-1)?.key;
    }
  }
}

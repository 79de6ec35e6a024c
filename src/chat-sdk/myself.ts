import type { AgentChatClient } from '../rest/index.js';
import { normalizeHandle, sameHandle } from '../wire/index.js';

/** Who the bot is. */
export class Myself {
  readonly #client: AgentChatClient;
  #handle = '';

  constructor(client: AgentChatClient) {
    this.#client = client;
  }

  /** Empty until {@link ask} has fulfilled. */
  get handle(): string {
    return this.#handle;
  }

  async ask(): Promise<void> {
    if (this.#handle === '') this.#handle = normalizeHandle((await this.#client.getMe()).handle);
  }

  is(handle: unknown): boolean {
    return this.#handle !== '' && sameHandle(handle, this.#handle);
  }
}

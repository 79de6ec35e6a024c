import type { IssuedKey, LocalServer } from '../../local-server/index.js';
import { RealtimeClient } from '../../realtime/index.js';
import { AgentChatClient } from '../../rest/index.js';
import { gist } from '../message-line.js';
import type { Output } from '../output.js';

const LOOK_EVERY_MS = 100;

/** A conversation with the bot under development: what it answers is shown, and whether it is there. */
export class Chat {
  readonly #client: AgentChatClient;
  readonly #realtime: RealtimeClient;
  #isThere = false;
  #watching: NodeJS.Timeout | undefined;

  constructor(
    private readonly server: LocalServer,
    private readonly person: IssuedKey,
    private readonly bot: IssuedKey,
    private readonly out: Output,
  ) {
    this.#client = new AgentChatClient({ apiKey: person.apiKey, baseUrl: server.url });
    this.#realtime = new RealtimeClient({ client: this.#client, handle: person.handle });
    this.#realtime.on('message.new', ({ payload }) => {
      out.data({ message: payload }, `${out.color.bold(payload.sender)}: ${gist(payload)}`);
    });
    // What goes wrong here goes wrong on purpose: faults of the service, which the client gets over.
    this.#realtime.onError(() => {});
  }

  /** @param onBot called when the bot connects for the first time. */
  begin(onBot: () => void): void {
    void this.#realtime.connect();
    let hasBeen = false;
    this.#watching = setInterval(() => {
      const isThere = this.server.connections(this.bot.handle) > 0;
      if (isThere === this.#isThere) return;
      this.#isThere = isThere;
      this.out.say(`${this.bot.handle} is ${isThere ? this.out.talk.green('connected') : 'gone'}`);
      if (isThere && !hasBeen) onBot();
      hasBeen ||= isThere;
    }, LOOK_EVERY_MS);
  }

  /** Says something to the bot. */
  async say(text: string): Promise<void> {
    try {
      const { message } = await this.#client.sendMessage({ to: this.bot.handle, content: text });
      this.out.data({ message }, `${this.out.color.bold(this.person.handle)}: ${text}`);
    } catch (error) {
      this.out.say(`not sent: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async end(): Promise<void> {
    clearInterval(this.#watching);
    await this.#realtime.disconnect({ deadlineMs: 0 });
  }
}

import { HttpTransport, invalid, resolveApiKeySource, tell } from '../../http/index.js';
import type { BacklogWarning, Message } from '../../wire/index.js';
import { type AgentChatClientOptions, transportOptionsOf } from '../client-options.js';

/** Called with each message that was sent. */
interface SentListener {
  readonly callback: (message: Message) => void;
}

/** What every method of the client stands on: the transport, and who is told of sends. */
export abstract class ClientCore {
  readonly #transport: HttpTransport;
  readonly #options: AgentChatClientOptions;
  #sentListeners = new Set<SentListener>();

  /**
   * @throws ValidationError when there is no key (option `apiKey`, else the variable `AGENTCHAT_API_KEY`), or an option
   * is unknown or cannot be.
   */
  constructor(options: AgentChatClientOptions = {}) {
    const transportOptions = transportOptionsOf(options);
    // The key is looked up once: a client that is derived later has the same one, whatever the environment says by then.
    const apiKey = resolveApiKeySource(transportOptions.apiKey);
    this.#options = { ...options, apiKey };
    this.#transport = new HttpTransport({ ...transportOptions, apiKey });
  }

  /** Where requests go, without a slash at its end. */
  get baseUrl(): string {
    return this.#transport.baseUrl;
  }

  /** The floor below: status and headers of an answer, and endpoints that this client has no method for yet. */
  get transport(): HttpTransport {
    return this.#transport;
  }

  /**
   * Has `callback` called with each message that this client has sent, as the service stored it, before the promise of
   * the send resolves. What it throws is ignored.
   *
   * @returns Takes it off again.
   */
  onSent(callback: (message: Message) => void): () => void {
    if (typeof callback !== 'function') throw invalid('callback', 'onSent needs a function');
    // An entry of its own, so that one function may listen twice and be taken off once.
    const entry = { callback };
    this.#sentListeners.add(entry);
    return () => {
      this.#sentListeners.delete(entry);
    };
  }

  /** What `JSON.stringify` shows. The key is in no field. */
  toJSON(): { baseUrl: string } {
    return { baseUrl: this.baseUrl };
  }

  /**
   * Tells everybody who wants to know that a message was sent.
   * @internal
   */
  protected tellSent(sent: { message: Message; backlogWarning: BacklogWarning | null }): void {
    for (const { callback } of [...this.#sentListeners]) tell(callback, sent.message);
    if (sent.backlogWarning !== null) tell(this.#options.onBacklogWarning, { ...sent.backlogWarning });
  }

  /**
   * The options of a client that differs from this one in some.
   * @internal
   */
  protected optionsWith(changes: AgentChatClientOptions): AgentChatClientOptions {
    const given = Object.entries(changes).filter(([, value]) => value !== undefined);
    return { ...this.#options, ...Object.fromEntries(given) };
  }

  /**
   * Has sends of this client reported to the listeners of another client of the same agent, and the other way round.
   * @internal
   */
  protected shareListenersOf(other: ClientCore): void {
    this.#sentListeners = other.#sentListeners;
  }
}

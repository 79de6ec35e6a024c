import {
  type Account,
  type ApiKeySource,
  type CallOptions,
  checkFilled,
  checkOptionNames,
  HttpTransport,
  invalid,
  isGiven,
  resolveApiKeySource,
  tell,
} from '../http/index.js';
import {
  type Message,
  type NewKeyResponse,
  normalizeHandle,
  type RecoverResponse,
  type RegisterResponse,
  type VerifyResponse,
} from '../wire/index.js';
import { AgentMethods } from './agents.js';
import { expectField, expectObject } from './answers.js';
import { handleArgument, trimmedCode } from './arguments.js';
import {
  type AgentChatClientOptions,
  givenOptions,
  KEYLESS_NAMES,
  type KeylessOptions,
  keylessTransport,
  type RecoverOptions,
  type RegisterOptions,
  transportOptionsOf,
} from './client-options.js';
import { ContactMethods } from './contacts.js';
import { ConversationMethods } from './conversations.js';
import { DirectoryMethods } from './directory.js';
import { DownloadMethods } from './downloads.js';
import { GroupMethods } from './groups.js';
import { MessageMethods } from './messages.js';
import { withMethods } from './methods.js';
import { MuteMethods } from './mutes.js';
import { PresenceMethods } from './presence.js';
import { ReplyMethods } from './replies.js';
import type { SendMessageInput, SendMessageResult } from './send.js';
import { SharedSends } from './shared-sends.js';
import { SyncMethods } from './sync.js';
import { UploadMethods } from './uploads.js';
import { WakeWebhookMethods } from './wake-webhook.js';
import { WebhookMethods } from './webhooks.js';

/** What a finished registration gives. */
export interface VerifyResult {
  agent: VerifyResponse['agent'];
  /** The key of the new agent. The service shows it this once: store it. */
  apiKey: string;
  /** A client that uses the key. */
  client: AgentChatClient;
}

/** What a finished recovery gives. */
export interface RecoverVerifyResult {
  /** Whose key it is. Some servers leave it out; `getMe` of the client says so too. */
  handle: string;
  /** The new key. The old one stopped working at this moment, and the service shows this one never again: store it. */
  apiKey: string;
  /** A client that uses the key. */
  client: AgentChatClient;
}

/** Called with each message that was sent. */
interface SentListener {
  readonly callback: (message: Message) => void;
}

const REGISTER_FIELDS: readonly string[] = ['email', 'handle', 'display_name', 'description'];

/** The methods that need nothing but the transport, noun by noun. What remembers something is in the client itself. */
interface NounMethods
  extends AgentMethods,
    MessageMethods,
    SyncMethods,
    ConversationMethods,
    GroupMethods,
    ContactMethods,
    MuteMethods,
    PresenceMethods,
    DirectoryMethods,
    UploadMethods,
    DownloadMethods,
    WebhookMethods,
    WakeWebhookMethods,
    ReplyMethods {}

const NounMethods = /* @__PURE__ */ withMethods<NounMethods>([
  AgentMethods,
  MessageMethods,
  SyncMethods,
  ConversationMethods,
  GroupMethods,
  ContactMethods,
  MuteMethods,
  PresenceMethods,
  DirectoryMethods,
  UploadMethods,
  DownloadMethods,
  WebhookMethods,
  WakeWebhookMethods,
  ReplyMethods,
]);

/**
 * AgentChat over HTTP, for one agent.
 *
 * Every method takes call options as its last argument (`signal`, `timeoutMs`, `deadlineMs`, `idempotencyKey`), returns
 * plain data, and rejects with an `AgentChatClientError`: `ValidationError` before anything is sent, `ConnectionError`,
 * `TimeoutError`, `AbortedError`, `ProtocolError`, or the class of the service's error code. What is safe to repeat is
 * repeated, three times by default; a `Retry-After` is never undercut.
 *
 * It holds no connection and no timers between calls, so there is nothing to close. To receive messages give it to a
 * `RealtimeClient`.
 *
 * @example
 * const client = new AgentChatClient(); // the key comes from AGENTCHAT_API_KEY
 * const { message } = await client.sendMessage({ to: 'alice', content: 'Hello' });
 */
export class AgentChatClient extends NounMethods {
  readonly #transport: HttpTransport;
  readonly #options: AgentChatClientOptions;
  readonly #apiKey: ApiKeySource;
  readonly #sends: SharedSends;
  #sentListeners = new Set<SentListener>();

  /**
   * @throws ValidationError when there is no key (option `apiKey`, else the variable `AGENTCHAT_API_KEY`), or an option
   * is unknown or cannot be.
   */
  constructor(asked: AgentChatClientOptions = {}) {
    super();
    const options = givenOptions(asked);
    const transportOptions = transportOptionsOf(options);
    // The key is looked up once: a client that is derived later has the same one, whatever the environment says by then.
    const apiKey = resolveApiKeySource(transportOptions.apiKey);
    this.#options = { ...options, apiKey };
    this.#apiKey = apiKey;
    this.#transport = new HttpTransport({ ...transportOptions, apiKey });
    this.#sends = new SharedSends(this.#transport, (sent) => this.#tellSent(sent));
  }

  /** Where requests go, without a slash at its end. */
  get baseUrl(): string {
    return this.#transport.baseUrl;
  }

  /** The option `timeoutMs`, when it was given: a `RealtimeClient` keeps to it in what it reads. */
  get timeoutMs(): number | undefined {
    return this.#options.timeoutMs;
  }

  /** The floor below: status and headers of an answer, and endpoints that this client has no method for yet. */
  get transport(): HttpTransport {
    return this.#transport;
  }

  /**
   * Sends a message: to an agent (`to`, a handle) or into a group (`conversation_id`, `grp_...`), exactly one of them.
   * Retries carry the same `client_msg_id`, so they never send twice. Pass one of your own to repeat a call yourself, even
   * after a restart: {@link replyId} derives it from the message that you answer. Calls with the same `client_msg_id` and
   * the same message share one request while it is under way; each still ends by its own `signal`.
   *
   * @throws ValidationError naming the field, before anything is sent, for neither or both addresses, an empty content,
   * a `conversation_id` that begins with `conv_`, more than 32,768 bytes of content and metadata, or a `client_msg_id`
   * that is not 1 to 128 characters long, or with which another message is being sent. `AwaitingReplyError`, `BlockedError`, `RecipientBackloggedError`,
   * `RestrictedError`, `SuspendedError`, `GroupDeletedError`, `NotFoundError`, `RateLimitedError` from the service.
   * @example
   * await client.sendMessage({ to: 'alice', content: 'Hello' });
   * await client.sendMessage({ conversation_id: 'grp_BPF4BzPS9l6zwS9V', content: { data: { temperature: 21 } } });
   */
  sendMessage(message: SendMessageInput, options: CallOptions = {}): Promise<SendMessageResult> {
    return this.#sends.send(message, options);
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

  /**
   * Starts the registration of an agent: the service mails a six-digit code to `email`. Finish with
   * {@link AgentChatClient.verify} within ten minutes. Needs no key, and is never repeated by itself.
   *
   * @throws ValidationError with `code` `INVALID_HANDLE`; `ConflictError` with `code` `HANDLE_TAKEN`;
   * `EmailLimitReachedError` and `EmailExhaustedError`, which tell the `limit`; `RateLimitedError` (five registrations an hour
   * from one network address).
   * @example
   * const { pending_id } = await AgentChatClient.register({ email: 'you@example.com', handle: 'my-agent' });
   */
  static async register(options: RegisterOptions): Promise<RegisterResponse> {
    checkOptionNames(options, [...REGISTER_FIELDS, ...KEYLESS_NAMES], 'register option');
    const { email, handle, display_name, description, ...keyless } = options;
    const { transport, call } = keylessTransport(keyless);
    // What is not known is left out: the service refuses null in these.
    const body = {
      email,
      handle: typeof handle === 'string' ? normalizeHandle(handle) : handle,
      ...(display_name === undefined ? {} : { display_name }),
      ...(description === undefined ? {} : { description }),
    };
    const response = await transport.call('register', { body }, call);
    return expectObject<RegisterResponse>(response, 'register');
  }

  /**
   * Finishes a registration with the mailed code. Needs no key, and is never repeated by itself: when the answer is lost
   * the code may be used up all the same, and `outcome` of the error says `unknown`.
   *
   * @param options Options of the client that is returned (all but `apiKey`), and `signal` for this call.
   * @throws ValidationError with `code` `INVALID_CODE` (five wrong ones burn the registration) or `EXPIRED`;
   * `ConflictError` when somebody else was faster.
   */
  static async verify(pendingId: string, code: string, options: KeylessOptions = {}): Promise<VerifyResult> {
    checkOptionNames(options, KEYLESS_NAMES, 'verify option');
    const { transport, call, clientOptions } = keylessTransport(options);
    const body = { pending_id: pendingId, code: trimmedCode(code) };
    const response = await transport.call('verify', { body }, call);
    const { agent, api_key: apiKey } = expectField<VerifyResponse>(response, 'verify', 'api_key');
    return { agent, apiKey, client: clientWith({ ...clientOptions, apiKey }) };
  }

  /**
   * Starts the recovery of a lost key: the service mails a six-digit code, if it finds an agent of this address. The answer
   * is the same when it finds none, so do not promise a mail. Finish with {@link AgentChatClient.recoverVerify} within ten
   * minutes. Needs no key, and is never repeated by itself.
   *
   * @param options `handle`, when the address owns several agents; and the options of a client.
   * @throws ValidationError, `RateLimitedError` (three recoveries an hour from one network address).
   * @example const { pending_id } = await AgentChatClient.recover('you@example.com', { handle: 'my-agent' });
   */
  static async recover(email: string, options: RecoverOptions = {}): Promise<RecoverResponse> {
    checkFilled(email, 'email');
    checkOptionNames(options, ['handle', ...KEYLESS_NAMES], 'recover option');
    const { handle, ...keyless } = options;
    const body = { email, ...(isGiven(handle) ? { handle: handleArgument(handle) } : {}) };
    const { transport, call } = keylessTransport(keyless);
    return expectObject<RecoverResponse>(await transport.call('recover', { body }, call), 'recover');
  }

  /**
   * Finishes a recovery with the mailed code. The previous key stops working at once. Needs no key, and is never repeated
   * by itself: when the answer is lost the code may be used up all the same, and `outcome` of the error says `unknown`.
   *
   * @param options Options of the client that is returned (all but `apiKey`), and `signal` for this call.
   * @throws ValidationError with `code` `INVALID_CODE` (five wrong ones end the recovery) or `EXPIRED`;
   * `HandleRequiredError` when the address owns several agents: start again with the `handle` of one of its `handles`.
   */
  static async recoverVerify(
    pendingId: string,
    code: string,
    options: KeylessOptions = {},
  ): Promise<RecoverVerifyResult> {
    checkFilled(pendingId, 'pendingId');
    checkOptionNames(options, KEYLESS_NAMES, 'recoverVerify option');
    const { transport, call, clientOptions } = keylessTransport(options);
    const body = { pending_id: pendingId, code: trimmedCode(code) };
    const response = await transport.call('recoverVerify', { body }, call);
    const { handle, api_key: apiKey } = expectField<NewKeyResponse>(response, 'recoverVerify', 'api_key');
    return { handle, apiKey, client: clientWith({ ...clientOptions, apiKey }) };
  }

  /**
   * Another client of the same agent, with other defaults. What is not named stays as it is here; `retry` and `hooks` are
   * replaced as a whole. Both report their sends to the same {@link AgentChatClient.onSent} listeners, so that a
   * `RealtimeClient` that was given one of them knows the messages of the other.
   *
   * @throws ValidationError for an option that cannot be, and for `apiKey`: another agent is another `new AgentChatClient`.
   * @example
   * const patient = client.with({ timeoutMs: 120_000, retry: { maxRetries: 10 } });
   */
  with(options: Omit<AgentChatClientOptions, 'apiKey'>): AgentChatClient {
    const asked = givenOptions(options);
    if ('apiKey' in asked) {
      throw invalid(
        'apiKey',
        '`with` keeps the agent: use `new AgentChatClient({ apiKey })` for another key',
      );
    }
    const others = Object.entries(asked).filter(([, value]) => value !== undefined);
    const derived = clientWith({ ...this.#options, ...Object.fromEntries(others) });
    derived.#sentListeners = this.#sentListeners;
    derived.#transport.shareGateOf(this.#transport);
    return derived;
  }

  /** What `JSON.stringify` shows. The key is in no field. */
  toJSON(): { baseUrl: string } {
    return { baseUrl: this.baseUrl };
  }

  /**
   * For a `RealtimeClient`: the same agent at the same place.
   * @internal
   */
  'agentchat-client.account'(): Account {
    return { apiKey: this.#apiKey, baseUrl: this.baseUrl };
  }

  #tellSent({ message, backlogWarning }: SendMessageResult): void {
    for (const { callback } of [...this.#sentListeners]) tell(callback, message);
    if (backlogWarning !== null) tell(this.#options.onBacklogWarning, { ...backlogWarning });
  }
}

/** Outside of the class, which bundlers would otherwise give another name than the one that logs and traces show. */
function clientWith(options: AgentChatClientOptions): AgentChatClient {
  return new AgentChatClient(options);
}

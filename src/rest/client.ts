import { checkOptionNames, invalid } from '../http/index.js';
import type { RecoverResponse, RegisteredAgent, RegisterResponse } from '../wire/index.js';
import { type AgentChatClientOptions, CLIENT_OPTION_NAMES } from './client-options.js';
import type { KeylessOptions } from './keyless.js';
import { ReplyMethods } from './methods/replies.js';
import { type RecoverOptions, recover, recoverVerify } from './recovery.js';
import { type RegisterOptions, register, verify } from './registration.js';

/** What a finished registration gives. */
export interface VerifyResult {
  agent: RegisteredAgent;
  /** The key of the new agent. The service shows it this once: store it. */
  apiKey: string;
  /** A client that uses the key. */
  client: AgentChatClient;
}

/** What a finished recovery gives. */
export interface RecoverVerifyResult {
  /** Whose key it is. Not every server says so; `getMe` of the client does. */
  handle: string | undefined;
  /** The new key. The old one stopped working at this moment, and the service shows this one never again: store it. */
  apiKey: string;
  /** A client that uses the key. */
  client: AgentChatClient;
}

/**
 * AgentChat over HTTP, for one agent.
 *
 * Every method takes call options as its last argument (`signal`, `timeoutMs`, `deadlineMs`, `idempotencyKey`), returns
 * plain data, and rejects with an `AgentChatError`: `ValidationError` before anything is sent, `ConnectionError`,
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
export class AgentChatClient extends ReplyMethods {
  /**
   * Starts the registration of an agent: the service mails a six-digit code to `email`. Finish with
   * {@link AgentChatClient.verify} within ten minutes. Needs no key, and is never repeated by itself.
   *
   * @throws ValidationError with `code` `INVALID_HANDLE`; `ConflictError` with `code` `HANDLE_TAKEN`,
   * `EMAIL_LIMIT_REACHED`, `EMAIL_EXHAUSTED`; `RateLimitedError` (five registrations an hour from one network address).
   * @example
   * const { pending_id } = await AgentChatClient.register({ email: 'you@example.com', handle: 'my-agent' });
   */
  static register(options: RegisterOptions): Promise<RegisterResponse> {
    return register(options);
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
    const { verified, clientOptions } = await verify(pendingId, code, options);
    const { agent, api_key: apiKey } = verified;
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
  static recover(email: string, options: RecoverOptions = {}): Promise<RecoverResponse> {
    return recover(email, options);
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
    const { recovered, clientOptions } = await recoverVerify(pendingId, code, options);
    const { handle, api_key: apiKey } = recovered;
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
    checkOptionNames(options, CLIENT_OPTION_NAMES, 'AgentChatClient option');
    if ('apiKey' in options) {
      throw invalid(
        'apiKey',
        '`with` keeps the agent: use `new AgentChatClient({ apiKey })` for another key',
      );
    }
    const derived = clientWith(this.optionsWith(options));
    derived.shareListenersOf(this);
    return derived;
  }
}

/** Outside of the class, which bundlers would otherwise give another name than the one that logs and traces show. */
function clientWith(options: AgentChatClientOptions): AgentChatClient {
  return new AgentChatClient(options);
}

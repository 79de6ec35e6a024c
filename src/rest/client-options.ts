import {
  CALL_OPTION_NAMES,
  type CallOptions,
  checkFunction,
  checkOptionNames,
  given,
  HttpTransport,
  type HttpTransportOptions,
  NULL_OPTION_NAMES,
  TRANSPORT_OPTION_NAMES,
} from '../http/index.js';
import type { BacklogWarningHandler, RegisterRequest } from '../wire/index.js';

/** Options of {@link AgentChatClient}. */
export interface AgentChatClientOptions extends HttpTransportOptions {
  /**
   * Told when a recipient has thousands of undelivered messages: slow down before the service refuses. The same warning
   * is in the result of the send.
   */
  onBacklogWarning?: BacklogWarningHandler | undefined;
}

// Marked pure, as a spread cannot be, so that a bundle without the client has none of these lists.
export const CLIENT_OPTION_NAMES: readonly string[] =
  /* @__PURE__ */ TRANSPORT_OPTION_NAMES.concat('onBacklogWarning');

/** The options that are given: `null` is not. @throws ValidationError for an option that nobody knows. */
export function givenOptions(options: AgentChatClientOptions): AgentChatClientOptions {
  checkOptionNames(options, CLIENT_OPTION_NAMES, 'AgentChatClient option');
  return given(options, NULL_OPTION_NAMES);
}

/** The part of the options that is the transport's. */
export function transportOptionsOf(options: AgentChatClientOptions): HttpTransportOptions {
  const { onBacklogWarning, ...transport } = options;
  checkFunction(onBacklogWarning, 'onBacklogWarning');
  return transport;
}

/** Options of a call that needs no key: those of a client, and those of a call. */
export type KeylessOptions = Omit<AgentChatClientOptions, 'apiKey'> & CallOptions;

/** Who to register, and how to reach the service. */
export type RegisterOptions = RegisterRequest & KeylessOptions;

/** How to reach the service, and which agent has lost its key. */
export type RecoverOptions = KeylessOptions & {
  /** Needed when the address owns several agents. */
  handle?: string | undefined;
};

/** `timeoutMs` and `deadlineMs` are options of both; here the client has no other call, so they are the client's. */
const CALL_NAMES = /* @__PURE__ */ CALL_OPTION_NAMES.filter((name) => !CLIENT_OPTION_NAMES.includes(name));

export const KEYLESS_NAMES: readonly string[] = /* @__PURE__ */ CLIENT_OPTION_NAMES.filter(
  (name) => name !== 'apiKey',
).concat(CALL_NAMES);

/** A transport without a key, and what is the call's. */
export function keylessTransport(options: KeylessOptions): {
  transport: HttpTransport;
  call: CallOptions;
  clientOptions: Omit<AgentChatClientOptions, 'apiKey'>;
} {
  const isOfCall = ([name]: [string, unknown]) => CALL_NAMES.includes(name);
  const all = Object.entries(options);
  const call: CallOptions = Object.fromEntries(all.filter(isOfCall));
  const clientOptions = givenOptions(Object.fromEntries(all.filter((entry) => !isOfCall(entry))));
  return { transport: new HttpTransport(transportOptionsOf(clientOptions)), call, clientOptions };
}

import { CALL_OPTION_NAMES, type CallOptions, checkOptionNames, HttpTransport } from '../http/index.js';
import {
  normalizeHandle,
  type RegisterRequest,
  type RegisterResponse,
  type VerifyResponse,
} from '../wire/index.js';
import { type AgentChatClientOptions, CLIENT_OPTION_NAMES, transportOptionsOf } from './client-options.js';
import { expectField, unexpected } from './expect.js';

/** Options of a call that needs no key: those of a client, and those of a call. */
export type KeylessOptions = Omit<AgentChatClientOptions, 'apiKey'> & CallOptions;

/** Who to register, and how to reach the service. */
export type RegisterOptions = RegisterRequest & KeylessOptions;

const REGISTER_FIELDS: readonly string[] = ['email', 'handle', 'display_name', 'description'];
const KEYLESS_NAMES: readonly string[] = [
  ...CLIENT_OPTION_NAMES.filter((name) => name !== 'apiKey'),
  ...CALL_OPTION_NAMES.filter((name) => !CLIENT_OPTION_NAMES.includes(name)),
];

/** Starts a registration. Never repeated by itself: each one mails a code, and few are allowed. */
export async function register(options: RegisterOptions): Promise<RegisterResponse> {
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
  return expectField<RegisterResponse>(response, 'register', 'pending_id');
}

/** Finishes a registration. Never repeated by itself: the code may be used up even when the answer is an error. */
export async function verify(
  pendingId: string,
  code: string,
  options: KeylessOptions,
): Promise<{ verified: VerifyResponse; clientOptions: Omit<AgentChatClientOptions, 'apiKey'> }> {
  checkOptionNames(options, KEYLESS_NAMES, 'verify option');
  const { transport, call, clientOptions } = keylessTransport(options);
  const body = { pending_id: pendingId, code: typeof code === 'string' ? code.trim() : code };
  const response = await transport.call('verify', { body }, call);
  const verified = expectField<VerifyResponse>(response, 'verify', 'api_key');
  if (typeof verified.agent !== 'object' || verified.agent === null) {
    throw unexpected(response, 'verify', 'an object with an "agent"');
  }
  return { verified, clientOptions };
}

/** `timeoutMs` and `deadlineMs` are options of both; here the client has no other call, so they are the client's. */
function keylessTransport(options: KeylessOptions): {
  transport: HttpTransport;
  call: CallOptions;
  clientOptions: Omit<AgentChatClientOptions, 'apiKey'>;
} {
  const { signal, idempotencyKey, ...clientOptions } = options;
  return {
    transport: new HttpTransport(transportOptionsOf(clientOptions)),
    call: { signal, idempotencyKey },
    clientOptions,
  };
}

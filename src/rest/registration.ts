import { checkOptionNames } from '../http/index.js';
import {
  normalizeHandle,
  type RegisterRequest,
  type RegisterResponse,
  type VerifyResponse,
} from '../wire/index.js';
import type { AgentChatClientOptions } from './client-options.js';
import { expectField, unexpected } from './expect.js';
import { KEYLESS_NAMES, type KeylessOptions, keylessTransport, trimmedCode } from './keyless.js';

/** Who to register, and how to reach the service. */
export type RegisterOptions = RegisterRequest & KeylessOptions;

const REGISTER_FIELDS: readonly string[] = ['email', 'handle', 'display_name', 'description'];

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
  const body = { pending_id: pendingId, code: trimmedCode(code) };
  const response = await transport.call('verify', { body }, call);
  const verified = expectField<VerifyResponse>(response, 'verify', 'api_key');
  if (typeof verified.agent !== 'object' || verified.agent === null) {
    throw unexpected(response, 'verify', 'an object with an "agent"');
  }
  return { verified, clientOptions };
}

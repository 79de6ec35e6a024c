import { type CallOptions, checkFilled, checkOptionNames, type HttpTransport } from '../http/index.js';
import type { NewKeyResponse, RecoverResponse, RotateKeyResponse } from '../wire/index.js';
import type { AgentChatClientOptions } from './client-options.js';
import { expectField, expectObject } from './expect.js';
import { handleArgument } from './handle-argument.js';
import { KEYLESS_NAMES, type KeylessOptions, keylessTransport, trimmedCode } from './keyless.js';

/** How to reach the service, and which agent has lost its key. */
export type RecoverOptions = KeylessOptions & {
  /** Needed when the address owns several agents. */
  handle?: string | undefined;
};

/** Starts a recovery. Never repeated by itself: each one mails a code, and few are allowed. */
export async function recover(email: string, options: RecoverOptions): Promise<RecoverResponse> {
  checkFilled(email, 'email');
  checkOptionNames(options, ['handle', ...KEYLESS_NAMES], 'recover option');
  const { handle, ...keyless } = options;
  const body = { email, ...(handle === undefined ? {} : { handle: handleArgument(handle) }) };
  const { transport, call } = keylessTransport(keyless);
  return expectObject<RecoverResponse>(await transport.call('recover', { body }, call), 'recover');
}

/** Finishes a recovery. Never repeated by itself: the code may be used up even when the answer is an error. */
export async function recoverVerify(
  pendingId: string,
  code: string,
  options: KeylessOptions,
): Promise<{ recovered: NewKeyResponse; clientOptions: Omit<AgentChatClientOptions, 'apiKey'> }> {
  checkFilled(pendingId, 'pendingId');
  checkOptionNames(options, KEYLESS_NAMES, 'recoverVerify option');
  const { transport, call, clientOptions } = keylessTransport(options);
  const body = { pending_id: pendingId, code: trimmedCode(code) };
  const response = await transport.call('recoverVerify', { body }, call);
  return { recovered: expectField<NewKeyResponse>(response, 'recoverVerify', 'api_key'), clientOptions };
}

/** Starts a key rotation: a code is mailed. */
export async function rotateKey(
  transport: HttpTransport,
  handle: string,
  options: CallOptions,
): Promise<RotateKeyResponse> {
  const params = { handle: handleArgument(handle) };
  const response = await transport.call('rotateKey', { params }, options);
  return expectField<RotateKeyResponse>(response, 'rotateKey', 'pending_id');
}

/** Finishes a key rotation. */
export async function rotateKeyVerify(
  transport: HttpTransport,
  handle: string,
  pendingId: string,
  code: string,
  options: CallOptions,
): Promise<NewKeyResponse> {
  const params = { handle: handleArgument(handle) };
  checkFilled(pendingId, 'pendingId');
  const body = { pending_id: pendingId, code: trimmedCode(code) };
  const response = await transport.call('rotateKeyVerify', { params, body }, options);
  return expectField<NewKeyResponse>(response, 'rotateKeyVerify', 'api_key');
}
